"""The setting to use in detail: its scores, and what it did with each validation row."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from regcli.report.pages.page import Block, Section, Sheet
from regcli.report.pages.prediction_blocks import missing, prediction_blocks, predictions_of
from regcli.report.pages.slices import chosen_title
from regcli.report.plots.row_plots import (
    error_by_target_plot,
    error_plot,
    own_class_plot,
    reliability_plot,
)
from regcli.report.run_view import scores_table
from regcli.results.records import RunRecord, RunState
from regcli.results.row_values import MOST_ROWS
from regcli.results.rows_once import rows_once
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
    if data is None:
        return
    kept = predictions_of(evidence, drawn)
    if kept is not None:
        yield from prediction_blocks(kept, data, len(drawn), _unit(runs[0]), notes)
    elif runs[0].state is RunState.FINISHED:
        yield missing(drawn)
    if any(len(values) < 2 for values in rows.values()):
        return
    if "log_loss" in rows and "accuracy" in rows:
        has_reliability = kept is not None and kept.sure is not None
        yield from _of_classes(rows, 0 if has_reliability else len(data.classes), notes)
    elif "mae" in rows:
        yield from _of_quantity(rows, _unit(runs[0]), notes)


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
    """The log loss of a row is −log of the probability of its own class.

    Args:
        classes: of the target; 0 where the reliability is drawn already.
    """
    own, right = np.exp(-rows["log_loss"]), rows["accuracy"]
    yield own_class_plot(_PART, own, right, notes)
    if classes == 2:
        # Of two classes, the predicted one has what the own one lacks where that is wrong.
        confidence = np.where(right > 0.5, own, 1 - own)
        yield reliability_plot(_PART, confidence, right, notes)


def _unit(run: RunRecord) -> str:
    """What a quantity is measured in, as an axis says it; empty where the target has no name."""
    target = run.config.get("dataset", {}).get("target")
    name = target.get("column") if isinstance(target, Mapping) else target
    return f", in units of {name}" if isinstance(name, str) else ""


def _of_quantity(rows: Mapping[str, Floats], unit: str, notes: list[str]) -> Iterator[Block]:
    """The relative error tells the magnitude of the target beside the error's."""
    errors = rows["mae"]
    yield error_plot(_PART, errors, unit, notes)
    if "mape" in rows:
        with np.errstate(divide="ignore", invalid="ignore"):
            targets = errors / rows["mape"]
        if np.isfinite(targets).sum() > 1 and targets[np.isfinite(targets)].max() > 1e-12:
            yield error_by_target_plot(_PART, errors, targets, unit, notes)
