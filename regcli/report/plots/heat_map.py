"""A map of two strengths: how good each combination is, in shades."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from regcli.report.plots.plot import LEVELS, Axis, Cell, Cells, Panel, Plot
from regcli.report.plots.scales import Steps

MOST = 40
"""Rows and columns that are drawn; of more, neighbors are one."""
_TITLED = 400
"""Cells that are told one by one where a pointer rests on them."""


@dataclass(frozen=True)
class Score:
    """The number of a combination.

    Attributes:
        roles: what it is among the settings, such as `best`.
    """

    value: float
    roles: str = ""


def heat_map(
    labels: tuple[str, str],
    values: tuple[Sequence[float], Sequence[float]],
    scores: Mapping[tuple[float, float], Score],
    result: str,
    number: Callable[[float | None], str],
    is_high_best: bool,
    notes: Sequence[str],
) -> Plot:
    """A map of scores; the darker, the better.

    Args:
        labels: of x and y.
        values: of x and y, in order.
        scores: by the values of x and y.
        result: what the scores are called.
        number: writes one.
    """
    merged = [_merged(each) for each in values]
    best = max if is_high_best else min
    found: dict[tuple[int, int], list[Score]] = {}
    for (x, y), score in scores.items():
        found.setdefault((merged[0][x], merged[1][y]), []).append(score)
    known = [s.value for each in scores.values() for s in [each] if math.isfinite(s.value)]
    level = _levels(known, is_high_best)
    texts = [_texts(each, places) for each, places in zip(values, merged, strict=True)]
    cells = []
    for (column, row), those in found.items():
        finite = [each.value for each in those if math.isfinite(each.value)]
        value = best(finite) if finite else math.nan
        roles = ", ".join(dict.fromkeys(each.roles for each in those if each.roles))
        text = number(value) if finite else ""
        title = f"{labels[0]} {texts[0][column]}, {labels[1]} {texts[1][row]}: {text or 'none'}"
        title += f" ({roles})" if roles else ""
        mark = "★ " if "best" in roles else ""
        shade = level(value) if finite else None
        about = title if len(found) <= _TITLED else ""
        cells.append(Cell(column, row, shade, f"{mark}{text}", about, "use" in roles))
    panel = Panel(
        Axis(labels[0], Steps(tuple(texts[0]))),
        Axis(labels[1], Steps(tuple(texts[1]))),
        [Cells(cells)],
        height=min(0.9, max(0.3, 0.1 * len(texts[1]))),
    )
    told = [f"{result}, the darker the better; ★ best, framed: use", *notes]
    if known:
        worst = min(known) if is_high_best else max(known)
        told.insert(1, f"from {number(worst)}, the worst, to {number(best(known))}, the best")
    if any(len(each) > MOST for each in values):
        told.append("neighboring values share a cell, which shows the best of them")
    description = f"{result} of {len(scores):,} combinations of {labels[0]} and {labels[1]}; "
    description += f"the best is {number(best(known))}." if known else "none is known."
    return Plot("heat-map", f"{result}: {labels[0]} × {labels[1]}", description, [panel], told)


def _merged(values: Sequence[float]) -> dict[float, int]:
    """The cell that each value belongs to."""
    step = math.ceil(len(values) / MOST)
    return {value: place // step for place, value in enumerate(values)}


def _texts(values: Sequence[float], places: Mapping[float, int]) -> list[str]:
    found: dict[int, str] = {}
    for value in values:
        found.setdefault(places[value], f"{value:.3g}")
    return list(found.values())


def _levels(known: Sequence[float], is_high_best: bool) -> Callable[[float], int]:
    """Shades by rank: with a few very bad combinations all others would look alike by value."""
    ordered = sorted(set(known), reverse=not is_high_best)
    ranks = {value: place for place, value in enumerate(ordered)}
    last = max(1, len(ordered) - 1)
    return lambda value: round(ranks[value] / last * (LEVELS - 1))
