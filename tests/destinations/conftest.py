"""Stores of made-up runs, and what is sent of them."""

import shutil
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import pytest
from characterisation.command_line import Written, regcli
from characterisation.test_store_of_today import STORE
from stored_examples import a_run, a_sweep

from regcli.results.records import RunRecord
from regcli.store.store import open_store

Export = Callable[..., Written]

FOLDS = [
    a_run(
        f"{place:012x}",
        settings={"l1": 0.01 * (place // 2), "l2": 0.01, "seed": 0, "fold": f"{place % 2 + 1}/2"},
        epochs=3,
        seconds=30.0,
        history={"loss": (0.3, 0.1, None), "val_loss": (0.4, 0.2, 0.2)},
        environment={"regcli": "0.1.0"},
    )
    for place in range(4)
]
"""Two settings, each with two folds."""

HOSTILE = [
    a_run(
        "ffffffffff01",
        "diverged",
        name="=2+5 \x1b[31m../..//\u202e",
        settings={"l1": -0.0, "model.layers.<b>\n": ["a\x00", 1], "is": True, "none": None},
        history={"loss\x07": (None, None), "../loss": (1.0, None)},
        metrics={"train": {"data_loss": float("nan"), "accuracy": None}},
        sparsity=None,
        message="=loss\nbecame NaN",
        epochs=2,
    ),
    a_run(
        "ffffffffff02",
        "failed",
        name="=2+5 \x1b[31m../..//\u202e",
        settings={"l1": "auto", "model.layers.<b>\r": "x" * 9000, "is": 1},
        history={},
        metrics={},
        sparsity=None,
        epochs=0,
        seconds=0.0,
        created="never",
    ),
]
"""Runs that did not end well, with names that no tool expects."""


@pytest.fixture
def export(tmp_path: Path) -> Export:
    """`regcli runs export` in the folder of the test."""

    def run(*arguments: str) -> Written:
        return regcli("runs", "export", *arguments, folder=tmp_path)

    return run


def stored(folder: Path, runs: Sequence[RunRecord]) -> None:
    """Store runs, and a sweep of them all."""
    with open_store(folder / "runs") as store:
        store.add_many([(run, {}) for run in runs])
        store.add_sweep(a_sweep("ab12cd34ef56", tuple(run.id for run in runs)))


@pytest.fixture
def folds(tmp_path: Path) -> Sequence[RunRecord]:
    """Runs of two folds in `runs`, the newest first as they are exported."""
    stored(tmp_path, FOLDS)
    return FOLDS


@pytest.fixture
def hostile(tmp_path: Path) -> Sequence[RunRecord]:
    stored(tmp_path, HOSTILE)
    return HOSTILE


@pytest.fixture
def older(tmp_path: Path) -> Path:
    """The store of an earlier version with twelve trained runs of all states, as `runs`."""
    shutil.copytree(STORE, tmp_path / "runs")
    with closing(sqlite3.connect(tmp_path / "runs" / "regcli.sqlite")) as connection:
        connection.executescript((STORE / "regcli.sql").read_text(encoding="utf-8"))
    return tmp_path
