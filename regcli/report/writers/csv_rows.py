"""Comma-separated values for other programs: every key, numbers at full precision.

Text that a spreadsheet would take for a formula has an apostrophe: `spreadsheet_cells.py`.
"""

import csv
import io
from collections.abc import Sequence
from typing import Any

from rich.console import Console

from regcli.report.contents import Table, View
from regcli.report.writers.spreadsheet_cells import safe_cell


def write(view: View, console: Console) -> str:
    """The view's rows below a header of their keys."""
    del console
    return text(view.rows())


def text(table: Table) -> str:
    """A table's values below a header of its keys."""
    lines = [[column.key for column in table.columns], *(row.values for row in table.rows)]
    return "".join(map(_line, lines))


def _line(values: Sequence[Any]) -> str:
    buffer = io.StringIO()
    # Python quotes a line feed or a carriage return if it is part of the line's own end.
    csv.writer(buffer, lineterminator="\r\n").writerow(map(safe_cell, values))
    return buffer.getvalue().removesuffix("\r\n") + "\n"
