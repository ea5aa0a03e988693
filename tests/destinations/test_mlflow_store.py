"""Runs as MLflow keeps them, in a local SQLite store, read by its own client."""

import json
import math
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from characterisation.command_line import shell_environment

from regcli.results.records import RunRecord

from .conftest import Export

pytest.importorskip("mlflow")
pytest.importorskip("sqlalchemy")

pytestmark = pytest.mark.filterwarnings("ignore")  # MLflow's own, of SQLAlchemy and others

TO_STORE = ("--to", "mlflow", "--uri", "sqlite:///m.db")


@pytest.fixture
def client(tmp_path: Path) -> Any:
    os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
    from mlflow import MlflowClient

    return MlflowClient(f"sqlite:///{tmp_path}/m.db", f"sqlite:///{tmp_path}/m.db")


def runs_of(client: Any) -> dict[str, Any]:
    """All runs of all experiments by their tag; none is there twice."""
    experiments = [each.experiment_id for each in client.search_experiments()]
    found = client.search_runs(experiments, max_results=1000)
    by_id = {run.data.tags["regcli.id"]: run for run in found}
    assert len(by_id) == len(found)
    return by_id


def test_a_run_has_its_parameters_metrics_tags_and_config(
    tmp_path: Path, export: Export, folds: Sequence[RunRecord], client: Any
) -> None:
    done = export(*TO_STORE)
    assert (done.code, done.out, done.err) == (0, "", "wrote 4 runs to sqlite:///m.db\n")
    assert {each.name for each in client.search_experiments()} == {"Default", "digits-mlp"}
    found = runs_of(client)
    assert {*found} == {run.id for run in folds}
    run = found[folds[2].id]
    assert run.data.params == {"l1": "0.01", "l2": "0.01", "seed": "0", "fold": "1/2"}
    assert run.info.run_name == "l1=0.01,l2=0.01,seed=0,fold=1/2"
    assert run.info.status == "FINISHED"
    assert (run.info.end_time - run.info.start_time) == 30_000
    assert run.data.metrics["validation/accuracy"] == 0.97
    assert run.data.metrics["sparsity/nonzero"] == 480
    curve = client.get_metric_history(run.info.run_id, "epoch/val_loss")
    points = sorted((point.step, point.value, point.timestamp) for point in curve)
    start = run.info.start_time
    assert points == [(1, 0.4, start + 10_000), (2, 0.2, start + 20_000), (3, 0.2, start + 30_000)]
    losses = client.get_metric_history(run.info.run_id, "epoch/loss")
    assert [point.step for point in losses if math.isnan(point.value)] == [3]
    tags = {key: text for key, text in run.data.tags.items() if key.startswith("regcli.")}
    assert tags == {
        "regcli.id": folds[2].id,
        "regcli.ended": "2026-01-01T00:00:00+00:00",
        "regcli.state": "finished",
        "regcli.sweep": "ab12cd34ef56",
        "regcli.name": "digits-mlp",
        "regcli.engine": "population",
        "regcli.version": "0.1.0",
        "regcli.model": "no weights were kept",
    }
    config = tmp_path / "mlruns" / run.info.run_id / "artifacts" / "config.yaml"
    assert config.read_text().startswith("name: digits-mlp\n")


def test_exporting_again_adds_only_what_is_new(
    tmp_path: Path, export: Export, folds: Sequence[RunRecord], client: Any
) -> None:
    export(*TO_STORE, folds[0].id)
    first = runs_of(client)[folds[0].id]
    client.update_run(first.info.run_id, status="RUNNING")  # as where an export was killed
    done = export(*TO_STORE)
    assert done.err == "wrote 4 runs to sqlite:///m.db\n"
    assert export(*TO_STORE).err == "wrote 0 runs to sqlite:///m.db; 4 were there before\n"
    found = runs_of(client)
    assert len(found) == 4
    assert found[folds[0].id].info.run_id == first.info.run_id
    assert found[folds[0].id].info.status == "FINISHED"
    points = client.get_metric_history(first.info.run_id, "epoch/val_loss")
    assert [point.step for point in points] == [1, 2, 3]


def test_names_values_and_states_that_no_tool_expects(
    export: Export, hostile: Sequence[RunRecord], client: Any
) -> None:
    done = export(*TO_STORE)
    assert (done.code, done.err) == (0, "wrote 2 runs to sqlite:///m.db\n")
    assert r"=2+5 \x1b[31m../..//\u202e" in {each.name for each in client.search_experiments()}
    diverged, failed = (runs_of(client)[run.id] for run in hostile)
    assert (diverged.info.status, failed.info.status) == ("FAILED", "FAILED")
    assert diverged.data.tags["regcli.message"] == r"=loss\nbecame NaN"
    assert diverged.data.params == {
        "l1": "-0.0",
        "model.layers._b__n": json.dumps(["a\x00", 1]),
        "is": "True",
    }
    assert math.isnan(diverged.data.metrics["epoch/loss_x07"])
    assert len(failed.data.params["model.layers._b__r"]) == 500


@pytest.mark.usefixtures("folds")
def test_the_store_may_be_named_by_a_variable(
    tmp_path: Path, export: Export, monkeypatch: pytest.MonkeyPatch
) -> None:
    from characterisation.command_line import regcli

    named = {"MLFLOW_TRACKING_URI": "sqlite:///m.db"}
    done = regcli("runs", "export", "--to", "mlflow", "--no-models", folder=tmp_path, env=named)
    assert done.err == "wrote 4 runs to sqlite:///m.db\n"


@pytest.mark.usefixtures("folds")
def test_what_cannot_be_used_is_one_line(tmp_path: Path, export: Export, client: Any) -> None:
    (tmp_path / "text.db").write_text("no database, but text of some length" * 100)
    done = export("--to", "mlflow", "--uri", "sqlite:///text.db")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("regcli: MLflow cannot use this tracking store: ")
    assert done.err.count("\n") == 1
    identity = client.create_experiment("digits-mlp")
    client.delete_experiment(identity)
    assert export(*TO_STORE).err == (
        "regcli: the experiment 'digits-mlp' is deleted in this tracking store; restore it with "
        f"'mlflow experiments restore', its id is {identity}\n"
    )


_TELEMETRY = """
import socket
def refuse(*given, **named):
    raise AssertionError("the network was asked for")
socket.socket.connect = socket.getaddrinfo = refuse
import atexit, sys
from regcli.__main__ import main
def check():
    from mlflow.telemetry import get_telemetry_client
    sys.stdout.write(f"telemetry {get_telemetry_client()}")
atexit.register(check)
main()
"""


@pytest.mark.usefixtures("folds")
def test_nothing_is_sent_to_anybody_else(tmp_path: Path) -> None:
    """In an environment that does not look like a test, where MLflow would be silent anyway."""
    hidden = re.compile("CI|PYTEST_.*|GITHUB_ACTIONS|DO_NOT_TRACK|MLFLOW_.*")
    done = subprocess.run(
        [sys.executable, "-c", _TELEMETRY, "runs", "export", *TO_STORE],
        cwd=tmp_path,
        env={
            name: text for name, text in shell_environment().items() if not hidden.fullmatch(name)
        },
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert (done.returncode, done.stdout) == (0, "telemetry None"), done.stderr


@pytest.mark.slow
@pytest.mark.usefixtures("one_process")
def test_models_go_along(older: Path, export: Export, client: Any) -> None:
    run = "4ecbcb97263d"
    assert export(*TO_STORE, "--no-models", run).code == 0
    assert "regcli.model" not in runs_of(client)[run].data.tags
    done = export(*TO_STORE, run)
    assert done.err == "wrote 0 runs to sqlite:///m.db; 1 was there before\n"
    found = runs_of(client)[run]
    assert found.data.tags["regcli.model"] == "model/model.keras"
    folder = older / "mlruns" / found.info.run_id / "artifacts" / "model"
    assert {path.name for path in folder.iterdir()} == {"model.keras", "model.columns.json"}
    assert json.loads((folder / "model.columns.json").read_text())["run"] == run
