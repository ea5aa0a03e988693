"""Points of different shapes, and the classes that give marks their colors and dashes."""

from xml.etree.ElementTree import Element

from regcli.report.plots.plot import GREY, Line
from regcli.report.writers.svg.elements import element, number

COLORS = 6
"""Different colors; further ones begin again."""
DASHES = 4
RADIUS = 3.2
_CORNERS: dict[int, list[tuple[float, float]]] = {
    1: [(-1, -1), (1, -1), (1, 1), (-1, 1)],
    2: [(0, -1.3), (1.2, 1), (-1.2, 1)],
    3: [(0, -1.5), (1.5, 0), (0, 1.5), (-1.5, 0)],
    4: [(0, 1.3), (1.2, -1), (-1.2, -1)],
}
"""Corners of a square, a triangle, a diamond and a triangle that stands on its tip."""
SHAPES = 1 + len(_CORNERS)


def color_class(color: int) -> str:
    """The class of a color."""
    return "c-grey" if color == GREY else f"c{color % COLORS}"


def line_class(line: Line) -> str:
    """The classes of a line: its color, and its dashes."""
    dash = line.dash % DASHES
    return f"line {color_class(line.color)}" + (f" dash{dash}" if dash else "")


def draw_shape(
    parent: Element, x: float, y: float, color: int, shape: int, radius: float = RADIUS
) -> Element:
    """A point: a circle, or a polygon around the same place."""
    classes = f"dot {color_class(color)}"
    corners = _CORNERS.get(shape % SHAPES)
    if corners is None:
        return element(parent, "circle", class_=classes, cx=x, cy=y, r=radius)
    points = " ".join(f"{number(x + dx * radius)},{number(y + dy * radius)}" for dx, dy in corners)
    return element(parent, "polygon", class_=classes, points=points)
