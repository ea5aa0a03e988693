"""The characters that pictures on a screen are made of: blocks, or ASCII where it lacks them."""

from dataclasses import astuple, dataclass


@dataclass(frozen=True)
class Ink:
    """One set of characters, each as wide as a letter.

    Attributes:
        upper, lower: a value in the upper and in the lower half of a line.
        range: what lies in an interval of a single value.
        shade: what lies in intervals of values that are joined.
        above, below: an interval that goes on beyond the edge.
        name_mark: what points at a named value.
        corner, side, side_tick, ground, ground_tick, broken: of axes.
        levels: heights of a sparkline, the lowest first.
        shares: parts of a cell of a bar, the smallest first; the last one is a whole cell.
        empty: a cell of a bar without anything in it.
    """

    upper: str
    lower: str
    range: str
    shade: str
    above: str
    below: str
    name_mark: str
    corner: str
    side: str
    side_tick: str
    ground: str
    ground_tick: str
    broken: str
    levels: str
    shares: str
    empty: str


BLOCKS = Ink(
    upper="▀",
    lower="▄",
    range="│",
    shade="░",
    above="↑",
    below="↓",
    name_mark="▲",
    corner="└",
    side="│",
    side_tick="┤",
    ground="─",
    ground_tick="┬",
    broken="/",
    levels="▁▂▃▄▅▆▇█",
    shares="▏▎▍▌▋▊▉█",
    empty="·",
)
ASCII = Ink(
    upper='"',
    lower="_",
    range="|",
    shade=":",
    above="^",
    below="v",
    name_mark="^",
    corner="+",
    side="|",
    side_tick="+",
    ground="-",
    ground_tick="+",
    broken="/",
    levels=".:-=+*#@",
    shares="#",
    empty=".",
)


def ink_for(encoding: str | None) -> Ink:
    """Blocks where an encoding has all of them, else ASCII."""
    try:
        "".join(astuple(BLOCKS)).encode(encoding or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return ASCII
    return BLOCKS
