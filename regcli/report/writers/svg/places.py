"""Where values of a panel stand in a drawing."""

from collections.abc import Sequence
from dataclasses import dataclass

from regcli.report.plots.plot import Panel
from regcli.report.writers.svg.elements import number

Point = tuple[float, float]
LINE_HEIGHT = 16.0


@dataclass(frozen=True)
class Area:
    """The rectangle of a panel's marks, in the unit of the drawing."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        """From left to right."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """From top to bottom."""
        return self.bottom - self.top


@dataclass(frozen=True)
class Places:
    """A panel's values in the drawing."""

    panel: Panel
    area: Area

    def x(self, value: float) -> float:
        """The place of a value along x."""
        return self.area.left + self.panel.x.scale.place(value) * self.area.width

    def y(self, value: float) -> float:
        """The place of a value along y; high ones are at the top."""
        return self.area.bottom - self.panel.y.scale.place(value) * self.area.height

    def points(self, given: Sequence[Point]) -> str:
        """Places as SVG lists them."""
        return " ".join(f"{number(self.x(x))},{number(self.y(y))}" for x, y in given)


def stroke(start: Point, end: Point) -> str:
    """The path of a straight line."""
    return f"M{number(start[0])} {number(start[1])}L{number(end[0])} {number(end[1])}"
