"""`regcli plan`: how much work a sweep is, and how long it would take."""

import json
from pathlib import Path

import pytest

from regcli.store.store import open_store

from .in_process import document, problem, regcli
from .processes import loaded_packages

SMOKE = ("plan", "smoke", "--epochs", "2", "--seeds", "2")


def take_seconds(folder: Path, seconds: float) -> None:
    """Let every stored run have taken so long, and every sweep half a minute more."""
    with open_store(folder / "runs") as store:
        records = store.find(summary.id for summary in store.summaries())
        changed = [own.model_copy(update={"seconds": seconds}) for own in records.values()]
        store.add_many([(own, {}) for own in changed], replace=True)
        for sweep in store.sweeps():
            whole = seconds * len(sweep.run_ids) + 30
            store.add_sweep(sweep.model_copy(update={"seconds": whole}))


def test_nothing_is_known_without_stored_runs(tmp_path: Path) -> None:
    done = regcli("plan", "smoke", "--runs", "runs", cwd=tmp_path, env={"COLUMNS": "80"})
    assert (done.returncode, done.stderr) == (
        0,
        "next: the same with --measure, which trains a trial of each population\n",
    )
    assert done.stdout == (
        "\n"
        " population   model   members   to train   model-steps   time   known from\n"
        " ─────────────────────────────────────────────────────────────────────────\n"
        "          1   8             2          2           180      –   –\n"
        "\n"
        "2 runs: 0 stored, 2 to train; 180 model-steps\n"
        "no stored run tells how long population 1 would take\n"
        "left out to fit the width: steps an epoch, stored, epochs, trainer\n"
    )
    assert list(tmp_path.iterdir()) == []


def test_stored_runs_tell_the_time_on_a_wide_screen(lab: Path) -> None:
    take_seconds(lab, 1.5)
    line = (*SMOKE, "--l1", "0,1e-3,1e-2", "--l2", "0,1e-3", "--workers", "6")
    done = regcli(*line, cwd=lab, env={"COLUMNS": "140"})
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        "\n"
        "                                                                steps\n"
        " population   model   members   stored   to train   epochs   an epoch   model-steps   "
        "trainer   time   known from\n"
        f" {'─' * 116}\n"
        "          1   8            12        6          6        2          6            72   "
        "keras     9.0s   stored: 6 runs\n"
        "\n"
        "12 runs: 6 stored, 6 to train; 72 model-steps\n"
        "expected: 42.0s on this machine, of them 33.0s until training begins\n"
        "\n"
        " workers    time   times as fast\n"
        " ───────────────────────────────\n"
        "       1   42.0s             1.0\n"
        "       6   34.5s             1.2\n"
        "\n"
        "each worker is a machine like this one with an equal part of the runs; it loads "
        "TensorFlow and compiles every population\n"
    )


def test_every_run_is_stored(lab: Path) -> None:
    found = document(*SMOKE, "--json", "--workers", "3", cwd=lab)
    own = found["populations"][0]
    assert (own["stored"], own["to_train"], own["model_steps"], own["seconds"]) == (4, 0, 0, 0.0)
    assert (found["runs"], found["to_train"], found["seconds"]) == (4, 0, 0.0)
    assert [each["seconds"] for each in found["workers"]] == [0.0, 0.0]


def test_the_document(lab: Path) -> None:
    take_seconds(lab, 1.5)
    found = document("plan", "smoke", "--epochs", "10", "--json", "--workers", "2", cwd=lab)
    (own,) = found.pop("populations")
    assert own == {
        "population": 1,
        "model": "8",
        "members": 2,
        "stored": 0,
        "to_train": 2,
        "epochs": 10,
        "steps_per_epoch": 6,
        "model_steps": 120,
        "trainer": "keras",
        "start_seconds": 0.0,
        "seconds_per_run": 0.6,
        "seconds_per_model_step": pytest.approx(0.9 / 12),
        "seconds": pytest.approx(2 * (0.6 + 60 * 0.075)),
        "source": "stored",
        "source_runs": 6,
    }
    assert found == {
        "schema_version": 1,
        "runs": 2,
        "stored": 0,
        "to_train": 2,
        "model_steps": 120,
        "process_seconds": pytest.approx(33.0),
        "seconds": pytest.approx(43.2),
        "peak_memory_bytes": None,
        "workers": [
            {"workers": 1, "seconds": pytest.approx(43.2), "speedup": 1.0},
            {"workers": 2, "seconds": pytest.approx(38.1), "speedup": pytest.approx(43.2 / 38.1)},
        ],
    }


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (("--workers", "0"), "regcli: --workers: must be from 1 to 10,000, got 0"),
        (
            ("--set", "sweep={}"),
            "regcli: smoke: a sweep must vary at least one key, this config has no sweep section; "
            "add --l1, --l2, --vary, --seeds or --folds, or train one run with regcli train smoke",
        ),
    ],
)
def test_what_does_not_fit(line: tuple[str, ...], message: str, tmp_path: Path) -> None:
    assert problem("plan", "smoke", *line, cwd=tmp_path) == message


def test_a_large_plan_is_light(tmp_path: Path) -> None:
    line = ("plan", "smoke", "--l1", "0,log:1e-5:1e-1:49", "--seeds", "10", "--workers", "8")
    assert loaded_packages(*line, cwd=tmp_path) & {"tensorflow", "keras"} == set()


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["population", "keras"])
def test_a_trial_stores_nothing(engine: str, tmp_path: Path) -> None:
    line = ("plan", "smoke", "--measure", "--engine", engine, "--seeds", "2", "--json")
    done = regcli(*line, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (
        0,
        "loading TensorFlow\ntraining a trial of population 1 of 1\n",
    )
    found = json.loads(done.stdout)
    (own,) = found["populations"]
    assert (own["trainer"], own["source"]) == (engine, "measured")
    assert own["source_runs"] == {"population": 4, "keras": 2}[engine]
    assert 0 < own["seconds_per_model_step"] < own["seconds"] < found["seconds"]
    assert found["peak_memory_bytes"] > 100e6
    assert not (tmp_path / "runs").exists()


@pytest.mark.slow
def test_a_trial_of_runs_without_epochs(tmp_path: Path) -> None:
    solved = ("plan", "logistic", "--l1", "log:1e-3:1e-1:12", "--method", "proximal")
    (own,) = document(*solved, "--epochs", "0", "--measure", "--json", "--quiet", cwd=tmp_path)[
        "populations"
    ]
    assert (own["trainer"], own["source_runs"], own["seconds_per_model_step"]) == ("solver", 8, 0.0)
    assert own["seconds"] == pytest.approx(12 * own["seconds_per_run"])
