"""Plots of rows: each row is there once, and bars are called what they hold."""

from typing import Any

import numpy as np
from stored_examples import a_run

from regcli.report.plots.plot import Bars
from regcli.report.plots.row_plots import error_by_target_plot, own_class_plot
from regcli.results.records import RunRecord
from regcli.results.rows_once import rows_once


def run(seed: int, fold: tuple[int, int] | None = None, split: int = 0) -> RunRecord:
    """A run of a seed, and of a (repeat, fold) of three folds where one is given."""
    dataset: dict[str, Any] = {"seed": split}
    if fold is not None:
        dataset["fold"] = {"repeat": fold[0], "number": fold[1], "of": 3}
    run_id = f"{seed:04x}{split:04x}{hash(fold) % 0xFFFF:04x}"
    return a_run(run_id, config={"training": {"seed": seed}, "dataset": dataset})


def test_other_seeds_and_splits_have_the_same_rows_again() -> None:
    runs = [run(seed, split=split) for seed in (0, 1) for split in (0, 1)]
    assert rows_once(runs) == runs[:1]


def test_the_folds_of_a_repeat_have_each_row_once() -> None:
    runs = [run(s, (repeat, n)) for s in (0, 1) for repeat in (0, 1) for n in range(3)]
    assert rows_once(runs) == runs[:3]


def test_bars_are_called_what_they_hold() -> None:
    plot = own_class_plot("validation", np.array([0.9, 0.8, 0.1]), np.array([1.0, 1.0, 0.0]), [])
    bars = {m.name: sum(n for *_, n in m.bars) for m in plot.panels[0].marks if isinstance(m, Bars)}
    assert bars == {"all rows": 3, "wrong": 1}


def test_a_note_says_which_rows_are_drawn() -> None:
    values = np.linspace(1, 2, 700)
    assert error_by_target_plot("validation", values, values, "", []).notes == [
        "1 row in 3 is drawn"
    ]
