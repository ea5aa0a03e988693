"""What is done to a quantity before a model is trained on it, and undone after."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from regcli.config.dataset_section import Dataset
from regcli.config.target_keys import TargetColumn
from regcli.data.dataset import Splits, Table, Target
from regcli.data.sources import load_table
from regcli.data.splits import split
from regcli.data.target.target_transform import TargetTransform
from regcli.errors import DataError, ModelError

BOTH = {"log": True, "scale": "standard"}
amounts = st.lists(st.floats(2**-10, 1e6, width=32), min_size=2, max_size=30)


def splits_of(y: Any, **options: Any) -> Splits:
    rows = np.arange(len(y), dtype=np.float64)[:, None]
    table = Table.of("t.csv", rows, Target(np.asarray(y, np.float32), "regression", ()), ("row",))
    return split(table, Dataset(file="t.csv", **options))


@given(amounts, st.sampled_from([{"log": True}, {"scale": "standard"}, BOTH]))
def test_the_way_back_leads_to_the_same_values(values: list[float], done: dict[str, Any]) -> None:
    y = np.array(values, np.float32)
    transform = TargetTransform.fit(TargetColumn(**done), y)
    assert transform is not None
    again = TargetTransform.from_plain(json.loads(json.dumps(transform.as_plain())))
    assert again == transform
    np.testing.assert_allclose(again.invert(transform.apply(y)), y, rtol=1e-9, atol=1e-9)


@given(amounts)
def test_what_is_learnt_has_mean_0_and_deviation_1(values: list[float]) -> None:
    y = np.array(values, np.float32)
    transform = TargetTransform.fit(TargetColumn(**BOTH), y)
    assert transform is not None
    learnt = transform.apply(y)
    assert learnt.mean() == pytest.approx(0, abs=1e-6)
    assert learnt.std() == pytest.approx(1 if len(np.unique(y)) > 1 else 0, abs=1e-6)


def test_nothing_is_done_unless_asked() -> None:
    assert TargetTransform.fit(TargetColumn(column="y"), np.ones(3)) is None
    assert splits_of(np.arange(10), target="y").target_transform is None


@pytest.mark.parametrize("fold", [None, {"number": 1, "of": 3}])
def test_it_is_fitted_on_the_training_rows_alone(fold: dict[str, int] | None) -> None:
    """Rows of other parts may hold anything."""
    y = np.random.default_rng(0).lognormal(size=40)
    target = {"column": "y", **BOTH}
    given = splits_of(y, target=target, fold=fold)
    training = np.isin(np.float32(y), given.train.y)
    other = splits_of(np.where(training, y, 1e6 + np.arange(40)), target=target, fold=fold)
    assert other.target_transform == given.target_transform
    own = np.log(given.train.y.astype(np.float64))
    assert given.target_transform == TargetTransform(True, float(own.mean()), float(own.std()))


def test_a_prediction_that_is_too_large_is_infinite_and_warns_of_nothing() -> None:
    transform = TargetTransform(log=True, width=10.0)
    assert transform.invert(np.array([1e3, -1e3])).tolist() == [np.inf, 0.0]
    assert transform.apply(np.array([0.0])).tolist() == [-np.inf]


@pytest.mark.parametrize(
    ("transform", "formula", "inverse"),
    [
        (TargetTransform(True), "log(price)", "exp(z)"),
        (TargetTransform(False, 5.5, 2.0), "(price − 5.5) / 2", "5.5 + 2·z"),
        (TargetTransform(True, -1.0, 0.5), "(log(price) + 1) / 0.5", "exp(-1 + 0.5·z)"),
    ],
)
def test_formulas(transform: TargetTransform, formula: str, inverse: str) -> None:
    assert transform.formula("price") == formula
    assert transform.inverse_formula("z") == inverse


def test_a_logarithm_needs_values_above_0() -> None:
    with pytest.raises(DataError) as refused:
        splits_of([1, 2, 3, 0, 5, -1, 7, 8, 9, 10], target={"column": "y", "log": True})
    assert str(refused.value) == (
        "t.csv: the target must be above 0 in every row to have a logarithm, 2 of 10 rows are not, "
        "the first of them row 4 with 0; leave dataset.target.log out, or add a constant to the "
        "column"
    )


def test_classes_have_no_scale(tmp_path: Path) -> None:
    config = Dataset(name="iris", target=TargetColumn(scale="standard"))
    with pytest.raises(ModelError) as refused:
        split(load_table(config, tmp_path), config)
    assert refused.value.path == ("dataset", "target")
    assert refused.value.message == (
        "scale and log require a continuous target, this one has 3 classes; if it is a quantity, "
        "set dataset.task: regression"
    )
