"""Tables on a screen: as wide as it is, in colour where it has any, uncut where it is a pipe."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from rich import box
from rich.console import Console
from rich.table import Table as Drawing
from rich.text import Text

from regcli.one_line import printable
from regcli.report.contents import Note, Report, Row, Sketch, Table, Tone, View
from regcli.report.plain_text import plain
from regcli.report.plots.plot import Plot
from regcli.report.screen import draws_on
from regcli.report.standard_streams import WIDEST
from regcli.report.writers.bar_columns import with_bars
from regcli.report.writers.characters.ink import ink_for
from regcli.report.writers.characters.panel_text import panel_lines
from regcli.report.writers.characters.spark_text import spark_lines
from regcli.report.writers.fitting import Filled, fit, split_columns

READABLE = 120
"""Columns that texts are wrapped to off a terminal: whoever reads a log has so many."""
MOST_ROWS = 1000
"""Rows of a table for people: a screen holds a twentieth of them, and each takes time to draw."""

_STYLES = {Tone.PLAIN: None, Tone.BEST: "bold green", Tone.FAILED: "red"}
_ASCII = box.Box("    \n    \n -- \n    \n    \n    \n    \n    \n", ascii=True)
"""`box.SIMPLE_HEAD` where the screen has no line characters."""
_NUMBER_WIDTH = 12
_NO_BREAK, _STAND_IN = "\u00a0", "\ue000"
"""Rich breaks lines at a no-break space, so another character stands for it meanwhile."""
_MOST_TOGETHER = 24
"""Characters up to which what such a space joins stays on one line: more would widen tables."""


def write(view: View, console: Console) -> str:
    """The view's report as it fits the console."""
    return text(view.report(), console)


def text(report: Report, console: Console) -> str:
    """The tables of a report one below the other, each with its notes and its picture."""
    return "\n".join(part for table in report.tables for part in _parts(table, console))


def _parts(table: Table, console: Console) -> Iterator[str]:
    if table.continues:
        parts = list(split_columns(table, console.width, console.encoding))
        for number, columns in enumerate(parts, 1):
            drawing = _continuing(table.rows, columns, console)
            yield _drawn(drawing, table.notes if number == len(parts) else (), console)
        return
    shown = _shortened(table)
    fitted = fit(shown, console.width, console.encoding)
    if draws_on(console):
        fitted = with_bars(fitted, console.width, ink_for(console.encoding))
    left_out = ", ".join(fitted.left_out)
    notes = [Note(f"left out to fit the width: {left_out}")] if left_out else []
    if more := len(table.rows) - len(shown.rows):
        notes.append(Note(f"and {more:,} more; the formats json, csv and md show all"))
    drawing = _drawing(console, has_head=fitted.table.has_head, is_tight=fitted.is_tight)
    for filled in fitted.columns:
        _add_column(drawing, filled)
    _add_rows(drawing, fitted.table.rows, fitted.columns)
    yield _drawn(drawing, [*fitted.table.notes, *notes], console)
    if table.sketch is not None and draws_on(console) and (lines := _lines(table.sketch, console)):
        yield "\n".join(["", *(line.rstrip() for line in lines)])


def _lines(sketch: Sketch, console: Console) -> list[str]:
    """A picture in characters; nothing where the screen is too narrow for it."""
    width, ink = console.width, ink_for(console.encoding)
    drawn = (
        panel_lines(sketch, width, ink)
        if isinstance(sketch, Plot)
        else spark_lines(sketch, width, ink)
    )
    return [plain(printable(line), console.encoding) for line in drawn]


def _shortened(table: Table) -> Table:
    """A very long table without the rows that are not shown; the best one is."""
    if len(table.rows) <= MOST_ROWS:
        return table
    first, others = table.rows[:MOST_ROWS], table.rows[MOST_ROWS:]
    best = [replace(row, begins_group=True) for row in others if row.tone is Tone.BEST]
    instead = table.instead and _shortened(table.instead)
    return replace(table, rows=[*first, *best], instead=instead)


def _drawing(console: Console, has_head: bool = True, is_tight: bool = False) -> Drawing:
    return Drawing(
        box=_ASCII if console.options.ascii_only else box.SIMPLE_HEAD,
        pad_edge=False,
        collapse_padding=is_tight,
        show_header=has_head,
    )


def _add_column(drawing: Drawing, filled: Filled) -> None:
    column = filled.column
    style = "bold" if column.is_head else None
    if column.wraps:
        drawing.add_column(filled.head, justify=column.justify, overflow="fold", style=style)
    else:
        # A known width: rich would measure every cell several times over.
        drawing.add_column(
            filled.head, justify=column.justify, no_wrap=True, width=filled.width, style=style
        )


def _continuing(rows: Sequence[Row], columns: Sequence[Filled], console: Console) -> Drawing:
    drawing = _drawing(console)
    first, *others = columns
    drawing.add_column(first.head, overflow="fold")
    for filled in others:
        drawing.add_column(
            filled.head, justify=filled.column.justify, overflow="fold", min_width=_NUMBER_WIDTH
        )
    _add_rows(drawing, rows, columns)
    return drawing


def _add_rows(drawing: Drawing, rows: Sequence[Row], columns: Sequence[Filled]) -> None:
    for position, row in enumerate(rows):
        if row.begins_group and position:
            drawing.add_section()
        drawing.add_row(
            *(Text(_joined(filled.cells[position])) for filled in columns),
            style=_STYLES[row.tone],
        )


def _joined(cell: str) -> str:
    """A cell in which rich does not break what belongs together, such as a key and its value."""
    if _NO_BREAK not in cell:
        return cell
    parts = cell.split(" ")
    return " ".join(
        part.replace(_NO_BREAK, _STAND_IN) if len(part) <= _MOST_TOGETHER else part
        for part in parts
    )


def _drawn(drawing: Drawing, notes: Sequence[Note], console: Console) -> str:
    """A drawn table and its notes, without the blanks that would fill each line to the width."""
    unlimited = console.options.update(width=WIDEST)
    least = console.measure(drawing, options=unlimited).minimum
    readable = min(console.width, READABLE)
    wraps = any(column.overflow == "fold" for column in drawing.columns)
    width, console.width = console.width, max(readable if wraps else console.width, least)
    try:
        with console.capture() as captured:
            console.print(drawing)
            console.width = readable
            for note in notes:
                console.print(Text(plain(note.text, console.encoding), style="dim"))
    finally:
        console.width = width
    lines = captured.get().replace(_STAND_IN, _NO_BREAK).split("\n")
    return "\n".join(line.rstrip() for line in lines).rstrip("\n")
