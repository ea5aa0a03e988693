"""Pages as HTML: made-up ones, whatever they hold."""

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regcli.report.cells import harmless
from regcli.report.contents import Column, Mark, Note, NoteKind, Row, Table, Tone
from regcli.report.figures import LOSS, figure
from regcli.report.pages.page import Code, Page, Section, Sheet, Text, Urgency
from regcli.report.plots.plot import Axis, Line, Panel, Plot
from regcli.report.plots.scales import linear
from regcli.report.writers.html import in_characters_of, pictures_of, split_page, whole_page
from regcli.results.settings import Spread

from .written_pages import Element, read, rows

TABLE = Table(
    [
        Column("name", "name", justify="left"),
        Column("loss", "validation\nloss", lambda value: figure(value, LOSS)),
        Column("empty", "empty"),
    ],
    [
        Row(["a", Spread(0.0821, 0.0031), None], Tone.BEST, {"loss": Mark.BEST}),
        Row(["b", 0.25, None], Tone.FAILED),
    ],
    [Note("how to read it"), Note("be careful", NoteKind.WARNING)],
)
PLOT = Plot(
    "a-plot",
    "A plot",
    "It rises.",
    [Panel(Axis("x", linear([0.0, 1.0])), Axis("y", linear([0.0, 1.0])), [Line([(0, 0), (1, 1)])])],
    ["a note"],
)


def page(*blocks: object) -> Page:
    return Page("A title", "a lead", [Section("key", "Section", blocks)])  # type: ignore[arg-type]


def only(element: Element, tag: str) -> Element:
    (found,) = element.every(tag)
    return found


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8", "UTF8"])
def test_a_page_reads_the_same_from_streams_of_any_encoding(encoding: str) -> None:
    whole = whole_page(page(Text(["★ é \u2212"])))
    given = in_characters_of(encoding, whole)
    assert read(given).text == read(whole).text
    assert given.isascii() == (encoding in ("ascii", "latin-1"))


def test_a_table() -> None:
    found = read(whole_page(page(Sheet("Its title", TABLE, is_sortable=True))))
    table = only(found, "table")
    assert only(table, "caption").text == "Its title"
    assert rows(table) == [["name", "validation loss"], ["a", "★ 0.0821 ±0.0031"], ["b", "0.2500"]]
    assert [row.attributes.get("class") for row in table.every("tr")] == [None, "best", "failed"]
    assert [cell.attributes.get("data-v") for cell in table.every("td")] == [
        *(None, "0.0821"),
        *(None, "0.25"),
    ]
    notes = [each.text for each in found.every("p") if "note" in each.attributes.get("class", "")]
    assert notes == ["how to read it", "be careful"]


def test_a_warning_is_told_in_words_too() -> None:
    found = read(whole_page(page(Text(["mind the gap"], Urgency.WARNING))))
    assert [each.text.strip() for each in found.every("li")][-1] == "Warning: mind the gap"


def test_code_stands_as_it_is() -> None:
    found = read(whole_page(page(Code("a:\n  b: <c>\n", "a file"))))
    assert only(found, "pre").text == "a:\n  b: <c>\n"


def test_a_page_alone_needs_no_other_file() -> None:
    found = read(whole_page(page(PLOT)))
    assert [each.tag for each in found.every() if each.attributes.keys() & {"src", "srcset"}] == []
    assert [each.tag for each in found.every("link")] == []
    assert only(found, "style").text.count("@import") == 0
    assert "url(" not in only(found, "style").text


def test_a_split_page_has_no_code_in_it() -> None:
    files = split_page(page(PLOT, Sheet("", TABLE)))
    assert set(files) == {"index.html", "page.css", "a-plot.svg"}
    found = read(files["index.html"])
    assert {each.tag for each in found.every()} & {"style", "script", "svg"} == set()
    assert only(found, "img").attributes == {
        "class": "plot",
        "src": "a-plot.svg",
        "alt": "A plot. It rises.",
    }


def test_a_split_page_names_its_pictures() -> None:
    assert pictures_of(split_page(page(PLOT))["index.html"]) == {"a-plot.svg"}
    assert pictures_of('<img class="plot" src="../mine.svg" alt=""><img src="mine.svg">') == set()


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_not_finite_is_no_number_to_sort_by(value: float) -> None:
    table = Table([Column("c", "c")], [Row([value]), Row([Spread(value, None)]), Row([0.5])])
    cells = read(whole_page(page(Sheet("", table, is_sortable=True)))).every("td")
    assert [cell.attributes.get("data-v") for cell in cells] == [None, None, "0.5"]


def page_of(text: str) -> Page:
    table = Table([Column("c", "c", may_hide=False)], [Row([text])])
    return Page(text, text, [Section("key", "Section", [Text([text]), Sheet(text, table)])])


@given(st.text())
def test_any_text_is_text(text: str) -> None:
    """It comes out as it went in, with what does not print written out, and adds no element."""
    found, plain = (
        [each.tag for each in read(whole_page(page_of(given))).every() if each.tag not in BARE]
        for given in (text, "t")
    )
    assert found == plain
    assert only(read(whole_page(page_of(text))), "h1").text == harmless(text)


BARE = {"caption", "bdi"}
"""What stands around a text, and not where there is none."""


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_text_can_be_read(mode: str) -> None:
    """Contrast of 4.5 to 1 and more, by the formula of WCAG 2."""
    style = read(whole_page(page())).every("style")
    text = next(iter(style)).text
    light, _, dark = text.partition("@media screen and (prefers-color-scheme: dark)")
    colors = _variables(light) | (_variables(dark) if mode == "dark" else {})
    pairs = [
        *(("text", ground) for ground in ("ground", "soft", "use")),
        *((kind, "ground") for kind in ("faint", "link", "caution")),
        ("faint", "soft"),
        ("caution", "caution-ground"),
    ]
    for front, ground in pairs:
        ratio = contrast(colors[front], colors[ground])
        assert ratio >= 4.5, (mode, front, ground, ratio)


def _variables(text: str) -> dict[str, str]:
    return dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{3,6})", text.partition("}")[0]))


def contrast(one: str, other: str) -> float:
    low, high = sorted(map(luminance, (one, other)))
    return (high + 0.05) / (low + 0.05)


def luminance(color: str) -> float:
    digits = color.removeprefix("#")
    digits = "".join(d * 2 for d in digits) if len(digits) == 3 else digits
    shares = [int(digits[n : n + 2], 16) / 255 for n in (0, 2, 4)]
    linear_ = [s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares]
    return sum(w * s for w, s in zip((0.2126, 0.7152, 0.0722), linear_, strict=True))
