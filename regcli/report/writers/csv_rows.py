"""Comma-separated values for other programs: every key, numbers at full precision."""

import csv
import io

from rich.console import Console

from regcli.report.contents import Table, View


def write(view: View, console: Console) -> str:
    """The view's rows below a header of their keys."""
    del console
    return text(view.rows())


def text(table: Table) -> str:
    """A table's values below a header of its keys."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow([column.key for column in table.columns])
    writer.writerows(row.values for row in table.rows)
    return buffer.getvalue()
