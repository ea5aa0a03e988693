"""Paths: every point goes on from the last one's weights, until nothing is left to go on from."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from shutil import copytree
from typing import Any

import numpy as np
import pytest
from compiling import without_xla
from listeners import Interrupting, Notes
from planned import single_run, sweep_runs
from sklearn.linear_model import ElasticNet

from regcli.config.load import LoadedConfig, load_config
from regcli.config.schema import Regularization
from regcli.data.dataset import Splits
from regcli.errors import ConfigError, UsageError
from regcli.planning.populations import EngineChoice
from regcli.results.records import RunRecord, RunState
from regcli.store.store import Store, open_store
from regcli.store.store_weights import read_weights
from regcli.workflows.graph_training import train_as_sweep
from regcli.workflows.grid_sweep import run_single
from regcli.workflows.refit import plan_refit
from regcli.workflows.strength_path import (
    PathPlan,
    PathResult,
    _reached_layers,
    parse_values,
    run_path,
)
from regcli.workflows.workspace import Workspace

CONFIG = """\
name: six
dataset: {file: data.npz, test: 0, validation: 0.25, scale: none}
model: {layers: []}
regularization: {method: proximal}
training: {epochs: 15, batch_size: 100, optimizer: {name: sgd, learning_rate: 0.1}, polish: 0}
"""
VALUES = (0.3, 3.0, 5.0, 20.0, 40.0)
"""What six inputs with the weights 3, -2, 1, 0.5, 0, 0 have left: four, two, one, none, none."""
LEFT = [4, 2, 1, 0]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("paths")
    rng = np.random.default_rng(0)
    x = rng.standard_normal((80, 6)).astype(np.float32)
    y = 1 + x @ [3.0, -2.0, 1.0, 0.5, 0.0, 0.0] + 0.05 * rng.standard_normal(80)
    np.savez(folder / "data.npz", x=x, y=y.astype(np.float32))
    (folder / "six.yaml").write_text(CONFIG)
    return folder


def config_of(folder: Path, **values: Any) -> LoadedConfig:
    loaded = load_config(str(folder / "six.yaml"))
    return loaded.with_values({key.replace("__", "."): value for key, value in values.items()})


def splits_of(loaded: LoadedConfig) -> Splits:
    return single_run(loaded)[1]


def follow(
    loaded: LoadedConfig,
    store: Store,
    engine: EngineChoice = "keras",
    values: Sequence[float] | None = VALUES,
    notes: Notes | None = None,
    **options: Any,
) -> tuple[PathResult, Notes]:
    notes = notes or Notes()
    given = None if values is None else tuple(values)
    plan = PathPlan(**{"along": "l1", "values": given, "points": 4, **options})
    return run_path(loaded, plan, Workspace(store, notes, "cpu", engine)), notes


def strengths(records: Sequence[RunRecord]) -> list[float]:
    return [record.settings["l1"] for record in records]


def nonzero(records: Sequence[RunRecord]) -> list[int]:
    return [record.sparsity.nonzero for record in records if record.sparsity is not None]


def numbers(record: RunRecord) -> tuple[Any, ...]:
    """Everything that training gave."""
    return record.history, record.metrics, record.sparsity, record.optimality


def kernel(store: Store, record: RunRecord) -> np.ndarray:
    return np.asarray(read_weights(store, record.id)["output/kernel"], np.float64)


def assert_optimal(store: Store, record: RunRecord, splits: Splits) -> None:
    l1, l2 = record.settings["l1"], record.settings["l2"]
    x, y = splits.train.x.astype(np.float64), splits.train.y.astype(np.float64)
    alpha = l1 / 2 + l2
    model = ElasticNet(alpha, l1_ratio=l1 / 2 / alpha, tol=1e-12, max_iter=100_000).fit(x, y)
    w = model.coef_
    best = np.mean((model.predict(x) - y) ** 2) + l1 * np.abs(w).sum() + l2 * (w**2).sum()
    assert record.metrics["train"]["objective"] == pytest.approx(best, rel=1e-6)
    np.testing.assert_array_equal(kernel(store, record)[:, 0] != 0, w != 0)
    assert record.optimality is not None
    assert record.optimality.settled


@pytest.fixture(scope="module")
def first(folder: Path) -> Iterator[tuple[Store, PathResult, Notes]]:
    """The first time a path is followed, one model at a time."""
    with open_store(folder / "first") as store:
        result, notes = follow(config_of(folder), store)
    copytree(folder / "first", folder / "copy")
    with open_store(folder / "first") as store:
        yield store, result, notes


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "runs") as opened:
        yield opened


First = tuple[Store, PathResult, Notes]


# Where it goes and where it ends


@pytest.mark.slow
def test_a_path_goes_from_dense_to_empty_and_ends_there(first: First) -> None:
    store, result, notes = first
    records = result.points.records
    assert strengths(records) == list(VALUES[:4])
    assert nonzero(records) == LEFT
    assert notes.started == [record.id for record in records]
    assert result.points.sweep.name == "six, path along l1"
    assert len(result.points.sweep.run_ids) == len(VALUES)
    assert (result.points.interrupted, result.points.reused, result.refitted) == (False, 0, {})
    assert store.count() == 4
    origins = [record.parent for record in records]
    assert origins == [None, *(record.id for record in records[:-1])]


@pytest.mark.slow
def test_a_point_starts_where_the_last_one_ended(first: First) -> None:
    """Full batches: an epoch's loss is that of the weights it starts with."""
    _, result, _ = first
    for before, after in pairwise(result.points.records):
        assert after.history["data_loss"][0] == pytest.approx(
            before.metrics["train"]["data_loss"], rel=1e-5
        )


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["keras", "population"])
def test_following_it_again_trains_nothing(
    first: First, folder: Path, engine: EngineChoice
) -> None:
    store, result, _ = first
    again, notes = follow(config_of(folder), store, engine)
    assert again.points.records == result.points.records
    assert (notes.plans, notes.to_train) == ([(4, 4)], [0])
    assert (notes.started, notes.populations) == ([], [])


@pytest.mark.slow
def test_values_are_taken_from_small_to_large(first: First, folder: Path) -> None:
    store, result, _ = first
    again, notes = follow(config_of(folder), store, values=VALUES[::-1])
    assert (again.points.records, notes.started) == (result.points.records, [])


@pytest.mark.slow
def test_points_that_were_removed_are_trained_again_from_what_is_stored(
    first: First, folder: Path
) -> None:
    records = first[1].points.records
    with open_store(folder / "copy") as store:
        store.remove(record.id for record in records[2:])
        again, notes = follow(config_of(folder), store)
    assert (notes.plans, notes.started) == ([(5, 2)], [record.id for record in records[2:]])
    assert again.points.records[:2] == records[:2]
    assert list(map(numbers, again.points.records)) == list(map(numbers, records))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "left"), [({"max_nonzero": 2}, [2]), ({"max_inputs": 2}, [2])], ids=str
)
def test_it_ends_at_a_point_that_is_sparse_enough(
    options: dict[str, int], left: list[int], folder: Path, store: Store
) -> None:
    result, notes = follow(config_of(folder), store, values=VALUES[1:], **options)
    assert nonzero(result.points.records) == left
    assert len(notes.started) == len(left)


@pytest.mark.slow
def test_points_stored_behind_an_end_are_left_where_they_are(
    first: First, folder: Path, tmp_path: Path
) -> None:
    """Two weights are left at the second point, one at the third."""
    ids = [record.id for record in first[1].points.records]
    copytree(folder / "copy", tmp_path / "runs")
    with open_store(tmp_path / "runs") as store:
        short, notes = follow(config_of(folder), store, max_nonzero=2, refit=True)
        assert store.find(ids).keys() == set(ids)
    assert [record.id for record in short.points.records] == ids[:2]
    assert (short.points.reused, short.points.missing) == (2, 0)
    assert list(short.refitted) == ids[:2]
    assert notes.plans == [(2, 2), (2, 0)]


@pytest.mark.slow
def test_an_interrupted_path_goes_on(first: First, folder: Path, store: Store) -> None:
    """Fifteen epochs a point: Ctrl-C comes in the second."""
    values, whole = VALUES[:2], first[1].points.records[:2]
    result, _ = follow(config_of(folder), store, values=values, notes=Interrupting(epochs=20))
    assert (result.points.interrupted, store.count()) == (True, 2)
    states = [record.state for record in result.points.records]
    assert states == [RunState.FINISHED, RunState.INTERRUPTED]
    again, notes = follow(config_of(folder), store, values=values)
    assert notes.plans == [(2, 1)]
    assert list(map(numbers, again.points.records)) == list(map(numbers, whole))


@pytest.mark.slow
def test_a_path_ends_where_all_that_its_strength_reaches_is_zero(
    folder: Path, store: Store
) -> None:
    """A group's strength reaches the first kernel alone; the output layer's is never empty."""
    loaded = config_of(
        folder,
        model__layers=[{"Dense": {"units": 2}}],
        training__epochs=2,
        regularization__group="inputs",
        regularization__group_strength=1.0,
    )
    result, _ = follow(loaded, store, along="group_strength", values=(500.0, 600.0))
    (record,) = result.points.records
    assert record.sparsity is not None
    assert [layer.nonzero for layer in record.sparsity.layers] == [0, 2]


@pytest.mark.parametrize(
    ("changes", "along", "expected"),
    [
        ({}, "l1", None),
        ({"model__layers": [{"Dense": {"units": 2, "l2": 0.1}}]}, "l1", None),
        ({"model__layers": [{"Dense": {"units": 2, "l1": 0.1}}]}, "l1", {"output"}),
        ({"regularization__layers": ["output"]}, "l2", {"output"}),
    ],
    ids=str,
)
def test_layers_that_a_path_s_strength_reaches(
    changes: dict[str, Any], along: Any, expected: set[str] | None, folder: Path
) -> None:
    run, splits = single_run(config_of(folder, **changes))
    assert _reached_layers(run, splits, along) == expected


@pytest.mark.slow
def test_a_path_ends_where_it_diverges(folder: Path, store: Store) -> None:
    loaded = config_of(folder, training__optimizer__learning_rate=1e20)
    result, notes = follow(loaded, store)
    assert [record.state for record in result.points.records] == [RunState.DIVERGED]
    assert len(notes.started) == 1


@pytest.mark.slow
def test_without_values_its_optima_end_at_the_largest_useful_strength(
    folder: Path, store: Store
) -> None:
    loaded = config_of(folder, training__polish=2000)
    result, _ = follow(loaded, store, values=None, points=2)
    part = splits_of(loaded).train
    x, y = part.x.astype(np.float64), part.y.astype(np.float64)
    largest = 2 * np.abs(x.T @ (y - y.mean())).max() / len(x)
    found = strengths(result.points.records)
    assert found == pytest.approx([largest / 1000, largest], rel=1e-4)
    assert nonzero(result.points.records) == [6, 0]
    for record in result.points.records:
        assert_optimal(store, record, splits_of(loaded))


# Refitting


@pytest.mark.slow
def test_refitted_points_keep_their_support_and_fit_better(first: First, folder: Path) -> None:
    store, points, _ = first
    result, notes = follow(config_of(folder), store, refit=True)
    assert result.points.records == points.points.records
    assert notes.plans == [(4, 4), (3, 0)]
    assert list(result.refitted) == [record.id for record in result.points.records[:3]]
    for record in result.points.records[:3]:
        assert_refitted(store, record, result.refitted[record.id])
    again, silence = follow(config_of(folder), store, refit=True)
    assert (again.refitted, silence.started) == (result.refitted, [])


def assert_refitted(store: Store, record: RunRecord, refitted: RunRecord) -> None:
    chosen = {"l1": 0.0, "l2": 0.0, "method": "penalty"}
    assert refitted.settings == {**record.settings, **chosen}
    np.testing.assert_array_equal(kernel(store, refitted) != 0, kernel(store, record) != 0)
    assert refitted.metrics["train"]["penalty"] == 0
    assert (refitted.metrics["train"]["data_loss"] or 0) < (
        record.metrics["train"]["data_loss"] or 0
    )


@pytest.mark.slow
def test_a_refit_of_one_layer_is_the_best_fit_on_its_columns(folder: Path, store: Store) -> None:
    loaded = config_of(folder, training__polish=2000)
    result, _ = follow(loaded, store, refit=True)
    part = splits_of(loaded).train
    x, y = part.x.astype(np.float64), part.y.astype(np.float64)
    assert len(result.refitted) >= 2
    for record in result.points.records[: len(result.refitted)]:
        refitted = result.refitted[record.id]
        columns = np.column_stack([x[:, kernel(store, record)[:, 0] != 0], np.ones(len(x))])
        coefficients, *_ = np.linalg.lstsq(columns, y, rcond=None)
        best = float(((columns @ coefficients - y) ** 2).mean())
        assert refitted.metrics["train"]["data_loss"] == pytest.approx(best, rel=1e-6)
        assert refitted.optimality is not None
        assert refitted.optimality.settled


@pytest.mark.slow
def test_zeros_are_kept_however_training_ends(first: First, folder: Path) -> None:
    """Polish would let weights off zero again."""
    store, result, _ = first
    record = result.points.records[1]
    base, _ = single_run(config_of(folder, training__polish=20, regularization__l1=0.01))
    run = base.following(record.id, base.config, base.settings, keep_zeros=True)
    (found,) = train_as_sweep([run], "", Workspace(store, Notes(), "cpu", "keras")).records
    np.testing.assert_array_equal(kernel(store, found) != 0, kernel(store, record) != 0)


SHRINKING: dict[str, Any] = {
    "model__layers": [
        {"Dense": {"units": 4, "l1": 0.1, "l2": 0.2, "bias_regularizer": {"L2": {"l2": 0.1}}}},
        {"BatchNormalization": {"gamma_regularizer": "l1_l2", "beta_constraint": "non_neg"}},
        {"TimeDistributed": {"layer": {"Dense": {"units": 2, "bias_regularizer": "l1"}}, "l1": 1}},
        {"Dense": {"units": 3, "activity_regularizer": "l1"}},
        {"Dense": {"units": 2, "kernel_regularizer": "orthogonal_regularizer"}},
        {"ActivityRegularization": {"l2": 0.1}},
    ],
    "regularization": {
        "l1": 0.1,
        "l2": 0.1,
        "layers": ["dense"],
        "bias": {"l1": 0.1},
        "group": "inputs",
        "group_strength": 0.1,
        "method": "proximal",
    },
    "training__optimizer": {"name": "adamw", "weight_decay": 0.1},
}
FREED = [
    {"Dense": {"units": 4}},
    {"BatchNormalization": {"beta_constraint": "non_neg"}},
    {"TimeDistributed": {"layer": {"Dense": {"units": 2}}}},
    {"Dense": {"units": 3, "activity_regularizer": "l1"}},
    {"Dense": {"units": 2, "kernel_regularizer": "orthogonal_regularizer"}},
    {"ActivityRegularization": {"l2": 0.1}},
]


def test_a_refit_has_no_strength_on_any_layer(folder: Path) -> None:
    loaded = config_of(folder, **SHRINKING)
    vary = {"regularization.group_strength": [0.3], "model.layers.0.Dense.l1": [0.5]}
    (base,) = sweep_runs(loaded.with_values({"sweep.vary": vary}))
    refit = plan_refit(base)
    assert (refit.parent, refit.keep_zeros, refit.data) == (base.id, True, base.data)
    assert refit.config.resolved() == {
        **base.config.resolved(),
        "model": {"layers": FREED},
        "regularization": Regularization().model_dump(exclude_none=True),
    }
    assert refit.settings == {
        "l1": 0,
        "l2": 0,
        "regularization.group": None,
        "regularization.group_strength": 0,
        "model.layers.0.Dense.l1": 0,
        "seed": 0,
        "fold": None,
        "method": "penalty",
    }


# Against other solvers, and trainer against trainer


@pytest.fixture(scope="module")
def chains(folder: Path) -> Iterator[tuple[Store, PathResult, Notes, LoadedConfig]]:
    """Two seeds and two l2 together, each point polished."""
    loaded = config_of(folder, sweep={"l2": [0, 0.1], "seeds": 2}, training__polish=2000)
    with open_store(folder / "chains") as store:
        with without_xla():
            followed = follow(loaded, store, "population", refit=True)
        yield store, *followed, loaded


Chains = tuple[Store, PathResult, Notes, LoadedConfig]


@pytest.mark.slow
def test_seeds_and_other_strengths_are_chains_of_one_population(chains: Chains) -> None:
    _, result, notes, _ = chains
    records = result.points.records
    assert notes.plans[0] == (20, 0)
    assert notes.populations[0] == 20
    assert {record.engine for record in records} == {"population"}
    chosen = [(r.settings["l2"], r.settings["seed"], r.settings["l1"]) for r in records]
    expected = [(l2, seed, l1) for l2 in (0, 0.1) for seed in (0, 1) for l1 in VALUES[:4]]
    assert chosen == expected
    origins = [record.parent for record in records]
    for place, record in enumerate(records):
        last = record.settings["l1"] == VALUES[3]
        assert last == (record.id not in origins)
        assert origins[place] == (records[place - 1].id if place % 4 else None)


@pytest.mark.slow
def test_points_of_a_population_are_the_optima_that_scikit_learn_finds(chains: Chains) -> None:
    store, result, _, loaded = chains
    for record in result.points.records:
        assert_optimal(store, record, splits_of(loaded))


@pytest.mark.slow
def test_a_population_refits_as_the_reference_trainer_does(chains: Chains) -> None:
    store, result, notes, _ = chains
    left = [record for record in result.points.records if record.settings["l1"] < VALUES[3]]
    assert (notes.plans[1], notes.populations[1]) == ((12, 0), 12)
    assert set(result.refitted) == {record.id for record in left}
    for record in left:
        assert_refitted(store, record, result.refitted[record.id])


@pytest.mark.slow
def test_both_trainers_follow_the_same_path_through_a_net(folder: Path, tmp_path: Path) -> None:
    """The population is interrupted in its second point, and goes on."""
    loaded = config_of(
        folder,
        model__layers=[{"Dense": {"units": 5, "activation": "tanh"}}],
        training__batch_size=20,
        training__epochs=4,
        training__optimizer={"name": "adam", "learning_rate": 0.02},
    )
    values = (0.01, 0.1)
    with open_store(tmp_path / "keras") as store:
        apart, _ = follow(loaded, store, values=values)
        theirs = [read_weights(store, record.id) for record in apart.points.records]
    with open_store(tmp_path / "population") as store:
        stopped = Interrupting(epochs=6)
        result, _ = follow(loaded, store, "population", values, stopped)
        assert (result.points.interrupted, strengths(result.points.records)) == (True, [0.01])
        together, notes = follow(loaded, store, "population", values)
        assert (notes.plans, notes.populations) == ([(2, 1)], [1])
        for record, weights in zip(together.points.records, theirs, strict=True):
            assert record.engine == "population"
            ours = read_weights(store, record.id)
            for name, numbers_of in weights.items():
                np.testing.assert_allclose(ours[name], numbers_of, rtol=0, atol=1e-4, err_msg=name)


DIGITS = """\
dataset: {name: digits}
model:
  layers:
    - Dense: {units: 64, activation: relu}
    - Dense: {units: 32, activation: relu}
regularization: {method: proximal}
training: {epochs: 40, optimizer: {name: adam, learning_rate: 1e-3}, polish: 0}
"""


@pytest.mark.slow
def test_a_net_keeps_on_a_path_what_it_loses_from_its_start(tmp_path: Path, store: Store) -> None:
    (tmp_path / "digits.yaml").write_text(DIGITS)
    loaded = load_config(str(tmp_path / "digits.yaml"))
    values = (0.001, 0.003, 0.01, 0.02)
    result, _ = follow(loaded, store, "population", values)
    strongest = result.points.records[-1]
    assert strengths(result.points.records) == list(values)
    cold = loaded.with_values({"regularization.l1": values[-1]})
    started = run_single(cold, Workspace(store, Notes(), "cpu", "keras")).record
    assert (strongest.metrics["test"]["accuracy"] or 0.0) >= 0.93
    assert (started.metrics["test"]["accuracy"] or 0.0) < 0.6
    (left,) = nonzero([strongest])
    assert left < 400


# What is refused


PENALTIES = {
    "method: penalty": "4:26",
    "l1: 0}\nsweep: {vary: {method: [proximal, penalty]}": "5:24",
}


@pytest.mark.parametrize("regularization", PENALTIES)
def test_a_path_of_penalties_is_refused_with_its_place(
    regularization: str, folder: Path, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    given = CONFIG.replace("method: proximal", regularization)
    Path("six.yaml").write_text(given.replace("data.npz", str(folder / "data.npz")))
    with pytest.raises(ConfigError) as refused:
        follow(load_config("six.yaml"), store)
    assert refused.value.problems == (
        f"six.yaml:{PENALTIES[regularization]}: regularization.method: must be proximal or left "
        "out for a path: penalty gives no exact zeros, got 'penalty'",
    )
    assert store.count() == 0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("0.1,x", "must be numbers or ranges, like 0,0.01 or log:1e-5:1e-1:9, got the text 'x'"),
        ("0.1,-1", "must be at least 0, got -1"),
        ("1,1", "must not name a value twice, got 1 again"),
        (
            "auto:9",
            "must be numbers or ranges; for auto, leave the values out, got 'auto:9'",
        ),
    ],
)
def test_values_that_are_no_strengths(text: str, message: str) -> None:
    with pytest.raises(UsageError) as refused:
        parse_values(text)
    assert str(refused.value) == message


def test_along_a_group_s_strength_there_must_be_groups(folder: Path, store: Store) -> None:
    with pytest.raises(ConfigError) as refused:
        follow(config_of(folder), store, along="group_strength", values=(0.1,))
    (problem,) = refused.value.problems
    assert problem.endswith(
        "regularization: group_strength requires group: inputs or group: units; got 0.1 without "
        "group"
    )


def test_an_interrupt_while_points_are_refitted_is_told(folder: Path, store: Store) -> None:
    follow(config_of(folder), store)
    result, _ = follow(config_of(folder), store, notes=Interrupting(2), refit=True)
    assert not result.points.interrupted
    assert result.ended.interrupted
