"""What a page is made of: sections with texts, tables and pictures in their order."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from regcli.report.contents import Table
from regcli.report.plots.plot import Picture


class Urgency(Enum):
    """How a text is to be read."""

    PLAIN = "plain"
    WARNING = "warning"


@dataclass(frozen=True)
class Text:
    """Sentences, a line each."""

    lines: Sequence[str]
    urgency: Urgency = Urgency.PLAIN


@dataclass(frozen=True)
class Code:
    """Text that is shown as it is typed.

    Attributes:
        label: what it is.
    """

    text: str
    label: str


@dataclass(frozen=True)
class Sheet:
    """A table with what it is called.

    Attributes:
        is_sortable: whether its rows may be put into another order.
    """

    title: str
    table: Table
    is_sortable: bool = False


Block = Text | Code | Sheet | Picture


@dataclass(frozen=True)
class Section:
    """A part of a page.

    Attributes:
        key: its name in links.
    """

    key: str
    title: str
    blocks: Sequence[Block]


@dataclass(frozen=True)
class Page:
    """A page, from top to bottom.

    Attributes:
        lead: what it is of, in a line below its title.
    """

    title: str
    lead: str
    sections: Sequence[Section]
