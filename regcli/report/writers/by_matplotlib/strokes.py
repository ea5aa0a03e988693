"""Colors, dashes and shapes: the same as on the page, by which marks differ without colors too."""

from typing import Any

import matplotlib as mpl

from regcli.report.plots.plot import GREY, Dots, Line
from regcli.report.writers.svg.paint import COLORS
from regcli.report.writers.svg.shapes import DASHES, SHAPES, color_class

_DASHES = ("-", (0, (3, 2)), (0, (1, 1.5)), (0, (4.5, 1.5, 1, 1.5)))
"""In widths of the line."""
_MARKERS = ("o", "s", "^", "D", "v")
_PER_LETTER = 1 / 7
"""Width of a line, in the size of letters."""
_DOT, _GREY_DOT, _ON_LINE = 0.6, 0.4, 0.45
"""Points, in the size of letters."""
BAND_ALPHA = 0.22


def color_of(color: int) -> str:
    """A color as matplotlib takes it."""
    return COLORS[color_class(color)]


def line_width() -> float:
    """Of lines that matter, in points: as heavy as letters are large."""
    return letters() * _PER_LETTER


def letters() -> float:
    """The size of letters where something is drawn now, in points."""
    return float(mpl.rcParams["font.size"])


def line_style(line: Line) -> dict[str, Any]:
    """How a line is drawn; what is grey lies behind the others."""
    is_grey = line.color == GREY
    style: dict[str, Any] = {
        "color": color_of(line.color),
        "linestyle": _DASHES[line.dash % DASHES],
        "linewidth": line_width() * (0.5 if is_grey else 1.0),
        "alpha": 0.6 if is_grey else 1.0,
    }
    return style | (_point_style(line.color, line.color, _ON_LINE) if line.has_dots else {})


def lone_style(line: Line) -> dict[str, Any]:
    """How a point of a line is drawn that no other is next to."""
    return _point_style(line.color, line.color, _GREY_DOT) | {"linestyle": ""}


def dots_style(dots: Dots) -> dict[str, Any]:
    """How points alone are drawn; what is grey lies behind the others."""
    is_grey = dots.color == GREY
    style = _point_style(dots.color, dots.shape, _GREY_DOT if is_grey else _DOT)
    return style | {"linestyle": "", "alpha": 0.55 if is_grey else 1.0}


def _point_style(color: int, shape: int, size: float) -> dict[str, Any]:
    return {
        "color": color_of(color),
        "marker": _MARKERS[shape % SHAPES],
        "markersize": letters() * size,
        "markeredgewidth": 0.0,
    }
