"""`auto` grids: the largest useful strength, by formula or by trial, found once."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from listeners import Notes
from planned import OneSplit, single_run
from scipy.optimize import minimize_scalar

from regcli.config.grid import auto_range
from regcli.config.load import LoadedConfig, load_config
from regcli.errors import ConfigError
from regcli.store.store import Store, open_store
from regcli.workflows.grid_sweep import run_sweep
from regcli.workflows.largest_strength import largest_useful, with_numbers, with_placeholders
from regcli.workflows.workspace import Workspace

NET = """\
dataset: {name: iris}
model:
  layers:
    - Dense: {units: 5, activation: tanh}
regularization: {method: proximal}
training:
  epochs: 15
  optimizer: {name: adam, learning_rate: 0.02}
sweep: {l1: 'auto:3'}
"""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with open_store(tmp_path_factory.mktemp("strengths") / "runs") as opened:
        yield opened


def logistic(l1: object = "0,auto:4") -> LoadedConfig:
    """Columns between 0 and 1, so that the gradient of a weight depends on the bias."""
    return load_config("logistic").with_values(
        {
            "sweep.l1": l1,
            "regularization.method": "proximal",
            "training.epochs": 3,
            "dataset.scale": "minmax",
        }
    )


def net(folder: Path, text: str = NET) -> LoadedConfig:
    (folder / "net.yaml").write_text(text)
    return load_config(str(folder / "net.yaml"))


def nonzero_at(loaded: LoadedConfig, l1: list[float], store: Store) -> list[int]:
    chosen = loaded.with_values({"sweep.l1": l1})
    records = run_sweep(chosen, Workspace(store, Notes(), "cpu", "keras")).records
    return [record.sparsity.nonzero for record in records if record.sparsity is not None]


def find(loaded: LoadedConfig, store: Store) -> tuple[float, bool, list[str]]:
    notes = Notes()
    return *largest_useful(loaded, Workspace(store, notes, "cpu")), notes.texts


@pytest.mark.slow
def test_one_dense_layer_has_a_formula(store: Store) -> None:
    """The gradient at zero weights with the bias fitted: max|Xᵀ(p − y)|/n, p the share of ones."""
    loaded = logistic()
    largest, is_exact, texts = find(loaded, store)
    part = single_run(loaded)[1].train
    x, y = part.x.astype(np.float64), part.y
    assert largest == pytest.approx(np.abs(x.T @ (y.mean() - y)).max() / len(x), rel=1e-4)
    assert is_exact
    assert texts == [
        f"largest useful l1 {largest:.6g}, by formula",
    ]
    at, below = nonzero_at(loaded, [largest, 0.99 * largest], store)
    assert at == 0
    assert below > 0


@pytest.mark.slow
@pytest.mark.parametrize("l2", [1e-9, 0.1])
def test_a_bias_with_a_strength_is_fitted_under_it(l2: float, store: Store) -> None:
    """b minimises the mean of log(1 + exp(b)) − y·b, plus l2·b²; only weights have to be held."""
    loaded = logistic().with_values({"regularization.bias": {"l2": l2}})
    part = single_run(loaded)[1].train
    x, y = part.x.astype(np.float64), part.y
    fitted = minimize_scalar(lambda b: np.log1p(np.exp(b)) - y.mean() * b + l2 * b**2)
    share = 1 / (1 + np.exp(-fitted.x))
    largest, is_exact, _ = find(loaded, store)
    assert largest == pytest.approx(np.abs(x.T @ (share - y)).max() / len(x), rel=1e-4)
    assert is_exact


@pytest.mark.slow
def test_what_was_found_is_not_looked_for_again(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    from regcli.training import largest as room

    found = find(logistic(), store)[0]

    def refuse(*_: Any) -> None:
        raise AssertionError("it trains")

    monkeypatch.setattr(room, "largest_strength", refuse)
    same = logistic("auto:9").with_values(
        {"regularization.l1": 0.5, "regularization.method": "penalty", "name": "other"}
    )
    assert find(same, store) == (found, True, [f"largest useful l1 {found:.6g}, by formula"])
    with pytest.raises(AssertionError, match="it trains"):
        find(logistic().with_values({"dataset.seed": 1}), store)


@pytest.mark.slow
def test_an_auto_grid_goes_from_the_largest_to_a_thousandth_of_it(store: Store) -> None:
    loaded = logistic()
    largest = find(loaded, store)[0]
    given = with_numbers(loaded, Workspace(store, Notes(), "cpu")).config.sweep.l1
    assert given == (0.0, *auto_range(largest, 4))
    numbers = logistic([0, 0.1])
    assert with_numbers(numbers, Workspace(store, Notes(), "cpu")) is numbers


@pytest.mark.slow
def test_a_net_s_largest_strength_is_found_by_trial(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from regcli.training import executor_choice

    monkeypatch.setattr(executor_choice, "usable_cores", lambda: 1)  # one program to compile
    loaded = net(tmp_path)
    largest, is_exact, texts = find(loaded, store)
    assert not is_exact
    assert texts[-1] == (
        f"largest useful l1 {largest:.6g}, found by training: no formula for this model"
    )
    at, third = nonzero_at(loaded, [largest, largest / 3], store)
    assert at == 0
    assert third > 0


@pytest.mark.slow
def test_a_trial_is_empty_where_all_that_l1_reaches_is(tmp_path: Path) -> None:
    """The output layer, which it does not reach, has weights left whatever the strength."""
    from regcli.training import largest as room
    from regcli.training.executors import Materials

    text = NET.replace("proximal}", "proximal, layers: hidden}").replace("15", "1\n  polish: 0")
    run, splits = single_run(net(tmp_path, text))
    materials = Materials("/CPU:0", OneSplit(splits))
    assert room._left_over(run, materials, [100.0], {"dense"}) == [0]


@pytest.mark.parametrize(
    "text",
    [
        NET.replace("proximal}", "proximal, layers: []}"),
        NET.replace("proximal}", "proximal, layers: [dense]}").replace("tanh}", "tanh, l1: 0}"),
    ],
    ids=["no layer is named", "the layer has its own"],
)
def test_an_l1_that_reaches_nothing_is_refused_before_training(
    text: str, store: Store, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError) as refused:
        with_numbers(net(tmp_path, text), Workspace(store, Notes(), "cpu"))
    (problem,) = refused.value.problems
    assert problem.endswith(
        "net.yaml:5:17: regularization: auto requires a kernel that regularization.l1 applies "
        "to, this model has none; name a layer in regularization.layers, remove a layer's own "
        "l1, or give numbers for l1"
    )


@pytest.mark.slow
def test_where_no_trial_is_empty_the_message_says_what_to_do(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from regcli.training import largest as room

    monkeypatch.setattr(room, "_left_over", lambda *_: [1] * 12)
    with pytest.raises(ConfigError) as refused:
        with_numbers(net(tmp_path, NET.replace("15", "14")), Workspace(store, Notes(), "cpu"))
    (problem,) = refused.value.problems
    assert re.search(
        r"net\.yaml:9:8: sweep\.l1: no l1 up to [0-9.]+ sets all weights to zero; train for "
        r"more epochs or with a higher learning rate, or give numbers for l1$",
        problem,
    )


@pytest.mark.slow
def test_trials_that_have_no_proximal_step_are_refused_with_the_place(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "lion.yaml").write_text(NET.replace("adam", "lion"))
    with pytest.raises(ConfigError) as refused:
        with_numbers(load_config("lion.yaml"), Workspace(store, Notes(), "cpu"))
    assert refused.value.problems == (
        "lion.yaml:8:14: training.optimizer: Lion has no proximal step; optimizers with one: "
        "SGD, Adam, AdamW, Nadam, RMSprop, Adagrad",
    )


def test_a_plan_can_be_checked_before_the_strength_is_known() -> None:
    """Strengths beside `auto` that are shares of one another, as people write them."""
    loaded = logistic("1,0.1,0.01,auto:4")
    numbers = with_placeholders(loaded).config.sweep.l1
    assert isinstance(numbers, tuple)
    assert (numbers[:3], len(numbers)) == ((1.0, 0.1, 0.01), 7)
    plain = logistic([0, 0.1])
    assert with_placeholders(plain) is plain


def test_what_is_wrong_with_a_sweep_is_said_before_its_strength_is_sought(store: Store) -> None:
    notes = Notes()
    loaded = logistic("auto:4").with_values({"sweep.vary": {"training.bogus": "1,2"}})
    with pytest.raises(ConfigError, match=r"training\.bogus: unknown key"):
        with_numbers(loaded, Workspace(store, notes, "cpu"))
    assert notes.texts == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("given", "varied"),
    [({"group": "inputs"}, "group_strength"), ({"group_strength": 0.1}, "group")],
)
def test_groups_that_a_sweep_varies_are_left_aside(
    given: dict[str, object], varied: str, store: Store
) -> None:
    values = {"group": ["inputs", "units"], "group_strength": [0, 0.1]}[varied]
    plain = logistic()
    grouped = plain.with_values(
        {
            "regularization": {"method": "proximal", **given},
            "sweep.vary": {f"regularization.{varied}": values},
        }
    )
    assert find(grouped, store)[:2] == find(plain, store)[:2]
