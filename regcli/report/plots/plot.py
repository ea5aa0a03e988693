"""What a plot is made of: axes, and marks at values, with what they are called."""

from collections.abc import Sequence
from dataclasses import dataclass

from regcli.report.plots.boxes import Boxes
from regcli.report.plots.scales import Logarithmic, Scale

GREY = -1
"""The color of what is shown behind what matters."""


@dataclass(frozen=True)
class Axis:
    """An axis: what it is called, and where values stand on it."""

    label: str
    scale: Scale


def measure_axis(label: str, scale: Scale) -> Axis:
    """An axis of losses or sizes, whose label says where equal distances are equal factors."""
    return Axis(f"{label}, logarithmic" if isinstance(scale, Logarithmic) else label, scale)


@dataclass(frozen=True)
class Line:
    """Points joined in their order; a value that is not finite interrupts it.

    Attributes:
        points: (x, y) each.
        name: in the legend; empty for none.
        color: a number that stands for a color; equal ones are equal.
        dash: a number that stands for dashes, which tell it from others without colors; 0 for none.
        has_dots: whether its points are marked.
    """

    points: Sequence[tuple[float, float]]
    name: str = ""
    color: int = 0
    dash: int = 0
    has_dots: bool = False


@dataclass(frozen=True)
class Band:
    """What lies between a lower and an upper value: (x, low, high) each."""

    points: Sequence[tuple[float, float, float]]
    name: str = ""
    color: int = 0


@dataclass(frozen=True)
class Dot:
    """A point alone, with its interval where it has one.

    Attributes:
        title: what it is, as a sentence of its own.
        interval: along the axis that its `Dots` say; None for none.
    """

    x: float
    y: float
    title: str = ""
    interval: tuple[float, float] | None = None


@dataclass(frozen=True)
class Dots:
    """Points of one kind.

    Attributes:
        shape: a number that stands for a shape; equal ones are equal.
        has_level_intervals: whether intervals are along x; else along y.
    """

    dots: Sequence[Dot]
    name: str = ""
    color: int = 0
    shape: int = 0
    has_level_intervals: bool = False


@dataclass(frozen=True)
class Rule:
    """A line across the panel at one value.

    Attributes:
        name: written beside it.
        is_upright: whether the value is one of x.
    """

    at: float
    name: str = ""
    is_upright: bool = True
    is_dashed: bool = True


@dataclass(frozen=True)
class Bars:
    """Bars from the axis's beginning: (start, end, height) each, with start and end along x."""

    bars: Sequence[tuple[float, float, float]]
    name: str = ""
    color: int = 0


LEVELS = 9
"""Shades of a map."""


@dataclass(frozen=True)
class Cell:
    """A cell of a map.

    Attributes:
        level: its shade, from 0 to `LEVELS` − 1; None for one without a value.
        text: written in it where there is room.
        title: what it is, as a sentence of its own.
        is_marked: whether it has a frame.
    """

    column: int
    row: int
    level: int | None
    text: str = ""
    title: str = ""
    is_marked: bool = False


@dataclass(frozen=True)
class Cells:
    """The cells of a map on axes of steps.

    Attributes:
        is_diverging: whether the middle shade stands for 0, and either end for a sign.
    """

    cells: Sequence[Cell]
    is_diverging: bool = False


PanelMark = Line | Band | Dots | Rule | Bars | Cells


@dataclass(frozen=True)
class Panel:
    """Marks on two axes, of which the later ones lie above the earlier ones.

    Attributes:
        height: of the area of the marks, as a share of the plot's width.
    """

    x: Axis
    y: Axis
    marks: Sequence[PanelMark]
    height: float = 0.42


@dataclass(frozen=True)
class Plot:
    """Panels below each other.

    Attributes:
        key: its name in a file's name.
        title: what it shows.
        description: what is to be seen in it, for whoever cannot see it.
        notes: what is to be known of it, a sentence each, below it.
    """

    key: str
    title: str
    description: str
    panels: Sequence[Panel]
    notes: Sequence[str] = ()


@dataclass(frozen=True)
class Tile:
    """A small picture of weights.

    Attributes:
        name: written below it.
        title: what it is, as a sentence of its own.
        levels: rows of shades, as in `Cell.level`.
    """

    name: str
    title: str
    levels: Sequence[Sequence[int | None]]


@dataclass(frozen=True)
class Tiles:
    """Small pictures side by side, all with the same shades.

    Attributes:
        key, title, description, notes: as those of a plot.
        widest: the weight that the last shade stands for, and the first one with its sign.
    """

    key: str
    title: str
    description: str
    tiles: Sequence[Tile]
    widest: float
    notes: Sequence[str] = ()


Picture = Plot | Tiles | Boxes
