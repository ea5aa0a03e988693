"""Other ways to regularize a net, each varied in one sweep with l1, by both trainers."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from listeners import Notes

from regcli.cli.overrides import parse_vary
from regcli.config.load import load_config
from regcli.planning.populations import EngineChoice
from regcli.results.records import RunRecord, RunState
from regcli.stacked.layout import Layout
from regcli.store.store import Store, open_store
from regcli.store.store_weights import read_weights
from regcli.training import executor_choice
from regcli.workflows.grid_sweep import run_sweep
from regcli.workflows.workspace import Workspace

CONFIG = """\
dataset: {name: iris}
model:
  layers:
    - Dense:
        units: 6
        activation: tanh
        kernel_constraint: null
        kernel_regularizer: null
        activity_regularizer: null
    - Dropout: {rate: 0}
    - Dense: {units: 3}
training:
  epochs: 4
  batch_size: 16
  loss: categorical_crossentropy
  optimizer: {name: adamw, learning_rate: 0.02, weight_decay: 0}
  polish: 0
"""
SMOOTHED = "{name: categorical_crossentropy, label_smoothing: 0.2}"
VARIED = {
    "training.optimizer.weight_decay": "0,0.5",
    "model.layers.1.Dropout.rate": "0,0.5",
    "model.layers.0.Dense.kernel_constraint": "null,{MaxNorm: {max_value: 0.5}}",
    "training.loss": f"categorical_crossentropy,{SMOOTHED}",
    "model.layers.0.Dense.activity_regularizer": "null,{L2: {l2: 0.1}}",
    "model.layers.0.Dense.kernel_regularizer": "null,{OrthogonalRegularizer: {factor: 0.1}}",
}
"""Keys, and the values to vary them over: without, and with."""
WEAK, STRONG = 0.001, 0.02


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("varied")
    (folder / "net.yaml").write_text(CONFIG)
    return folder


@pytest.fixture(scope="module")
def stores(folder: Path) -> Iterator[dict[str, Store]]:
    """A store for each trainer; nets without anything but l1 are in all sweeps, and train once."""
    with open_store(folder / "population") as together, open_store(folder / "keras") as apart:
        yield {"population": together, "keras": apart}


Setting = tuple[str, float, bool]
"""Method, l1, and whether the net is regularized otherwise too."""


def swept(
    folder: Path, store: Store, key: str, methods: str, l1: list[float], engine: EngineChoice
) -> dict[Setting, RunRecord]:
    vary = parse_vary([f"{key}={VARIED[key]}", f"regularization.method={methods}"])
    loaded = load_config(str(folder / "net.yaml"), [*vary, (("sweep", "l1"), "--l1", l1)])
    notes = Notes()
    records = run_sweep(loaded, Workspace(store, notes, "cpu", engine)).records
    beside = "Regularizers of the model itself count in addition to strengths"
    told = [beside] if key.endswith("kernel_regularizer") else []
    assert [text.partition(":")[0] for text in notes.texts] == told
    assert len(records) == 2 * len(l1) * len(methods.split(","))
    assert {(record.state, record.engine) for record in records} == {(RunState.FINISHED, engine)}
    without = records[0].settings[key]
    return {
        (r.settings["method"], r.settings["l1"], r.settings[key] != without): r for r in records
    }


def weights(store: Store, record: RunRecord) -> np.ndarray:
    return np.concatenate([each.ravel() for each in read_weights(store, record.id).values()])


@pytest.mark.slow
@pytest.mark.parametrize("key", VARIED)
@pytest.mark.usefixtures("uncompiled")
def test_both_trainers_take_it_in_one_sweep_with_l1(
    key: str, folder: Path, stores: dict[str, Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        executor_choice, "plan_layout", lambda *_: Layout(4, 1)
    )  # one program to compile
    together = swept(
        folder, stores["population"], key, "penalty,proximal", [WEAK, STRONG], "population"
    )
    apart = swept(folder, stores["keras"], key, "proximal", [STRONG], "keras")
    for store, found in ((stores["population"], together), (stores["keras"], apart)):
        for method, l1, _ in found:
            without, with_it = (weights(store, found[method, l1, own]) for own in (False, True))
            assert np.abs(with_it - without).max() > 1e-3
    for setting, theirs in apart.items():
        if setting[-1] and "Dropout" in key:  # whose masks are each trainer's own
            continue
        for name in ("objective", "penalty"):
            expected = theirs.metrics["train"][name]
            assert together[setting].metrics["train"][name] == pytest.approx(expected, rel=1e-3)
