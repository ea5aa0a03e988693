"""An error of the core begins with the option that caused it, or with the place in the file.

The core knows no options: for each rule, the same fault is given by an option and by the config.
"""

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

import pytest
from stored_examples import a_run

from regcli.cli.app import run
from regcli.errors import DeviceError, EngineError, RegcliError, StoreFolderError
from regcli.store.store import open_store

CONFIG = "dataset: {name: iris}"


@dataclass(frozen=True)
class Fault:
    """One fault: by an option of a command, and by a line of the config."""

    command: str
    option: str
    line: str
    message: str


FAULTS = [
    Fault(
        "train", "--l1 -1", "regularization: {l1: -1}", "regularization.l1: must be at least 0, got"
    ),
    Fault(
        "train",
        "--l2 inf",
        "regularization: {l2: .inf}",
        "regularization.l2: must be a finite number, got inf",
    ),
    Fault("train", "--epochs 0", "training: {epochs: 0}", "training.epochs: must be at least 1"),
    Fault(
        "train",
        "--seed 2147483648",
        "training: {seed: 2147483648}",
        "training.seed: must be below 2,147,483,648, got 2147483648",
    ),
    Fault(
        "train",
        "--method prox",
        "regularization: {method: prox}",
        "regularization.method: must be 'penalty' or 'proximal', got the text 'prox'",
    ),
    Fault(
        "train",
        "--set training.epoch=3",
        "training: {epoch: 3}",
        "training.epoch: unknown key; did you mean 'epochs'?",
    ),
    Fault(
        "train",
        "--set regularization.group=inputs",
        "regularization: {group: inputs}",
        "regularization: group requires group_strength; got group: inputs without group_strength",
    ),
    Fault(
        "train",
        "--set regularization.gamma=3",
        "regularization: {gamma: 3}",
        "regularization: gamma requires penalty: mcp or scad; got 3 without penalty",
    ),
    Fault(
        "sweep",
        "--l1 log:0:1:3",
        "sweep: {l1: 'log:0:1:3'}",
        "sweep.l1: a log range needs ends above 0; to include 0, write it before the range",
    ),
    Fault(
        "sweep",
        "--l2 auto:9",
        "sweep: {l2: auto:9}",
        "sweep.l2: auto is only for l1, which has a largest useful strength; write numbers",
    ),
    Fault("sweep", "--seeds 0", "sweep: {seeds: 0}", "sweep.seeds: must be at least 1, got 0"),
    Fault(
        "sweep",
        "--vary training.epochs=1,-2",
        "sweep: {vary: {training.epochs: [1, -2]}}",
        "training.epochs: must be at least 0, got -2",
    ),
    Fault(
        "sweep",
        "--vary name=a,b",
        "sweep: {vary: {name: [a, b]}}",
        "sweep.vary.name: must be a key that changes a run, got name",
    ),
    Fault(
        "sweep",
        "--method penalty,prox",
        "sweep: {vary: {regularization.method: [penalty, prox]}}",
        "regularization.method: must be 'penalty' or 'proximal', got the text 'prox'",
    ),
    Fault(
        "path",
        "--l2 much",
        "sweep: {l2: much}",
        "sweep.l2: must be numbers or ranges, like 0,0.01 or log:1e-5:1e-1:9, got the text 'much'",
    ),
    Fault(
        "path",
        "--set regularization.method=penalty",
        "regularization: {method: penalty}",
        "regularization.method: must be proximal or left out for a path: penalty gives no exact "
        "zeros, got 'penalty'",
    ),
    Fault(
        "explain",
        "--l1 -0.5",
        "regularization: {l1: -0.5}",
        "regularization.l1: must be at least 0, got -0.5",
    ),
    Fault(
        "validate",
        "--set metrics=auc",
        "metrics: auc",
        "metrics: there is no metric 'auc'; did you mean 'roc_auc'?",
    ),
]


def refusal(line: str, capsys: pytest.CaptureFixture[str]) -> str:
    """What a refused command says: one line on stderr, nothing on stdout, exit code 2."""
    assert run(shlex.split(line)) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.count("\n") == 1, shown.err
    return shown.err.removesuffix("\n")


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("c.yaml").write_text(f"{CONFIG}\n")


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault.command} {fault.option}")
def test_the_option_or_the_place_in_the_file(
    fault: Fault, capsys: pytest.CaptureFixture[str]
) -> None:
    by_option = refusal(f"{fault.command} c.yaml {fault.option}", capsys)
    assert by_option.startswith(f"regcli: {fault.option}: {fault.message}")

    Path("c.yaml").write_text(f"{CONFIG}\n{fault.line}\n")
    by_file = refusal(f"{fault.command} c.yaml", capsys)
    assert re.match(r"c\.yaml:2:\d+: ", by_file), by_file
    assert by_file.split(": ", 1)[1].startswith(fault.message)
    assert "--" not in by_file


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("train c.yaml --set epochs", "--set: must be KEY=VALUE, like training.epochs=5, got"),
        ("train c.yaml --fail-if loss<x", "--fail-if: there is no result 'loss'; did you mean"),
        (
            "train c.yaml --fail-if train.accuracy<x",
            "--fail-if: must compare train.accuracy with a finite number, got 'x'",
        ),
        ("sweep c.yaml --l1 0 --columns loss", "--columns: there is no result or setting 'loss'"),
        ("sweep c.yaml --l1 0 --sort loss", "--sort: there is no result or setting 'loss'"),
        ("sweep c.yaml --vary seed", "--vary: must be KEY=VALUE,VALUE, got 'seed'"),
        ("sweep c.yaml --json --format md", "--json: must not be combined with --format md"),
        ("path c.yaml --along l2", "--along: l2 requires --values; only l1 has a largest useful"),
        ("path c.yaml --values x", "--values: must be numbers or ranges, like 0,0.01"),
        ("path c.yaml --values -1", "--values: must be at least 0, got -1"),
        (
            "path c.yaml --along group_strength --values 0,1",
            "--values 0,1: regularization: group_strength requires group: inputs or group: units",
        ),
        ("explain c.yaml --from C=1", "--from: must be NAME:PARAMETER=VALUE,…, like torch:"),
        ("explain c.yaml --from torch:weight_decay=x", "--from: weight_decay must be a number"),
        ("runs list --where l1>x", "--where: > must be followed by a finite number, got 'x'"),
        ("runs list --where loss>1", "--where: there is no result or setting 'loss'"),
        ("runs list --sort loss", "--sort: there is no result or setting 'loss'"),
        ("runs list --columns loss", "--columns: there is no result or setting 'loss'"),
        ("runs list --stat failed", "--stat: there is no such option; did you mean '--state'?"),
        ("runs export", "--output / -o: must be given; see regcli runs export --help"),
        ("runs export -o no/x.csv", "--output: there is no folder no; create it first"),
        ("runs export -o x.csv --columns x", "--columns: there is no result or setting 'x'"),
        ("compare a b --columns ,", "--columns: must be comma-separated keys, got ','"),
    ],
)
def test_options_that_stand_for_no_key_of_a_config(
    line: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with open_store(Path("runs"), create=True) as store:
        store.add(a_run("3fa9c1d2e0b4"))
    assert refusal(line, capsys).startswith(f"regcli: {message}")


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (DeviceError("gpu:7 is not available"), "--device: gpu:7 is not available"),
        (EngineError("population cannot train it"), "--engine: population cannot train it"),
        (StoreFolderError("It is full; use another folder."), "It is full; use another folder "),
    ],
)
def test_errors_that_only_training_finds(
    error: RegcliError,
    message: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr("regcli.workflows.grid_sweep.run_single", fail)
    assert refusal("train c.yaml", capsys).startswith(f"regcli: {message}")
