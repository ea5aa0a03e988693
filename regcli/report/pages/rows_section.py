"""The setting to use in detail: its scores, and what it did with each validation row."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from regcli.report.pages.page import Block, Section, Sheet
from regcli.report.pages.slices import chosen_title
from regcli.report.plots.row_plots import (
    error_by_target_plot,
    error_plot,
    own_class_plot,
    reliability_plot,
)
from regcli.report.run_view import scores_table
from regcli.results.records import RunRecord
from regcli.results.row_values import MOST_ROWS
from regcli.results.settings import fold_of, seed_of, split_of
from regcli.workflows.stored_evidence import Evidence

Floats = NDArray[np.float64]
_PART = "validation"
"""Whose rows are shown: those of the test are for one number."""


def rows_section(evidence: Evidence) -> Section:
    """Scores of every part, and plots of the values of rows that are stored."""
    return Section("rows", chosen_title(evidence), tuple(_blocks(evidence)))


def _blocks(evidence: Evidence) -> Iterator[Block]:
    runs = evidence.chosen.records
    if not any(runs[0].metrics.values()):
        return
    which = "its first run" if len(runs) > 1 else f"run {runs[0].id}"
    yield Sheet(f"Scores: {which}", scores_table(runs[0]))
    drawn = rows_once(runs)
    rows = _rows(evidence, drawn)
    notes = [_drawn_note(len(drawn), len(runs))] if len(runs) > 1 else []
    data = runs[0].data
    if data is None or any(len(values) < 2 for values in rows.values()):
        return
    if "log_loss" in rows and "accuracy" in rows:
        yield from _of_classes(rows, len(data.classes), notes)
    elif "mae" in rows:
        yield from _of_quantity(rows, runs[0], notes)


def rows_once(runs: Sequence[RunRecord]) -> list[RunRecord]:
    """The first run, with the other folds of its seed, repeat and split: no row is in two of them.

    Other seeds and repeats have the same rows again, which would pass for independent ones.
    """
    return [run for run in runs if _without_fold(run) == _without_fold(runs[0])]


def _without_fold(run: RunRecord) -> tuple[int, int | None, int | None]:
    fold = fold_of(run)
    return seed_of(run), split_of(run), None if fold is None else fold.repeat


def _drawn_note(drawn: int, runs: int) -> str:
    if drawn == runs:
        return f"rows of all {runs} folds"
    which = "the first run" if drawn == 1 else f"the {drawn} folds of the first seed and repeat"
    return f"rows of {which}: the other runs of this setting have the same rows"


def _rows(evidence: Evidence, runs: Sequence[RunRecord]) -> Mapping[str, Floats]:
    """The values of some runs' rows, by metric, where each row has its own."""
    found: dict[str, list[Floats]] = {}
    for run in runs:
        if run.data is not None and run.data.rows.get(_PART, 0) <= MOST_ROWS:
            for key, values in evidence.rows(run).get(_PART, {}).items():
                found.setdefault(key, []).append(values.astype(np.float64))
    joined = {key: np.concatenate(each) for key, each in found.items() if len(each) == len(runs)}
    return {key: values for key, values in joined.items() if np.isfinite(values).all()}


def _of_classes(rows: Mapping[str, Floats], classes: int, notes: list[str]) -> Iterator[Block]:
    """The log loss of a row is −log of the probability of its own class."""
    own, right = np.exp(-rows["log_loss"]), rows["accuracy"]
    yield own_class_plot(_PART, own, right, notes)
    if classes == 2:
        # Of two classes, the predicted one has what the own one lacks where that is wrong.
        confidence = np.where(right > 0.5, own, 1 - own)
        yield reliability_plot(_PART, confidence, right, notes)


def _of_quantity(rows: Mapping[str, Floats], run: RunRecord, notes: list[str]) -> Iterator[Block]:
    """The relative error tells the magnitude of the target beside the error's."""
    target = run.config.get("dataset", {}).get("target")
    name = target.get("column") if isinstance(target, Mapping) else target
    unit = f", in units of {name}" if isinstance(name, str) else ""
    errors = rows["mae"]
    yield error_plot(_PART, errors, unit, notes)
    if "mape" in rows:
        with np.errstate(divide="ignore", invalid="ignore"):
            targets = errors / rows["mape"]
        if np.isfinite(targets).sum() > 1 and targets[np.isfinite(targets)].max() > 1e-12:
            yield error_by_target_plot(_PART, errors, targets, unit, notes)
