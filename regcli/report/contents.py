"""What a report is made of: tables of values with notes below them, and nothing of how they look.

A builder makes one from records; a writer turns it into text. Values stand at full precision: a
column's format says how few of their digits a person needs.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Literal

from regcli.report.figures import Figure
from regcli.report.plots.plot import Plot
from regcli.report.plots.sparklines import Sparks

ALWAYS, FIRST = -1, 0
"""Priorities of columns that are never left out, and of those left out on narrow screens."""

Shown = str | Figure
Format = Callable[[Any], Shown]
"""How values of one kind are shown."""
Sketch = Plot | Sparks
"""A picture that a screen has room for."""


def as_text(value: object) -> str:
    """A text as it is, and nothing for what is missing."""
    return "" if value is None else str(value)


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes:
        key: the result or setting that it holds, as `--columns` names it.
        label: its head; a line break where it may take two lines.
        format: how its values are shown.
        priority: columns with the highest number go first where the width is short.
        short_label, short_format: what is shown instead where the width is short, before any
            column goes; None for the same.
        may_hide: whether the column goes where no row has anything in it.
        wraps: whether long texts take several lines.
        is_head: whether it names its row, as a label names a column.
        share: the share of a whole that a value stands for, where a screen with room for it draws
            a bar beside the value; None for no bar.
    """

    key: str
    label: str
    format: Format = as_text
    priority: int = ALWAYS
    justify: Literal["left", "right"] = "right"
    short_label: str | None = None
    short_format: Format | None = None
    may_hide: bool = True
    wraps: bool = False
    is_head: bool = False
    share: Callable[[Any], float | None] | None = None

    @property
    def title(self) -> str:
        """The label on one line."""
        return self.label.replace("\n", " ")


class Mark(Enum):
    """What a value is marked as."""

    BEST = "best"
    UNCONVERGED = "not converged"


class Tone(Enum):
    """What a row is among the others."""

    PLAIN = "plain"
    BEST = "best"
    FAILED = "failed"


NO_MARKS: Mapping[str, Mark] = {}


@dataclass(frozen=True)
class Row:
    """A row of a table.

    Attributes:
        values: one for each column, at full precision; None where there is none.
        marks: by the key of the column whose value is marked.
        format: how its values are shown, except the first, in place of the columns' formats.
        begins_group: whether it is separated from the rows above it.
    """

    values: Sequence[Any]
    tone: Tone = Tone.PLAIN
    marks: Mapping[str, Mark] = field(default_factory=lambda: NO_MARKS)
    format: Format | None = None
    begins_group: bool = False


class NoteKind(Enum):
    """What a note is about."""

    CONTEXT = "what all rows have"
    READING = "how to read the table"
    RANKING = "what the best row is best by"
    WARNING = "what to know before the numbers are used"


@dataclass(frozen=True)
class Note:
    """A sentence below a table."""

    text: str
    kind: NoteKind = NoteKind.READING


@dataclass(frozen=True)
class Table:
    """Rows of values, and what is said of them.

    Attributes:
        deviations_priority: deviations go, where the width is short, before columns of this and a
            lower priority, and after those of a higher one.
        has_head: whether the columns' labels are shown.
        continues: whether columns that do not fit continue below, after the first column again,
            in place of being left out.
        instead: the table to show where not even the columns that stay fit.
        sketch: what a screen shows below it, and no pipe or file.
    """

    columns: Sequence[Column]
    rows: Sequence[Row]
    notes: Sequence[Note] = ()
    deviations_priority: int = FIRST
    has_head: bool = True
    continues: bool = False
    instead: "Table | None" = None
    sketch: Sketch | None = None


@dataclass(frozen=True)
class Report:
    """What a person reads, from top to bottom.

    Attributes:
        name: of what is shown, such as that of a sweep.
    """

    tables: Sequence[Table]
    name: str = ""


@dataclass(frozen=True)
class View:
    """What a command shows, in the forms that writers take; each is made when one asks for it.

    Attributes:
        report: makes what a person reads.
        rows: makes the same as one table for other programs: every key, a row a run.
        document: makes the JSON document.
    """

    report: Callable[[], Report]
    rows: Callable[[], Table]
    document: Callable[[], Mapping[str, Any]]


def data_table(keys: Sequence[str], rows: Sequence[Sequence[Any]]) -> Table:
    """A table for other programs: its heads are its keys."""
    columns = [Column(key, key, may_hide=False) for key in keys]
    return Table(columns, [Row(values) for values in rows])
