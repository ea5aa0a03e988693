"""Coefficients by column: the same function of the data, in scaled columns and in its own units."""

from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_diabetes, load_iris
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from regcli.results.coefficients import coefficients, is_linear
from regcli.results.records import (
    CENTER,
    WIDTH,
    DataSummary,
    LayerSparsity,
    RunRecord,
    RunState,
    Sparsity,
)


def a_run(layers: list[Any], shape: tuple[int, int], classes: tuple[str, ...] = ()) -> RunRecord:
    columns = tuple(f"x_{number}" for number in range(shape[0]))
    kernel = LayerSparsity(name="output", shape=shape, exact=0.0, near=0.0)
    return RunRecord(
        id="3fa9c1d2e0b4",
        name="linear",
        state=RunState.FINISHED,
        settings={},
        config={"model": {"layers": layers}},
        engine="keras",
        epochs=1,
        seconds=1.0,
        metrics={},
        sparsity=Sparsity(
            exact=0.0,
            near=0.0,
            threshold=1e-3,
            nonzero=1,
            total=1,
            active_inputs=None,
            live_units={},
            layers=(kernel,),
        ),
        data=DataSummary(
            source="rows.csv",
            fingerprint="f00",
            task="regression",
            rows={},
            input_shape=(shape[0],),
            columns=columns,
            classes=classes,
        ),
        created="2026-01-01T00:00:00+00:00",
    )


@pytest.mark.parametrize("scaler", [StandardScaler(), MinMaxScaler()])
def test_a_quantity_has_the_coefficients_of_least_squares_in_its_own_units(scaler: Any) -> None:
    x, y = load_diabetes(return_X_y=True, scaled=False)
    scaled = scaler.fit_transform(x)
    width = 1 / scaler.scale_ if isinstance(scaler, MinMaxScaler) else scaler.scale_
    center = scaler.data_min_ if isinstance(scaler, MinMaxScaler) else scaler.mean_
    fitted, plain = LinearRegression().fit(scaled, y), LinearRegression().fit(x, y)
    weights = {
        "output/kernel": fitted.coef_[:, np.newaxis],
        "output/bias": np.array([fitted.intercept_]),
        CENTER: center,
        WIDTH: width,
    }
    found = coefficients(a_run([], (10, 1)), weights)
    assert found is not None
    np.testing.assert_allclose(found.scaled[:, 0], fitted.coef_)
    np.testing.assert_allclose(found.original[:, 0], plain.coef_, rtol=1e-8)
    np.testing.assert_allclose(found.intercept, plain.intercept_, rtol=1e-8)
    assert found.outputs == ()


def test_those_of_a_scaled_logarithm_are_in_the_unit_of_the_logarithm() -> None:
    x, y = load_diabetes(return_X_y=True, scaled=False)
    scaler, logarithm = StandardScaler().fit(x), np.log(y)
    center, width = float(logarithm.mean()), float(logarithm.std())
    fitted = LinearRegression().fit(scaler.transform(x), (logarithm - center) / width)
    plain = LinearRegression().fit(x, logarithm)
    weights = {
        "output/kernel": fitted.coef_[:, np.newaxis],
        "output/bias": np.array([fitted.intercept_]),
        CENTER: scaler.mean_,
        WIDTH: scaler.scale_,
    }
    record = a_run([], (10, 1))
    assert record.data is not None
    done = {"log": True, "center": center, "width": width}
    data = record.data.model_copy(update={"target_transform": done})
    found = coefficients(record.model_copy(update={"data": data}), weights)
    assert found is not None
    assert found.of_log
    np.testing.assert_allclose(found.original[:, 0], plain.coef_, rtol=1e-8)
    np.testing.assert_allclose(found.intercept, plain.intercept_, rtol=1e-8)


def test_classes_have_theirs_by_name() -> None:
    x, y = load_iris(return_X_y=True)
    scaler = StandardScaler().fit(x)
    fitted = LogisticRegression().fit(scaler.transform(x), y)
    weights = {
        "output/kernel": fitted.coef_.T,
        "output/bias": fitted.intercept_,
        CENTER: scaler.mean_,
        WIDTH: scaler.scale_,
    }
    found = coefficients(a_run([], (4, 3), ("a", "b", "c")), weights)
    assert found is not None
    assert found.outputs == ("a", "b", "c")
    scores = fitted.decision_function(scaler.transform(x))
    np.testing.assert_allclose(x @ found.original + found.intercept, scores, atol=1e-9)


def test_of_two_classes_the_second_has_the_output() -> None:
    weights = {"output/kernel": np.ones((2, 1)), CENTER: np.zeros(2), WIDTH: np.ones(2)}
    found = coefficients(a_run([], (2, 1), ("no", "yes")), weights)
    assert found is not None
    assert found.outputs == ("yes",)
    assert found.intercept.tolist() == [0.0]


def test_weights_that_diverged_have_none() -> None:
    weights = {"output/kernel": np.full((2, 1), np.inf), CENTER: np.ones(2), WIDTH: np.ones(2)}
    assert coefficients(a_run([], (2, 1)), weights) is None


DENSE = {"Dense": {"units": 1}}


@pytest.mark.parametrize(
    ("layers", "linear"),
    [
        ([], True),
        ([DENSE], True),
        ([{"Dropout": {"rate": 0.5}}, DENSE], True),
        ([DENSE, {"Activation": {"activation": "sigmoid"}}], True),
        ([{"Activation": {"activation": "relu"}}, DENSE], False),
        (["UnitNormalization", DENSE], False),
        ([{"Rescaling": {"scale": 2.0}}, DENSE], False),
    ],
)
def test_only_one_dense_layer_on_the_columns_is_linear(layers: list[Any], linear: bool) -> None:
    named = [layer if isinstance(layer, dict) else {layer: {}} for layer in layers]
    assert is_linear(a_run(named, (2, 1))) is linear
