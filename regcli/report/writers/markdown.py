"""Markdown: the tables of a report with all their columns, the best row in bold, notes below."""

import re
from collections.abc import Iterator

from rich.console import Console

from regcli.report.cells import filled_columns, harmless, marked, shown
from regcli.report.contents import Column, Report, Row, Table, Tone, View

_SPECIAL = re.compile(r"[\\|<*`]|\](?=[(\[])|&(?=[#\w])|(?<!\w)_|_(?!\w)")
"""What would end a cell, begin a tag, a link, an emphasis or an entity, or escape one of these."""
_RULES = {"left": "---", "right": "---:"}


def write(view: View, console: Console) -> str:
    """The report as GitHub's Markdown has tables."""
    del console
    return text(view.report())


def text(report: Report) -> str:
    """Each table, and below it a paragraph with its notes."""
    return "\n\n".join(block for table in report.tables for block in _blocks(table))


def _blocks(table: Table) -> Iterator[str]:
    columns = list(filled_columns(table))
    heads = [escaped(column.title) if table.has_head else "" for _, column in columns]
    lines = [_line(heads), _line([_RULES[column.justify] for _, column in columns])]
    lines += [_line([_cell(row, *place) for place in columns]) for row in table.rows]
    yield "\n".join(lines)
    if table.notes:
        # Two blanks at the end of a line keep it a line.
        yield "  \n".join(escaped(note.text) for note in table.notes)


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(row: Row, place: int, column: Column) -> str:
    text = str(shown(row, place, column))
    cell = escaped(marked(text, row, column)) if text else ""
    is_bold = row.tone is Tone.BEST or column.is_head
    return f"**{cell}**" if cell and is_bold else cell


def escaped(value: str) -> str:
    """A text in one line whose characters Markdown takes for themselves."""
    return _SPECIAL.sub(r"\\\g<0>", harmless(" ".join(value.splitlines())))
