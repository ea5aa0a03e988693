"""Values by name, one below the other, each with the range that it was found in."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from regcli.report.plots.plot import Axis, Dot, Dots, Panel, Plot, Rule
from regcli.report.plots.scales import Steps, linear

_ROW = 0.05
"""Height of a row, as a share of the plot's width: a text fits."""


@dataclass(frozen=True)
class Ranged:
    """A value with its name.

    Attributes:
        range: around it; None for none.
        remark: what else is shown where a pointer rests on it.
    """

    name: str
    value: float
    range: tuple[float, float] | None = None
    remark: str = ""


def range_plot(
    key: str,
    title: str,
    label: str,
    values: Sequence[Ranged],
    number: Callable[[float | None], str],
    notes: Sequence[str],
    is_share: bool = False,
) -> Plot:
    """A row a value, the first at the top, and a line at 0."""
    names = [each.name for each in values]
    ends = [end for each in values for end in (each.value, *(each.range or ()))]
    x = linear(
        [0.0, *ends], from_zero=is_share, most=1.0 if is_share else float("inf"), percent=is_share
    )
    last = len(values) - 1
    dots = [
        Dot(each.value, float(last - place), _title(each, number), each.range)
        for place, each in enumerate(values)
    ]
    panel = Panel(
        Axis(label, x),
        Axis("", Steps(tuple(reversed(names)))),
        [Rule(0.0, is_dashed=False), Dots(dots, has_level_intervals=True)],
        height=_ROW * len(values),
    )
    named = ", ".join(f"{each.name} {number(each.value)}" for each in values[:5])
    return Plot(key, title, f"{label}, from the top: {named}.", [panel], notes)


def _title(each: Ranged, number: Callable[[float | None], str]) -> str:
    text = f"{each.name}: {number(each.value)}"
    if each.range is not None:
        text += f", {' to '.join(map(number, each.range))}"
    return f"{text}; {each.remark}" if each.remark else text
