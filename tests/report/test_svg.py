"""Drawings: every text is one, in its place, and classes are all that they say of colors."""

import math
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from regcli.report.plots.plot import (
    Axis,
    Band,
    Bars,
    Cell,
    Cells,
    Dot,
    Dots,
    Line,
    Panel,
    Plot,
    Rule,
    Tile,
    Tiles,
)
from regcli.report.plots.scales import Steps, linear, logarithmic
from regcli.report.writers import html
from regcli.report.writers.svg import paint
from regcli.report.writers.svg.drawing import WIDTH, drawn
from regcli.report.writers.svg.elements import width_of

SVG = "{http://www.w3.org/2000/svg}"
X = Axis("l1", logarithmic([0.0, 1e-3, 1e-2]))
Y = Axis("loss", linear([0.0, 1.0]))


def tree(plot: Plot | Tiles) -> ET.Element:
    return ET.fromstring(drawn(plot, "p"))


def texts(root: ET.Element) -> list[str]:
    return [each.text or "" for each in root.iter(f"{SVG}text")]


def plot(*marks: object, x: Axis = X, y: Axis = Y) -> Plot:
    return Plot("p", "A title", "What it shows.", [Panel(x, y, marks)])  # type: ignore[arg-type]


def test_a_drawing_says_what_it_is() -> None:
    root = tree(plot(Line([(0.0, 0.1), (1e-3, 0.2)], "train")))
    assert root.attrib["role"] == "img"
    assert root.find(f"{SVG}title").text == "A title"  # type: ignore[union-attr]
    assert root.find(f"{SVG}desc").text == "What it shows."  # type: ignore[union-attr]
    assert texts(root)[:2] == ["loss", "train"]
    assert {"0", "0.001", "0.01", "l1"} <= set(texts(root))


def test_a_value_that_is_not_known_interrupts_a_line() -> None:
    points = [(0.0, 0.1), (1e-3, math.nan), (2e-3, 0.2), (1e-2, 0.3)]
    lines = tree(plot(Line(points))).findall(f"{SVG}polyline")
    assert [len(each.attrib["points"].split()) for each in lines] == [1, 2]


def test_points_stand_where_their_values_are() -> None:
    (line,) = tree(plot(Line([(0.0, 0.0), (1e-2, 1.0)]))).findall(f"{SVG}polyline")
    (left, low), (right, high) = (map(float, p.split(",")) for p in line.attrib["points"].split())
    assert left < right
    assert low > high  # upwards is less in SVG


def test_bars_begin_at_the_axis() -> None:
    x, y = Axis("x", linear([0.0, 2.0], from_zero=True)), Axis("n", linear([0, 3], from_zero=True))
    root = tree(plot(Bars([(0.0, 1.0, 3.0), (1.0, 2.0, 0.0)], "rows"), x=x, y=y))
    (bars,) = [each for each in root.iter(f"{SVG}path") if "bars" in each.attrib.get("class", "")]
    assert bars.attrib["d"].count("Z") == 1


def test_hostile_names_are_text() -> None:
    name = "</title><script>alert(1)</script>\x07\u202e&"
    root = tree(
        Plot(
            "p",
            name,
            name,
            [
                Panel(
                    Axis(name, Steps((name, "b"))),
                    Axis(name, linear([0.0, 1.0])),
                    [
                        Line([(0.0, 0.0), (1.0, 1.0)], name),
                        Rule(0.0, name),
                        Dots([Dot(0.0, 0.5, name)], name),
                        Band([(0.0, 0.1, 0.2)], name),
                    ],
                )
            ],
        )
    )
    tags = {each.tag.removeprefix(SVG) for each in root.iter()}
    assert "script" not in tags
    assert root.find(f"{SVG}title").text == name.replace("\x07", r"\x07").replace(  # type: ignore[union-attr]
        "\u202e", r"\u202e"
    )


def boxes(root: ET.Element) -> list[tuple[float, float, float, float, str]]:
    """Bounds of all texts, by how wide their letters are at most."""
    found = []
    for each in root.iter(f"{SVG}text"):
        x, y, text = float(each.attrib["x"]), float(each.attrib["y"]), each.text or ""
        width = width_of(text)
        shift = {"start": 0, "middle": 0.5, "end": 1}[each.attrib.get("text-anchor", "start")]
        left = x - shift * width
        found.append((left, y - 10, left + width, y + 2, text))
    return found


RULES = [Rule(1e-3, "reference"), Rule(1.1e-3, "best"), Rule(1.2e-3, "use"), Rule(1e-2, "end")]
NAMED = [Line([(0.0, n / 9), (1e-2, n / 9)], f"a column with the name {n}") for n in range(9)]
MAP = Cells([Cell(c, r, (c + r) % 9, "0.1234") for c in range(7) for r in range(5)])


@pytest.mark.parametrize(
    "drawing",
    [
        plot(*RULES, *NAMED),
        plot(*NAMED, Line([(0.0, 0.0)], "n" * 200)),
        plot(MAP, x=Axis("l1", Steps(tuple("1234567"))), y=Axis("l2", Steps(tuple("12345")))),
        plot(x=Axis("l1", Steps(tuple(f"{n}.000001" for n in range(40))))),
        plot(y=Axis("", linear([-123456.0, 123456.0], wanted=40))),
        plot(x=Axis("l1", logarithmic([0.0, *(10.0**-n for n in range(12))]))),
        Tiles("t", "T", "D", [Tile(f"{n}", f"unit {n}", [[0, 8]]) for n in range(20)], 0.123),
    ],
    ids=["rules", "legend", "map", "steps", "rows", "powers", "tiles"],
)
def test_no_text_covers_another_one_or_is_cut(drawing: Plot | Tiles) -> None:
    root = tree(drawing)
    found = boxes(root)
    height = float(root.attrib["viewBox"].split()[3])
    for place, (left, top, right, bottom, text) in enumerate(found):
        assert left >= -1, text
        assert right <= WIDTH + 1, text
        assert bottom <= height + 1, text
        for others in found[place + 1 :]:
            across = min(right, others[2]) - max(left, others[0])
            down = min(bottom, others[3]) - max(top, others[1])
            assert across <= 0 or down <= 0, (text, others[4])


def test_every_class_has_its_rule() -> None:
    """A mark without one would be black on black."""
    style = (Path(html.__file__).parent / "page" / "plot.css").read_text()
    rules = set(re.findall(r"\.([a-z][\w-]*)", style))
    marks = [*NAMED[:1], Band([(0.0, 0.0, 1.0), (1e-2, 0.0, 1.0)], "b"), Bars([(0.0, 1e-2, 0.5)])]
    marks += [Dots([Dot(0.0, 0.5, "t", (0.1, 0.9))], "d", color) for color in range(-1, 8)]
    marks += [Line([(0.0, 0.0), (1.0, 1.0)], "l", n, dash=n) for n in range(8)]
    roots = [tree(plot(*marks, *RULES)), tree(plot(MAP, x=Axis("", Steps(("a",)))))]
    classes = {word for root in roots for e in root.iter() for word in e.get("class", "").split()}
    assert classes - rules == set()
    assert not [e for root in roots for e in root.iter() if "style" in e.attrib]


def test_the_style_sheet_and_the_attributes_say_the_same() -> None:
    style = (Path(html.__file__).parent / "page" / "plot.css").read_text().partition("@media")[0]
    for name, color in paint.COLORS.items():
        assert f".plot .{name} {{ stroke: {color}; fill: {color}; }}" in style
    for kind, shades in paint.SHADES.items():
        for level, color in enumerate(shades):
            assert f".plot .{kind}.s{level} {{ fill: {color}; }}" in style


def test_a_drawing_without_its_style_sheet_has_its_colors() -> None:
    marks = [Line([(0.0, 0.0), (1e-2, 1.0)], "l", 1, dash=1), Band([(0.0, 0, 1), (1e-2, 0, 1)])]
    root = ET.fromstring(paint.painted(drawn(plot(*marks), "p")))
    (line,) = root.findall(f"{SVG}polyline")
    assert (line.get("stroke"), line.get("fill")) == (paint.COLORS["c1"], "none")
    assert line.get("stroke-dasharray") == "6 4"
    (band,) = root.findall(f"{SVG}polygon")
    assert (band.get("stroke"), band.get("fill-opacity")) == ("none", ".22")
    axis = root.find(f"{SVG}g")
    assert axis is not None
    assert {each.get("stroke") for each in axis.findall(f"{SVG}path")} == {"currentColor"}
    assert {each.get("stroke") for each in axis.findall(f"{SVG}text")} == {None}
