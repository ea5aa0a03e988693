"""What a notebook shows: well-formed, whatever names hold, and nothing that reaches beside it."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from judged import Grid

from regcli.report.cells import harmless
from regcli.report.contents import Column, Row, Table
from regcli.report.notebook_views import run_html, sweep_html, verdict_html
from regcli.report.pages.page import Sheet, Text, Urgency
from regcli.report.writers.html import fragment
from regcli.results.settings import by_setting

from .test_pictures_on_screens import a_grid
from .test_run_view import a_run
from .written_pages import Element, read, rows

HOSTILE = [
    "</script><script>alert(1)</script>",
    "</style></div><img src=x onerror=alert(1)>",
    "<img onerror='alert(1)' src=\"x\">",
    "a\x00b\x1b[31mc\x07\r\n",
    "\u202egnp.exe\u2066",
    "{{ 7 * 7 }}{% raw %}",
    "[red]&amp;&lt;",
]
GRID = a_grid()


def styles(found: Element) -> list[str]:
    return [each.text for each in found.every("style")]


def named_grid(name: str) -> Grid:
    """The grid, whose activation is called so in half of its settings."""
    grid, other = a_grid(), a_grid([80, 90, 100, 200])
    grid.records += [
        run.model_copy(
            update={"id": f"f{run.id[1:]}", "settings": {**run.settings, "activation": name}}
        )
        for run in other.records
    ]
    grid.rows |= {f"f{run}": rows for run, rows in other.rows.items()}
    grid.rows |= {f"f{run[1:]}": rows for run, rows in other.rows.items()}
    return grid


def sweep_of(grid: Grid, title: str = "Sweep small: 12 runs") -> str:
    verdict = grid.judge()
    return sweep_html(title, verdict.settings, verdict, "", {}, [title])


def test_a_sweep_is_its_verdict_and_its_table() -> None:
    found = read(sweep_of(GRID))
    verdict, table = found.every("table")
    assert [row[0] for row in rows(verdict)] == ["use", "best", "test", "next"]
    assert rows(verdict)[0][1].startswith(
        "l1 0.001 — 25.0% of the weights are zero; accuracy +2.00"
    )
    assert [row[:2] for row in rows(table)[1:]] == [
        ["reference", "0"],
        ["use, best", "0.001"],
        ["", "0.01"],
        ["", "0.1"],
    ]
    (warning,) = [each.text for each in found.every("li")]
    assert warning.startswith("Warning: the best l1 is at the grid's edge: ")


def test_a_sweep_without_a_verdict_says_why() -> None:
    (one, *_) = by_setting(GRID.records)
    found = read(sweep_html("Sweep", [one], None, "", {}, []))
    texts = [each.text for each in found.every("p")]
    assert texts[:2] == ["Sweep", "One setting: there is nothing to choose from."]
    assert len(list(found.every("table"))) == 1


def test_a_verdict_is_its_lines() -> None:
    (table,) = read(verdict_html(GRID.judge())).every("table")
    assert [row[0] for row in rows(table)] == ["use", "best", "test", "next"]


def test_a_run_is_its_tables() -> None:
    found = read(run_html("Run 3fa9: l1 0.5; finished", a_run(())))
    heads = [[row[0] for row in rows(table)][:3] for table in found.every("table")]
    assert heads == [
        ["run", "id", "name"],
        ["", "data_loss", "penalty"],
        ["kernel", "dense", "output"],
        ["", "active inputs", ""],
    ]


def test_it_has_no_code_and_reaches_nothing_beside_it() -> None:
    found = read(sweep_of(GRID))
    (outer,) = [each for each in found.children if isinstance(each, Element)]
    assert (outer.tag, outer.attributes) == ("div", {"class": "regcli"})
    assert {each.tag for each in found.every()} & {"script", "link", "iframe", "object"} == set()
    named = {name for each in found.every() for name in each.attributes}
    assert not {name for name in named if name.startswith("on")} | named & {"id", "style", "src"}
    (style,) = styles(found)
    selectors = [each for rule in re.findall(r"([^{}]+)\{", style) for each in rule.split(",")]
    assert selectors
    assert [each for each in selectors if not each.strip().startswith("div.regcli")] == []
    assert "url(" not in style
    assert "@" not in style


def test_its_text_has_the_color_of_what_is_around_it() -> None:
    """Grounds are shades that let the notebook's own show through, be it light or dark."""
    (style,) = styles(read(sweep_of(GRID)))
    assert set(re.findall(r"(?<![\w-])color: ([^;}]+?) ?[;}]", style)) == {"inherit"}
    grounds = re.findall(r"background: ([^;}]+?) ?[;}]", style)
    shades = [re.fullmatch(r"rgba\(\d+, \d+, \d+, (\.\d+)\)", each) for each in grounds]
    assert all(
        each == "transparent" for each, shade in zip(grounds, shades, strict=True) if not shade
    )
    assert max(float(shade[1]) for shade in shades if shade) <= 0.2


@pytest.mark.parametrize("name", HOSTILE)
def test_names_are_text(name: str) -> None:
    found, plain = (read(sweep_of(named_grid(each), each)) for each in (name, "plain"))
    assert [each.tag for each in found.every()] == [each.tag for each in plain.every()]
    assert styles(found) == styles(plain)
    title = next(each for each in found.every("p") if each.attributes.get("class") == "title")
    assert title.text == harmless(name)
    cells = [cell for table in found.every("table") for row in rows(table) for cell in row]
    assert " ".join(harmless(name).split()) in cells


@pytest.mark.parametrize("name", HOSTILE)
def test_names_of_a_run_are_text(name: str) -> None:
    found, plain = (
        read(run_html(each, a_run((), name=each, settings={"l1": 0.5, "activation": each})))
        for each in (name, "plain")
    )
    assert [each.tag for each in found.every()] == [each.tag for each in plain.every()]
    assert harmless(name) in [each.text for each in found.every("td")]


@given(st.text(min_size=1))
def test_any_text_is_text(text: str) -> None:
    table = Table([Column("c", "c", may_hide=False)], [Row([text])])
    blocks = [Text([text], Urgency.WARNING), Sheet(text, table)]
    found = read(fragment(text, blocks))
    assert [each.tag for each in found.every() if each.tag != "bdi"] == [
        *("div", "style", "p", "ul", "li", "strong", "div", "div", "table", "caption"),
        *("thead", "tr", "th", "tbody", "tr", "td"),
    ]
