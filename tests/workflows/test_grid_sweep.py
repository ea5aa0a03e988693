"""From a config to stored runs: what is trained, what is reused, and what is kept."""

import json
import math
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from listeners import Interrupting, Notes
from planned import single_run, sweep_runs

from regcli.config.load import LoadedConfig, load_config
from regcli.data.references import Datasets
from regcli.data.sources import load_table
from regcli.errors import ConfigError, DeviceError, EngineError, StoreError
from regcli.exports.model_files import export_model
from regcli.planning.events import EpochsDone, Event
from regcli.planning.populations import EngineChoice
from regcli.results.records import RunRecord, RunState
from regcli.store.store import Store, open_store
from regcli.store.store_weights import read_weights
from regcli.workflows.graph_training import SweepResult
from regcli.workflows.grid_sweep import run_single, run_sweep
from regcli.workflows.workspace import Workspace

CONFIG = """\
name: tiny
dataset: {name: iris}
model:
  layers:
    - Dense: {units: 5, activation: tanh}
training: {epochs: 2, batch_size: 32}
"""
TENSOR_CONFIG = """\
dataset: {file: data.npz, scale: minmax}
model:
  layers:
    - Bidirectional: {layer: {LSTM: {units: 2, return_sequences: true}}}
    - TimeDistributed: {layer: {Dense: {units: 2}}}
    - TimeDistributed: {layer: {Dense: {units: 2}}}
    - BatchNormalization
    - Dropout: {rate: 0.1}
    - Flatten
training: {epochs: 1, batch_size: 16}
"""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "runs") as opened:
        yield opened


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def config_of(folder: Path, text: str = CONFIG, **values: Any) -> LoadedConfig:
    (folder / "tiny.yaml").write_text(text)
    loaded = load_config("tiny.yaml")
    for key, value in values.items():
        (folder / "tiny.yaml").write_text(text)
        overrides = [(tuple(key.split("__")), f"--set {key}", value)]
        loaded = load_config("tiny.yaml", overrides)
    return loaded


def sweep_of(folder: Path, sweep: str, text: str = CONFIG) -> LoadedConfig:
    return config_of(folder, text + f"sweep: {sweep}\n")


def train(
    loaded: LoadedConfig, store: Store, engine: EngineChoice = "keras"
) -> tuple[SweepResult, Notes]:
    notes = Notes()
    return run_sweep(loaded, Workspace(store, notes, "cpu", engine)), notes


def strengths(result: SweepResult) -> list[tuple[float, float, int]]:
    chosen = [record.settings for record in result.records]
    return [(settings["l1"], settings["l2"], settings["seed"]) for settings in chosen]


@pytest.mark.slow
def test_a_sweep_trains_its_grid_and_stores_it(folder: Path, store: Store) -> None:
    result, notes = train(sweep_of(folder, "{l1: '0,0.01', l2: '0,0.02'}"), store)
    assert notes.plans == [(4, 0)]
    assert (notes.to_train, notes.epochs) == ([8], 8)
    assert strengths(result) == [(0, 0, 0), (0, 0.02, 0), (0.01, 0, 0), (0.01, 0.02, 0)]
    assert [record.state for record in result.records] == [RunState.FINISHED] * 4
    assert (result.reused, result.missing, result.interrupted) == (0, 0, False)
    ids = tuple(record.id for record in result.records)
    assert len(set(ids)) == 4
    assert ids == result.sweep.run_ids == tuple(notes.started)
    assert store.find(ids) == {record.id: record for record in result.records}
    assert store.sweep(result.sweep.id) == result.sweep
    penalties = [record.metrics["train"]["penalty"] for record in result.records]
    assert penalties[0] == 0
    assert all(penalty is not None and penalty > 0.01 for penalty in penalties[1:])

    again, silence = train(sweep_of(folder, "{l1: '0,0.01', l2: '0,0.02'}"), store)
    assert silence.plans == [(4, 4)]
    assert (silence.started, silence.epochs, silence.ended) == ([], 0, [])
    assert again.records == result.records
    assert again.reused == 4
    assert again.sweep.id == result.sweep.id

    wider, new = train(sweep_of(folder, "{l1: '0,0.01', l2: '0,0.01,0.02'}"), store)
    assert new.plans == [(6, 4)]
    assert [record.settings["l2"] for record in new.ended] == [0.01, 0.01]
    assert [s[1] for s in strengths(wider)] == [0, 0.01, 0.02] * 2
    assert set(ids) < {record.id for record in wider.records}


def test_ids_follow_what_changes_the_numbers_and_nothing_else(folder: Path) -> None:
    def ids(loaded: LoadedConfig) -> list[str]:
        return [run.id for run in sweep_runs(loaded)]

    grid = ids(sweep_of(folder, "{l2: '0,0.01', seeds: 2}"))
    assert len(set(grid)) == 4
    assert ids(sweep_of(folder, "{l2: '0.01,0', seeds: 2}")) == grid[2:] + grid[:2]
    assert ids(config_of(folder, name="other")) == grid[:1]
    assert ids(config_of(folder, training__optimizer="adam")) == grid[:1]
    for key, value in {
        "training__epochs": 3,
        "training__batch_size": 16,
        "dataset__seed": 1,
        "dataset__scale": "minmax",
        "dataset__noise_features": 1,
        "regularization__layers": "hidden",
    }.items():
        (changed,) = ids(config_of(folder, **{key: value}))
        assert changed not in grid, key


def test_members_of_a_seed_share_their_split(folder: Path) -> None:
    data = Datasets()
    runs = sweep_runs(sweep_of(folder, "{l1: '0,0.1', seeds: 2}"), data)
    assert len({id(data.of(run.data)) for run in runs}) == 1


@pytest.mark.slow
def test_changed_data_reuses_nothing(folder: Path, store: Store) -> None:
    text = "dataset: {file: data.csv, target: y, test: 0}\ntraining: {epochs: 1}\n"

    def write(first: float) -> None:
        x = np.arange(30) / 30
        x[0] = first
        rows = [f"{value},{int(value > 0.5)}" for value in x]
        (folder / "data.csv").write_text("\n".join(["x,y", *rows]) + "\n")

    write(0.0)
    first, _ = train(config_of(folder, text), store)
    write(0.25)
    changed, notes = train(config_of(folder, text), store)
    assert notes.plans == [(1, 0)]
    assert changed.records[0].id != first.records[0].id
    write(0.0)
    back, silence = train(config_of(folder, text), store)
    assert silence.plans == [(1, 1)]
    assert back.records == first.records


@pytest.mark.slow
def test_a_reused_run_has_the_settings_of_the_sweep_it_is_shown_in(
    folder: Path, store: Store
) -> None:
    train(config_of(folder), store)
    result, notes = train(sweep_of(folder, "{vary: {training.batch_size: '32,64'}}"), store)
    assert notes.plans == [(2, 1)]
    sizes = [record.settings["training.batch_size"] for record in result.records]
    assert sizes == [32, 64]


def test_train_always_trains(folder: Path, store: Store) -> None:
    loaded = config_of(folder)
    first = run_single(loaded, Workspace(store, Notes(), "cpu", "keras"))
    assert first.stored is None
    notes = Notes()
    second = run_single(loaded, Workspace(store, notes, "cpu", "keras"))
    assert (notes.plans, len(notes.ended)) == ([(1, 0)], 1)
    assert second.stored == first.record
    assert second.record.metrics == first.record.metrics
    assert second.record.history == first.record.history
    assert store.get(first.record.id) == first.record


@pytest.mark.slow
def test_a_diverged_run_is_recorded_as_such_and_the_others_go_on(
    folder: Path, store: Store
) -> None:
    text = CONFIG.replace("iris", "diabetes").replace("tanh", "relu")
    text = text.replace("batch_size: 32", "batch_size: 8, optimizer: {name: sgd}")
    loaded = sweep_of(folder, "{vary: {training.optimizer.learning_rate: [1.0e+6, 1.0e-6]}}", text)
    result, _ = train(loaded, store)
    diverged, finished = result.records
    assert (diverged.state, finished.state) == (RunState.DIVERGED, RunState.FINISHED)
    assert diverged.message == "the loss was not finite after epoch 1"
    assert (diverged.epochs, finished.epochs, finished.message) == (1, 2, "")
    document = json.loads(diverged.model_dump_json())
    assert document["metrics"]["validation"]["data_loss"] is None
    assert document["metrics"]["train"]["r2"] is None
    assert document["history"]["loss"] == [None]
    assert store.get(diverged.id) == diverged
    assert train(loaded, store)[1].plans == [(2, 2)]

    again = run_single(load_as_single(folder, text), Workspace(store, Notes(), "cpu", "keras"))
    assert again.stored is not None
    assert again.record.metrics == again.stored.metrics  # and nothing is said to differ


def load_as_single(folder: Path, text: str) -> LoadedConfig:
    return config_of(folder, text, training__optimizer={"name": "sgd", "learning_rate": 1e6})


@pytest.mark.slow
def test_a_failed_run_does_not_stop_the_others_and_is_tried_again(
    folder: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The trainer is where a disk, a driver or Keras itself may raise in the middle of a run."""
    from regcli.training import reference

    trained = reference.train

    def fail_at_high_l2(config: Any, *rest: Any) -> Any:
        if config.regularization.l2 > 1:
            raise RuntimeError("OOM when allocating a tensor\nof many numbers")
        return trained(config, *rest)

    monkeypatch.setattr(reference, "train", fail_at_high_l2)
    loaded = sweep_of(folder, "{l2: [0, 2, 0.1]}")
    result, notes = train(loaded, store)
    states = [record.state for record in result.records]
    assert states == [RunState.FINISHED, RunState.FAILED, RunState.FINISHED]
    failed = result.records[1]
    assert failed.message == "RuntimeError: OOM when allocating a tensor"
    assert (failed.epochs, failed.metrics, failed.sparsity, failed.history) == (0, {}, None, {})
    assert len(notes.ended) == 3
    with pytest.raises(StoreError, match=r"weights\.npz"):
        export_model(store, failed.id, folder / "failed.keras")

    monkeypatch.setattr(reference, "train", trained)
    healed, again = train(loaded, store)
    assert again.plans == [(3, 2)]
    assert again.started == [failed.id]
    assert [record.state for record in healed.records] == [RunState.FINISHED] * 3


@pytest.mark.slow
def test_an_interrupt_keeps_what_is_done_and_the_next_sweep_goes_on(
    folder: Path, store: Store
) -> None:
    loaded = sweep_of(folder, "{l2: [0, 0.1, 0.2]}")
    result = run_sweep(loaded, Workspace(store, Interrupting(epochs=3), "cpu", "keras"))
    assert result.interrupted
    assert result.missing == 1
    assert [record.state for record in result.records] == [
        RunState.FINISHED,
        RunState.INTERRUPTED,
    ]
    assert result.records[1].message == "interrupted after epoch 1 of 2"
    rest, notes = train(loaded, store)
    assert notes.plans == [(3, 1)]
    assert [record.state for record in rest.records] == [RunState.FINISHED] * 3

    with open_store(folder / "undisturbed") as other:
        undisturbed, _ = train(loaded, other)
    assert [record.metrics for record in rest.records] == [
        record.metrics for record in undisturbed.records
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            CONFIG.replace(
                "activation: tanh", "kernel_initializer: {VarianceScaling: {scale: -1}}"
            ),
            "tiny.yaml:5:7: model.layers.0: Keras refuses Dense: Argument `scale` must be positive "
            "float. Received: scale=-1.0",
        ),
        (
            CONFIG.replace("epochs: 2", "epochs: 2, optimizer: {clipnorm: 1, clipvalue: 1}"),
            "tiny.yaml:6:34: training.optimizer: Keras refuses Adam: Only one of `clipnorm`, "
            "`clipvalue` and `global_clipnorm` can be set. Received: clipnorm=1.0, clipvalue=1.0, "
            "global_clipnorm=None",
        ),
        (
            CONFIG.replace("epochs: 2", "epochs: 2, early_stopping: {monitor: validation.r2}"),
            "tiny.yaml:6:49: training.early_stopping.monitor: must be a metric for "
            "classification, got validation.r2",
        ),
    ],
)
def test_what_keras_refuses_is_placed_in_the_file_before_anything_is_trained(
    folder: Path, store: Store, text: str, problem: str
) -> None:
    notes = Notes()
    with pytest.raises(ConfigError) as refused:
        run_sweep(sweep_of(folder, "{l2: [0, 0.1]}", text), Workspace(store, notes, "cpu", "keras"))
    assert str(refused.value) == problem
    assert notes.started == []
    assert store.count() == 0


def test_a_setting_that_cannot_be_built_stops_the_sweep_before_the_first_run(
    folder: Path, store: Store
) -> None:
    initializers = "[ones, {VarianceScaling: {scale: -1}}]"
    loaded = sweep_of(
        folder, f"{{vary: {{model.layers.0.Dense.kernel_initializer: {initializers}}}}}"
    )
    notes = Notes()
    with pytest.raises(ConfigError, match="must be positive float"):
        run_sweep(loaded, Workspace(store, notes, "cpu", "keras"))
    assert (notes.started, store.count()) == ([], 0)


def test_a_device_that_is_not_there(folder: Path, store: Store) -> None:
    with pytest.raises(DeviceError):
        run_sweep(config_of(folder), Workspace(store, Notes(), "gpu:99", "keras"))
    assert store.count() == 0


def test_exported_models_take_rows_as_they_are_in_the_data(folder: Path, store: Store) -> None:
    import keras

    loaded = config_of(folder, regularization__l2=0.01)
    (record,) = train(loaded, store)[0].records
    path = folder / "model.keras"
    export_model(store, record.id, path)
    _, splits = single_run(loaded)
    table = load_table(loaded.config.dataset, loaded.folder)
    model = keras.saving.load_model(path)
    part = splits.test
    assert part is not None
    width, center = splits.width, splits.center
    raw = (part.x * width + center).astype(np.float32)
    assert np.isin(raw[:, 0].round(4), table.x[:, 0].astype(np.float32).round(4)).all()
    scores = np.asarray(model(raw), np.float64)
    accuracy = (scores.argmax(axis=1) == part.y).mean()
    logs = np.log(np.exp(scores).sum(axis=1)) - scores[np.arange(len(part)), part.y]
    assert accuracy == pytest.approx(record.metrics["test"]["accuracy"])
    assert logs.mean() == pytest.approx(record.metrics["test"]["data_loss"], rel=1e-4)


@pytest.mark.slow
def test_exported_tensor_models_load_without_regcli(folder: Path, store: Store) -> None:
    """Inner layers keep their names in a process that has built other models before."""
    rng = np.random.default_rng(0)
    x = (100 + 5 * rng.standard_normal((40, 4, 3))).astype(np.float32)
    np.savez(folder / "data.npz", x=x, y=np.arange(40) % 2)
    loaded = config_of(folder, TENSOR_CONFIG)
    (record,) = train(loaded, store)[0].records
    assert record.state is RunState.FINISHED, record.message
    for _ in range(2):
        export_model(store, record.id, folder / "model.keras")
    _, splits = single_run(loaded)
    part = splits.validation
    assert part is not None
    raw = part.x.reshape(len(part), -1) * splits.width + splits.center
    np.savez(folder / "raw.npz", x=raw.reshape(part.x.shape).astype(np.float32))
    script = (
        "import sys, json, numpy as np, keras\n"
        "sys.modules['regcli'] = None\n"
        "model = keras.saving.load_model('model.keras')\n"
        "print(json.dumps(model(np.load('raw.npz')['x']).numpy()[:, 0].tolist()))\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=folder
    )
    z = np.array(json.loads(ended.stdout.splitlines()[-1]))
    loss = (np.log1p(np.exp(z)) - part.y * z).mean()
    assert loss == pytest.approx(record.metrics["validation"]["data_loss"], rel=1e-4)
    assert ((z > 0) == part.y).mean() == pytest.approx(record.metrics["validation"]["accuracy"])


@pytest.mark.slow
def test_a_stored_sweep_ends_without_tensorflow(folder: Path, store: Store) -> None:
    train(sweep_of(folder, "{l2: [0, 0.1]}"), store)
    script = (
        "import sys\n"
        "from regcli.cli.app import run\n"
        "code = run(['sweep', 'tiny.yaml', '--json', '--runs', 'runs'])\n"
        "loaded = [name for name in ('tensorflow', 'keras') if name in sys.modules]\n"
        "print(code, loaded, file=sys.stderr)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, cwd=folder, env=os.environ
    )
    assert ended.stderr.splitlines()[-1] == "0 []"
    document = json.loads(ended.stdout)
    assert document["sweep"]["reused"] == 2
    assert [run["state"] for run in document["runs"]] == ["finished"] * 2


def test_a_record_says_what_it_was_trained_on_and_with(folder: Path, store: Store) -> None:
    (record,) = train(config_of(folder), store)[0].records
    assert record.data is not None
    assert (record.data.source, record.data.task) == ("iris", "multiclass")
    assert record.data.rows == {"train": 90, "validation": 30, "test": 30}
    assert record.data.input_shape == (4,)
    assert record.config["training"]["epochs"] == 2
    assert record.config["training"]["optimizer"] == {"name": "adam"}
    assert record.environment["device"] == "/CPU:0"
    assert record.environment["determinism"] == "op_determinism"
    assert record.seconds > 0
    assert all(
        value is not None and math.isfinite(value)
        for values in record.history.values()
        for value in values
    )
    weights = read_weights(store, record.id)
    assert weights["dense/kernel"].shape == (4, 5)
    assert record.sparsity is not None
    assert record.sparsity.total == 4 * 5 + 5 * 3
    assert (record.sparsity.active_inputs, record.sparsity.live_units) == (4, {"dense": 5})


# Members that are trained together


def scores_of(record: RunRecord) -> dict[str, Any]:
    """Everything a trainer is answerable for, flat."""
    parts = {
        f"{part}.{name}": value
        for part, scores in record.metrics.items()
        for name, value in scores.items()
    }
    return {**parts, **{f"history.{name}": values for name, values in record.history.items()}}


def assert_same_numbers(ours: RunRecord, theirs: RunRecord, atol: float) -> None:
    mine, other = scores_of(ours), scores_of(theirs)
    assert set(mine) == set(other)
    for name, values in other.items():
        np.testing.assert_allclose(mine[name], values, rtol=0, atol=atol, err_msg=name)


def two_slots(monkeypatch: pytest.MonkeyPatch) -> None:
    """Plans for a machine on which one program of two members is best."""
    from regcli.stacked.layout import Layout
    from regcli.training import executor_choice

    monkeypatch.setattr(executor_choice, "plan_layout", lambda *_: Layout(2, 1))


@pytest.mark.slow
def test_a_population_gives_the_records_that_keras_gives(folder: Path, store: Store) -> None:
    loaded = sweep_of(folder, "{l1: '0.01,0', seeds: 2}")
    together, notes = train(loaded, store, "population")
    assert (notes.populations, notes.started, notes.texts) == ([4], [], [])
    assert (notes.to_train, notes.epochs) == ([8], 8)
    assert len(notes.ended) == 4
    with open_store(folder / "one by one") as other:
        apart, _ = train(loaded, other, "keras")
    assert (together.sweep.engine, apart.sweep.engine) == ("population", "keras")
    assert together.sweep.run_ids == apart.sweep.run_ids
    assert strengths(together) == strengths(apart)
    for ours, theirs in zip(together.records, apart.records, strict=True):
        assert (ours.id, ours.engine, theirs.engine) == (theirs.id, "population", "keras")
        assert (ours.state, ours.epochs, ours.settings) == (
            theirs.state,
            theirs.epochs,
            theirs.settings,
        )
        assert (ours.config, ours.data) == (theirs.config, theirs.data)
        assert_same_numbers(ours, theirs, atol=1e-3 if ours.settings["l1"] else 1e-5)
    assert store.find(record.id for record in together.records) == {
        record.id: record for record in together.records
    }
    export_model(store, together.records[0].id, folder / "model.keras")
    assert train(loaded, store, "keras")[1].plans == [(4, 4)]  # it does not matter who trained


@pytest.mark.slow
@pytest.mark.usefixtures("uncompiled")
def test_what_changes_shapes_makes_several_populations_in_one_grid(
    folder: Path, store: Store
) -> None:
    vary = (
        "vary: {model.layers.0.Dense.units: [4, 5], training.optimizer.learning_rate: [1.0, 0.1]}"
    )
    text = CONFIG.replace("epochs: 2", "epochs: 2, optimizer: {name: sgd}")
    result, notes = train(
        sweep_of(folder, "{l2: '0,0.02', " + vary + "}", text), store, "population"
    )
    assert (notes.populations, notes.started) == ([4, 4], [])
    assert result.sweep.engine == "population"
    chosen = [
        (
            record.settings["l2"],
            record.settings["model.layers.0.Dense.units"],
            record.settings["training.optimizer.learning_rate"],
        )
        for record in result.records
    ]
    assert chosen == [
        (l2, units, rate) for l2 in (0, 0.02) for units in (4, 5) for rate in (1, 0.1)
    ]
    for record in result.records:
        assert record.sparsity is not None
        assert record.sparsity.total == 7 * record.settings["model.layers.0.Dense.units"]
        assert (record.metrics["train"]["penalty"] == 0) == (record.settings["l2"] == 0)


@pytest.mark.slow
@pytest.mark.usefixtures("uncompiled")
def test_auto_trains_by_fit_what_no_population_takes_and_says_why(
    folder: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    from regcli.training import executor_choice

    monkeypatch.setattr(executor_choice, "is_worth_compiling", lambda *_: True)
    loaded = sweep_of(folder, "{vary: {training.loss: [dice, categorical_crossentropy]}}")
    result, notes = train(loaded, store, "auto")
    reason = "the loss dice is not a mean over rows"
    assert notes.texts == [f"trained one by one with Keras's fit: {reason}"]
    assert [record.engine for record in result.records] == ["keras", "population"]
    assert result.sweep.engine == "keras+population"
    assert (notes.populations, notes.started) == ([1], [result.records[0].id])


@pytest.mark.parametrize(
    ("text", "sweep", "problem"),
    [
        (
            CONFIG.replace("epochs: 2", "epochs: 2, loss: dice"),
            "{l2: [0, 0.1]}",
            "population cannot train this model: the loss dice is not a mean over rows; use auto "
            "or keras",
        ),
        (
            CONFIG.replace("activation: tanh", "kernel_initializer: {VarianceScaling: {scale: 2}}"),
            "{vary: {model.layers.0.Dense.kernel_initializer.VarianceScaling.scale: [2, -1]}}",
            "tiny.yaml:5:7: model.layers.0: Keras refuses Dense: Argument `scale` must be positive "
            "float. Received: scale=-1.0",
        ),
        (
            CONFIG.replace("epochs: 2", "epochs: 2, optimizer: {name: lion}"),
            "{vary: {training.optimizer.beta_1: [0.5, 2]}}",
            "tiny.yaml:6:34: training.optimizer: Keras refuses Lion: Argument `beta_1` must be in "
            "the [0, 1] range. Otherwise, the optimizer degenerates to SignSGD. Received: "
            "beta_1=2.0",
        ),
    ],
)
def test_members_that_no_population_can_train_are_refused_before_any_is_trained(
    folder: Path, store: Store, text: str, sweep: str, problem: str
) -> None:
    notes = Notes()
    with pytest.raises((ConfigError, EngineError)) as refused:
        run_sweep(sweep_of(folder, sweep, text), Workspace(store, notes, "cpu", "population"))
    assert str(refused.value) == problem
    assert (notes.populations, notes.started, store.count()) == ([], [], 0)


@pytest.mark.parametrize("engine", ["keras", "population"])
def test_an_optimizer_without_a_proximal_step_is_refused_before_any_is_trained(
    folder: Path, store: Store, engine: EngineChoice
) -> None:
    text = CONFIG.replace("epochs: 2", "epochs: 2, optimizer: {name: lion}")
    loaded = sweep_of(folder, "{l1: '0,0.1', vary: {method: [penalty, proximal]}}", text)
    with pytest.raises(ConfigError) as refused:
        run_sweep(loaded, Workspace(store, Notes(), "cpu", engine))
    assert refused.value.problems == (
        "tiny.yaml:6:34: training.optimizer: Lion has no proximal step; optimizers with one: "
        "SGD, Adam, AdamW, Nadam, RMSprop, Adagrad",
    )
    assert store.count() == 0


@pytest.mark.slow
@pytest.mark.usefixtures("uncompiled")
def test_an_interrupted_population_keeps_what_has_ended_and_the_next_sweep_goes_on(
    folder: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two members at a time, two epochs each: the fifth has trained one when Ctrl-C comes."""
    two_slots(monkeypatch)
    loaded = sweep_of(folder, "{l2: '0,0.1,0.2,0.3,0.4'}")
    stopped = Interrupting(epochs=9)
    result = run_sweep(loaded, Workspace(store, stopped, "cpu", "population"))
    assert (result.interrupted, result.missing) == (True, 1)
    assert [record.state for record in result.records] == [RunState.FINISHED] * 4
    assert store.count() == 4
    rest, notes = train(loaded, store, "population")
    assert (notes.plans, notes.populations) == ([(5, 4)], [1])
    assert rest.records[:4] == result.records

    with open_store(folder / "undisturbed") as other:
        undisturbed, _ = train(loaded, other, "population")
    for ours, theirs in zip(rest.records, undisturbed.records, strict=True):
        assert_same_numbers(ours, theirs, atol=1e-6)


@pytest.mark.slow
@pytest.mark.usefixtures("uncompiled")
def test_a_member_that_has_ended_is_stored_though_others_of_its_population_are_interrupted(
    folder: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It diverges in its first epoch, and waits to be scored together with the other one."""
    two_slots(monkeypatch)

    class Presses(Notes):
        def __call__(self, event: Event) -> None:
            super().__call__(event)
            if isinstance(event, EpochsDone) and self.epochs > 2:
                signal.raise_signal(signal.SIGINT)

    text = CONFIG.replace("tanh", "relu").replace("epochs: 2", "epochs: 500, optimizer: sgd")
    loaded = sweep_of(folder, "{vary: {training.optimizer.learning_rate: [0.01, 1e30]}}", text)
    result = run_sweep(loaded, Workspace(store, Presses(), "cpu", "population"))
    assert (result.interrupted, result.missing) == (True, 1)
    assert [record.state for record in result.records] == [RunState.DIVERGED]
    assert store.find(record.id for record in result.records) == {
        record.id: record for record in result.records
    }


@pytest.mark.slow
@pytest.mark.usefixtures("uncompiled")
def test_where_memory_runs_out_half_as_many_train_at_a_time(
    folder: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """TensorFlow raises it where a program's variables, or its first epoch, find no room."""
    import tensorflow as tf

    from regcli.stacked.program import EpochProgram
    from regcli.training import executor_choice

    build, sizes = EpochProgram.__init__, []

    def allocate(program: Any, recipe: Any, size: int, traces: Any) -> None:
        sizes.append(size)
        if size > room:
            raise tf.errors.ResourceExhaustedError(None, None, "OOM when allocating tensor")
        build(program, recipe, size, traces)

    monkeypatch.setattr(EpochProgram, "__init__", allocate)
    monkeypatch.setattr(executor_choice, "usable_cores", lambda: 1)
    room = 2
    result, notes = train(sweep_of(folder, "{l2: '0,0.1,0.2,0.3,0.4,0.5'}"), store, "population")
    assert sizes == [6, 3, 2]
    assert notes.texts == [
        "out of memory: continuing with 3 members at a time",
        "out of memory: continuing with 2 members at a time",
    ]
    assert [record.engine for record in result.records] == ["population"] * 6
    assert [record.state for record in result.records] == [RunState.FINISHED] * 6

    room = 0
    wider, notes = train(sweep_of(folder, "{l2: '0,0.6'}"), store, "population")
    assert notes.texts[-1] == "trained one by one with Keras's fit: out of memory"
    assert [record.engine for record in wider.records] == ["population", "keras"]


@pytest.mark.slow
def test_a_population_that_fails_is_trained_one_by_one(
    folder: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The program is where a compiler or a driver may raise what nobody foresaw."""
    from regcli.stacked.program import EpochProgram

    def fail(*given: Any) -> None:
        raise TypeError("no kernel for this\non any device")

    monkeypatch.setattr(EpochProgram, "__init__", fail)
    result, notes = train(sweep_of(folder, "{l2: '0,0.1'}"), store, "population")
    assert notes.texts == ["trained one by one with Keras's fit: TypeError: no kernel for this"]
    assert [record.engine for record in result.records] == ["keras"] * 2
    assert [record.state for record in result.records] == [RunState.FINISHED] * 2


@pytest.mark.usefixtures("uncompiled")
def test_train_as_a_population_of_one(folder: Path, store: Store) -> None:
    result = run_single(config_of(folder), Workspace(store, Notes(), "cpu", "population"))
    assert (result.record.engine, result.record.state) == ("population", RunState.FINISHED)
    again = run_single(config_of(folder), Workspace(store, Notes(), "cpu", "keras"))
    assert again.record.engine == "keras"
    assert_same_numbers(again.record, result.record, atol=1e-5)
