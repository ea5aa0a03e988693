"""Every shipped config trains as it is, by both trainers."""

from pathlib import Path

import pytest
from listeners import Notes

from regcli.config.load import load_config
from regcli.config.shipped import shipped_names, starter_text
from regcli.planning.populations import EngineChoice
from regcli.results.records import RunState
from regcli.store.store import open_store
from regcli.workflows.grid_sweep import run_single
from regcli.workflows.workspace import Workspace


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["keras", "population"])
@pytest.mark.parametrize("name", [*shipped_names(), "starter.yaml"])
def test_a_shipped_config_trains(
    name: str, engine: EngineChoice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("starter.yaml").write_text(starter_text(), encoding="utf-8")
    loaded = load_config(name, [(("training", "epochs"), "--epochs 2", 2)])
    notes = Notes()
    with open_store(tmp_path / "runs") as store:
        record = run_single(loaded, Workspace(store, notes, "cpu", engine)).record
        assert store.get(record.id) == record
    assert (record.state, record.epochs, record.engine) == (RunState.FINISHED, 2, engine)
    assert notes.texts == []
    loss = record.metrics["train"]["data_loss"]
    assert loss is not None
    assert loss > 0
    assert record.sparsity is not None
    assert len(record.history["loss"]) == 2
