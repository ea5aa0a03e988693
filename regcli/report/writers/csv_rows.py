"""Comma-separated values for other programs: every key, numbers at full precision."""

import csv
import io
from collections.abc import Sequence
from typing import Any

from rich.console import Console

from regcli.report.contents import Table, View


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
    csv.writer(buffer, lineterminator="\r\n").writerow(values)
    return buffer.getvalue().removesuffix("\r\n") + "\n"
