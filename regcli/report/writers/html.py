"""HTML: a page that needs nothing beside it, or one with a style sheet and pictures as files.

Every text is escaped by the template, and stands in `<bdi>` where a person chose it.
"""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from regcli.report.cells import filled_columns, harmless, marked, shown
from regcli.report.contents import Column, Mark, Row, Table, Tone
from regcli.report.pages.page import Code, Page, Section, Sheet, Text
from regcli.report.plots.boxes import Boxes
from regcli.report.plots.plot import Picture, Plot, Tiles
from regcli.report.writers.svg.drawing import drawn
from regcli.report.writers.svg.paint import painted

_FOLDER = Path(__file__).parent / "page"
STYLE_NAME = "page.css"
_PICTURE = re.compile(r'<img class="plot" src="([\w.~-]+\.svg)"', re.ASCII)
"""As `_linked` writes it: a name without a folder."""
_MOST_NARROW = 4
"""Columns of a table beside which a picture may stand."""


def whole_page(page: Page) -> str:
    """The page as one text with its styles and pictures in it."""
    style, script = _read("page.css") + _read("plot.css"), _read("sorting.js")
    return _template().render(
        page=page,
        style=Markup(style),
        script=Markup(script),
        picture=_inline,
    )


def split_page(page: Page, name: str = "index.html") -> Mapping[str, str]:
    """The page, its styles and its pictures by file name: nothing in one is code of another.

    It stays as it is where a server allows images and styles of its own alone.
    """
    files = {STYLE_NAME: _read("page.css")}
    for section in page.sections:
        for block in section.blocks:
            if isinstance(block, Picture):
                files[f"{block.key}.svg"] = _with_style(painted(drawn(block, block.key)))
    files[name] = _template().render(page=page, style=None, script=None, picture=_linked)
    return files


def fragment(title: str, blocks: Sequence[Text | Code | Sheet]) -> str:
    """Blocks for a page that is somebody else's, such as a notebook.

    Its styles reach nothing beside it, and take their colors from around it, be they light or dark.
    """
    style = Markup(_read("fragment.css"))
    return _template("fragment.jinja").render(title=title, given=blocks, style=style)


def in_characters_of(encoding: str, page: str) -> str:
    """A page for a stream: it says to be UTF-8, so other encodings get ASCII with references."""
    is_its_own = encoding.lower().replace("_", "-") in ("utf-8", "utf8")
    return page if is_its_own else page.encode("ascii", "xmlcharrefreplace").decode("ascii")


def pictures_of(page: str) -> frozenset[str]:
    """Names of the picture files that a split page shows."""
    return frozenset(_PICTURE.findall(page))


def _template(name: str = "page.jinja") -> Template:
    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["shown"] = harmless
    environment.globals.update(
        kind=_kind, cells=_cells, heads=_heads, is_narrow=_is_narrow, is_wide=_is_wide
    )
    return environment.get_template(name)


def _read(name: str) -> str:
    return (_FOLDER / name).read_text("utf-8")


def _inline(picture: Picture) -> Markup:
    return Markup(drawn(picture, picture.key))


def _linked(picture: Picture) -> Markup:
    alternative = f"{picture.title}. {picture.description}"
    tag = Markup('<img class="plot" src="{}.svg" alt="{}">')
    return tag.format(picture.key, harmless(alternative))


def _with_style(svg: str) -> str:
    """A drawing that stands alone, with its colors in it and a ground of its own."""
    begin = svg.index(">") + 1
    style = f"<style>{_read('plot.css')}{_read('alone.css')}</style>"
    return f"{svg[:begin]}{style}{svg[begin:]}"


_KINDS = {
    Text: "text",
    Code: "code",
    Sheet: "sheet",
    **dict.fromkeys((Plot, Tiles, Boxes), "picture"),
}


def _kind(block: object) -> str:
    return _KINDS[type(block)]


def _is_narrow(section: Section) -> bool:
    """Whether a section is one picture, beside which others fit on a wide screen."""
    return len(section.blocks) == 1 and _kind(section.blocks[0]) == "picture"


def _is_wide(sheet: Sheet) -> bool:
    """Whether a table needs the whole width: sentences and many columns do."""
    return not sheet.table.has_head or len(sheet.table.columns) > _MOST_NARROW


@dataclass(frozen=True)
class Head:
    """A column's head as the template takes it: its label in lines."""

    lines: tuple[str, ...]
    classes: str


@dataclass(frozen=True)
class TableCell:
    """A cell as the template takes it: its text, and what it is sorted by."""

    text: str
    classes: str
    order: str
    is_head: bool


def _heads(table: Table) -> list[Head]:
    return [
        Head(tuple(column.label.split("\n")), _align(column)) for _, column in filled_columns(table)
    ]


def _cells(table: Table) -> Iterator[tuple[str, list[TableCell]]]:
    """The rows of a table, each with its classes."""
    columns = list(filled_columns(table))
    for row in table.rows:
        classes = " ".join(_row_classes(row))
        yield classes, [_cell(row, place, column) for place, column in columns]


def _row_classes(row: Row) -> Iterator[str]:
    if row.tone is not Tone.PLAIN:
        yield row.tone.value
    if row.begins_group:
        yield "group"


def _cell(row: Row, place: int, column: Column) -> TableCell:
    value, text = row.values[place], str(shown(row, place, column))
    is_best = row.marks.get(column.key) is Mark.BEST
    classes = " ".join(filter(None, [_align(column), "star" if is_best else ""]))
    return TableCell(
        marked(text, row, column) if text else "", classes, _order(value), column.is_head
    )


def _order(value: object) -> str:
    """A number to sort by; empty for what is sorted as text, and for what is not finite."""
    number = getattr(value, "mean", value)
    if isinstance(number, bool) or not isinstance(number, int | float):
        return ""
    return f"{number:.6g}" if math.isfinite(number) else ""


def _align(column: Column) -> str:
    if column.justify == "right":
        return "n"
    return "w" if column.wraps else ""
