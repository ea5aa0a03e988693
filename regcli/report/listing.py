"""Tables of two columns: what something is called, and what it is."""

from collections.abc import Sequence

from regcli.report.contents import Column, Row, Table


def listed(rows: Sequence[tuple[str, str]]) -> Table:
    """A name and a text a row; long texts take several lines."""
    columns = [
        Column("name", "", justify="left", is_head=True),
        Column("value", "", justify="left", wraps=True),
    ]
    return Table(columns, [Row(row) for row in rows], has_head=False)
