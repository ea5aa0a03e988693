"""Groups of inputs follow a table's columns: by both trainers, to the optimum, in what is recorded.

The table has a category of five values, a number with gaps, dates and plain numbers.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from planned import OneSplit, run_of

from regcli.config.schema import Config
from regcli.data.dataset import Splits
from regcli.data.references import Datasets
from regcli.results.outcomes import Outcome
from regcli.training.devices import prepare_device
from regcli.training.executors import Materials
from regcli.training.largest import largest_strength

from .examples import Fit, a_config
from .populations import assert_same_weights, train_by_fit, train_together

Array = NDArray[np.float64]

GROUPS = (0, 1, 1, 1, 1, 1, 2, 2, 3, 3, 3, 3, 4, 5)
"""Of size, city (5 values), age and where it is missing, day (4 parts), weight, a noise column."""
OF_GROUP = np.array(GROUPS)
ROOTS = np.sqrt(np.bincount(OF_GROUP))
HIDDEN = {"Dense": {"units": 5, "activation": "tanh"}}
ROWS = 160


@pytest.fixture(scope="module")
def splits(tmp_path_factory: pytest.TempPathFactory) -> Splits:
    folder = tmp_path_factory.mktemp("table")
    rng = np.random.default_rng(1)
    city = rng.choice([*"ABCDE"], ROWS, p=[0.3, 0.25, 0.2, 0.15, 0.1])
    size, age, weight = rng.normal(size=(3, ROWS))
    days = np.datetime64("2021-01-01") + rng.integers(0, 900, ROWS)
    y = size + np.array([0.0, 1.5, -1.0, 0.5, 0.0])[np.searchsorted([*"ABCDE"], city)]
    y += 0.3 * rng.normal(size=ROWS)
    gaps = rng.random(ROWS) < 0.15
    lines = [
        f"{size[i]:.4f},{city[i]},{'' if gaps[i] else f'{age[i]:.4f}'},{days[i]},{weight[i]:.4f},"
        f"{y[i]:.4f}"
        for i in range(ROWS)
    ]
    (folder / "t.csv").write_text("\n".join(["size,city,age,day,weight,y", *lines]) + "\n")
    return Datasets().split(of_table().dataset, Path(folder))


def of_table(layers: Any = (), group_strength: float = 0.1, **sections: Any) -> Config:
    regularization = {"group": "inputs", "group_strength": group_strength, "method": "proximal"}
    regularization |= sections.pop("regularization", {})
    dataset = {
        "file": "t.csv",
        "target": "y",
        "types": {"day": "date"},
        "missing": {"age": "indicator"},
        "noise_features": 1,
    }
    return a_config(layers, dataset=dataset, regularization=regularization, **sections)


def norms_of(weights: Array) -> Array:
    """‖W_g‖ of each group, by rows of a kernel."""
    return np.array([np.linalg.norm(weights[g == OF_GROUP]) for g in range(len(ROOTS))])


def whole_groups(kernel: Array) -> list[bool]:
    """Which groups have weights; each has all of them or none."""
    parts = [(kernel[g == OF_GROUP] != 0) for g in range(len(ROOTS))]
    assert all(part.all() or not part.any() for part in parts)
    return [bool(part.all()) for part in parts]


def test_inputs_of_one_column_are_one_group(splits: Splits) -> None:
    assert splits.columns_of_inputs == GROUPS
    assert [splits.columns[place] for place in (0, 1, 5, 6, 7, 13)] == [
        *("size", "city=A", "city=E", "age", "age missing", "noise_0")
    ]


def empty_gradient(splits: Splits) -> Array:
    """Of the squared error, with all weights zero and the bias fitted, (inputs, 1)."""
    x, y = splits.train.x.astype(float), splits.train.y.astype(float)
    return np.asarray(x.T @ (2 * (y.mean() - y))[:, None] / len(y))


def test_all_is_zero_from_the_largest_group_strength_on_and_only_there(splits: Splits) -> None:
    top = float((norms_of(empty_gradient(splits)) / ROOTS).max())
    above = train_by_fit(of_table(group_strength=1.0005 * top), splits)
    below = train_by_fit(of_table(group_strength=0.999 * top), splits)
    assert (above.weights["output/kernel"] == 0).all()
    assert sum(whole_groups(below.weights["output/kernel"])) == 1


def test_the_largest_l1_beside_groups_is_sharp(splits: Splits) -> None:
    gradient, strength = empty_gradient(splits), 0.2
    materials = Materials(prepare_device("cpu"), OneSplit(splits))
    found = largest_strength(run_of("a", of_table(group_strength=strength)), materials)

    def is_empty(l1: float) -> bool:
        free = np.maximum(np.abs(gradient) - l1, 0)
        return bool((norms_of(free) <= strength * ROOTS).all())

    assert found.is_exact
    assert is_empty(found.strength)
    assert not is_empty(0.999 * found.strength)


@pytest.mark.parametrize("l1", [0.0, 0.02])
def test_one_layer_ends_where_the_optimum_s_conditions_hold(
    l1: float, splits: Splits, fit: Fit
) -> None:
    """Karush, Kuhn, Tucker: the gradient balances l1 and group·√p, or is below them at zero."""
    group = 0.12
    outcome = fit(of_table(group_strength=group, regularization={"l1": l1}), splits)
    w = outcome.weights["output/kernel"].astype(float)
    x, y = splits.train.x.astype(float), splits.train.y.astype(float)[:, None]
    gradient = x.T @ (2 * (x @ w + outcome.weights["output/bias"] - y)) / len(y)
    norms, is_zero = norms_of(w), []
    for g, root in enumerate(ROOTS):
        own, slope = w[g == OF_GROUP], gradient[g == OF_GROUP]
        is_zero.append(not norms[g])
        if not norms[g]:
            free = np.maximum(np.abs(slope) - l1, 0)
            assert np.linalg.norm(free) <= group * root
            continue
        pull = slope + group * root * own / norms[g]
        at_zero = np.maximum(np.abs(pull) - l1, 0)
        off = np.where(own != 0, np.abs(pull + l1 * np.sign(own)), at_zero)
        assert off.max() < 1e-5
    assert sorted(set(is_zero)) == [False, True]
    assert outcome.optimality is not None
    assert outcome.optimality.settled
    assert_penalty(outcome, {"output": (l1, group)})


def assert_penalty(outcome: Outcome, strengths: dict[str, tuple[float, float]]) -> None:
    """The recorded penalty is the formula on the first kernel."""
    ((name, (l1, group)),) = strengths.items()
    kernel = outcome.weights[f"{name}/kernel"].astype(float)
    expected = l1 * np.abs(kernel).sum() + group * (ROOTS * norms_of(kernel)).sum()
    assert outcome.metrics["train"]["penalty"] == pytest.approx(expected, rel=1e-6)


@pytest.mark.slow
def test_a_net_drops_whole_columns(splits: Splits, uncompiled_fit: Fit) -> None:
    training = {
        "epochs": 40,
        "polish": 0,
        "optimizer": {"name": "sgd", "learning_rate": 0.05},
    }
    outcome = uncompiled_fit(of_table([HIDDEN], 0.2, training=training), splits)
    whole = whole_groups(outcome.weights["dense/kernel"])
    assert 0 < sum(whole) < len(whole)
    assert outcome.sparsity is not None
    assert outcome.sparsity.active_inputs == np.bincount(OF_GROUP)[whole].sum()
    assert_penalty(outcome, {"dense": (0.0, 0.2)})


@pytest.mark.slow
@pytest.mark.parametrize("method", ["penalty", "proximal"])
def test_members_have_the_numbers_of_fit(method: str, splits: Splits) -> None:
    """Also those whose columns outnumber the units, so that a kernel is kept transposed."""
    for layers in ([HIDDEN], []):
        configs = [
            of_table(layers, strength, regularization={"method": method}, training={"polish": 0})
            for strength in (0.0, 0.05, 0.3)
        ]
        together = train_together(configs, splits)
        for config, ours in zip(configs, together, strict=True):
            theirs = train_by_fit(config, splits)
            assert_same_weights(ours, theirs, atol=2e-6)
            np.testing.assert_allclose(ours.history["loss"], theirs.history["loss"], rtol=2e-5)


@pytest.mark.slow
def test_the_polish_of_a_net_keeps_columns_whole(splits: Splits, fit: Fit) -> None:
    training = {"epochs": 3, "polish": 300}
    outcome = fit(of_table([HIDDEN], 0.1, training=training), splits)
    whole = whole_groups(outcome.weights["dense/kernel"])
    assert 0 < sum(whole) < len(whole)
    assert outcome.optimality is not None
    assert outcome.optimality.polish_steps > 0
