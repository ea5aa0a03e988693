"""The coefficients of a linear model, with their range over folds and seeds."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from regcli.report.coefficient_view import coefficient_table
from regcli.report.counts import counted
from regcli.report.figures import loss_text, percent_text
from regcli.report.pages.page import Block, Section, Sheet
from regcli.report.pages.slices import chosen_title
from regcli.report.plots.ranges import Ranged, range_plot
from regcli.results.coefficients import Coefficients, coefficients, is_linear
from regcli.workflows.stored_evidence import Evidence

Floats = NDArray[np.float64]
MOST_ROWS, MOST_OUTPUTS = 20, 6


def coefficients_section(evidence: Evidence) -> Section:
    """A plot for each output of the setting to use, and a table; nothing for other models."""
    return Section("coefficients", "Coefficients", tuple(_blocks(evidence)))


def _blocks(evidence: Evidence) -> Iterator[Block]:
    found = []
    for run in evidence.chosen.records:
        weights = evidence.weights(run) if is_linear(run) else None
        own = None if weights is None else coefficients(run, weights)
        if own is not None:
            found.append(own)
    if not found or len({(each.outputs, each.scaled.shape[1]) for each in found}) > 1:
        return
    columns, stacked = aligned(found)
    if not columns:
        return
    left_out = len({name for each in found for name in each.columns}) - len(columns)
    for output in range(min(stacked.shape[2], MOST_OUTPUTS)):
        values = stacked[:, :, output]
        largest = np.argsort(-np.abs(values).max(axis=0), kind="stable")[:MOST_ROWS]
        rows = [_ranged(columns[column], values[:, column]) for column in largest.tolist()]
        name = _output_name(found[0], output)
        title = f"Coefficients of {name}" if name else "Coefficients"
        yield range_plot(
            f"coefficients-{output}",
            title,
            "by one unit of the scaled column",
            rows,
            loss_text,
            _notes(values.shape, left_out),
        )
    several = ", its first run" if len(evidence.chosen.records) > 1 else ""
    yield Sheet(f"{chosen_title(evidence)}{several}", coefficient_table(found[0]))


def aligned(found: Sequence[Coefficients]) -> tuple[list[str], Floats]:
    """The columns that all runs have, and their coefficients, (runs, columns, outputs).

    Folds may have other columns, as many or not: those of a category are found in its own rows.
    """
    common = set.intersection(*(set(each.columns) for each in found))
    columns = [name for name in found[0].columns if name in common]
    rows = [[each.columns.index(name) for name in columns] for each in found]
    return columns, np.stack([each.scaled[own] for each, own in zip(found, rows, strict=True)])


def _ranged(name: str, values: Floats) -> Ranged:
    mean = float(values.mean())
    if len(values) == 1:
        return Ranged(name, mean)
    remark = f"not 0 in {percent_text(float((values != 0).mean()))} of the runs"
    return Ranged(name, mean, (float(values.min()), float(values.max())), remark)


def _output_name(found: Coefficients, output: int) -> str:
    return found.outputs[output] if found.outputs else ""


def _notes(shape: tuple[int, ...], left_out: int) -> list[str]:
    runs, columns = shape
    notes = []
    if runs > 1:
        notes.append(f"the mean and the range over the {runs} runs of this setting")
    if left_out:
        notes.append(f"without {counted(left_out, 'column')} that not every run has")
    if columns > MOST_ROWS:
        notes.append(f"the {MOST_ROWS} largest of {columns:,} columns")
    return notes
