"""The coefficients of a linear model, a row for each column."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np

from regcli.report.contents import Column, Note, Row, Table
from regcli.report.figures import LOSS, figure
from regcli.results.coefficients import Coefficients

_NUMBER = partial(figure, style=LOSS)
MOST_SHOWN = 40
"""Columns that a table shows at most; the JSON has them all."""


def coefficient_table(found: Coefficients) -> Table:
    """Both kinds of coefficients of one output; of several outputs those of scaled columns."""
    size = np.abs(found.scaled).max(axis=1)
    shown = np.sort(np.argsort(-size, kind="stable")[:MOST_SHOWN])
    has_one = found.scaled.shape[1] == 1
    names = found.outputs or tuple(map(str, range(found.scaled.shape[1])))
    heads = ["of scaled column", "in its own unit"] if has_one else names
    cells = np.hstack([found.scaled, found.original]) if has_one else found.scaled
    columns = [
        Column("column", "column", justify="left", wraps=True, may_hide=False),
        *(Column(head, f"coefficient\n{head}", _NUMBER) for head in heads),
    ]
    rows = [Row([found.columns[row], *cells[row]]) for row in shown]
    if has_one:
        rows.append(Row(["intercept", None, found.intercept[0]], begins_group=True))
    return Table(columns, rows, list(_notes(found, has_one)))


def _notes(found: Coefficients, has_one: bool) -> Iterator[Note]:
    if not has_one:
        yield Note("coefficients are those of scaled columns; the JSON has both kinds")
    elif found.outputs:
        yield Note(f"higher outputs mean class {found.outputs[0]}")
    elif found.of_log:
        yield Note("the output is the logarithm of the target")
    more = len(found.columns) - MOST_SHOWN
    if more > 0:
        yield Note(f"the {MOST_SHOWN} largest of {len(found.columns):,}; the JSON has all of them")


def coefficient_entry(found: Coefficients) -> dict[str, Any]:
    """All of them, (columns, outputs) each."""
    return {
        "columns": list(found.columns),
        "outputs": list(found.outputs),
        "scaled": found.scaled.tolist(),
        "original": found.original.tolist(),
        "intercept": found.intercept.tolist(),
    }
