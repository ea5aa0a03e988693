"""A map of two strengths: how good each combination is, in shades."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from regcli.report.plots.plot import LEVELS, Axis, Cell, Cells, Dot, Dots, Panel, PanelMark, Plot
from regcli.report.plots.scales import Steps

MOST = 40
"""Rows and columns that are drawn; of more, neighbors are one."""
MOST_WRITTEN = 8
"""Columns whose cells have room for their numbers."""
_STAR = "★ "
_TITLED = 400
"""Cells that are described one by one where a pointer rests on them."""


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
    texts = [_texts(each, places) for each, places in zip(values, merged, strict=True)]
    found = _gathered(scores, merged, is_high_best)
    known = sorted(each.value for each in scores.values() if math.isfinite(each.value))
    level = _levels(known, is_high_best)
    cells = []
    for (column, row), score in found.items():
        is_known = math.isfinite(score.value)
        text, shade = (number(score.value), level(score.value)) if is_known else ("", None)
        title = f"{labels[0]} {texts[0][column]}, {labels[1]} {texts[1][row]}"
        title = title if len(found) <= _TITLED else ""
        cells.append(_cell((column, row), shade, text, title, score.roles))
    panel = _panel(labels, texts, cells)
    star = "" if len(panel.marks) > 1 else f"{_STAR}best, "
    reported = [f"{result}, the darker the better; {star}framed: use"]
    description = f"{result} of {len(scores):,} combinations of {labels[0]} and {labels[1]}; "
    if known:
        worst, best = (number(known[place]) for place in ((0, -1) if is_high_best else (-1, 0)))
        reported.append(f"from {worst}, the worst, to {best}, the best")
    description += f"the best is {best}." if known else "none is known."
    reported += notes
    if any(len(each) > MOST for each in values):
        reported.append("neighboring values share a cell, which shows the best of them")
    title = f"{result}: {labels[0]} × {labels[1]}"
    return Plot("heat-map", title, description, [panel], reported)


def _gathered(
    scores: Mapping[tuple[float, float], Score],
    merged: Sequence[Mapping[float, int]],
    is_high_best: bool,
) -> Mapping[tuple[int, int], Score]:
    """The best score of each cell with the roles of all; NaN where none is known."""
    found: dict[tuple[int, int], list[Score]] = {}
    for (x, y), score in scores.items():
        found.setdefault((merged[0][x], merged[1][y]), []).append(score)
    best = max if is_high_best else min
    return {
        place: Score(
            best((each.value for each in those if math.isfinite(each.value)), default=math.nan),
            ", ".join(dict.fromkeys(each.roles for each in those if each.roles)),
        )
        for place, those in found.items()
    }


def _cell(place: tuple[int, int], shade: int | None, text: str, title: str, roles: str) -> Cell:
    """A cell with a star if it is the best, and a frame if it is the one to use."""
    if title:
        title += f": {text or 'none'}" + (f" ({roles})" if roles else "")
    mark = _STAR if "best" in roles else ""
    return Cell(*place, shade, f"{mark}{text}", title, "use" in roles)


def _panel(labels: tuple[str, str], texts: Sequence[Sequence[str]], cells: Sequence[Cell]) -> Panel:
    """The cells on axes with texts, and a dot in the best one where no star has room in a cell."""
    marks: list[PanelMark] = [Cells(cells)]
    if len(texts[0]) > MOST_WRITTEN:
        stars = [Dot(cell.column, cell.row) for cell in cells if cell.text.startswith(_STAR)]
        marks.append(Dots(stars, "best", 4, 3))
    x, y = (
        Axis(label, Steps(tuple(_few(each) if len(each) > MOST_WRITTEN else each)))
        for label, each in zip(labels, texts, strict=True)
    )
    return Panel(x, y, marks, height=min(0.9, max(0.3, 0.1 * len(texts[1]))))


def _merged(values: Sequence[float]) -> dict[float, int]:
    """The cell that each value belongs to."""
    step = math.ceil(len(values) / MOST)
    return {value: place // step for place, value in enumerate(values)}


def _texts(values: Sequence[float], places: Mapping[float, int]) -> list[str]:
    found: dict[int, str] = {}
    for value in values:
        found.setdefault(places[value], f"{value:.3g}")
    return list(found.values())


def _few(texts: Sequence[str]) -> list[str]:
    """The texts of 0 and of what comes nearest to powers of ten; the others are left empty."""
    logs = [math.log10(float(text)) if float(text) > 0 else math.inf for text in texts]
    finite = [each for each in logs if math.isfinite(each)]
    powers = range(math.floor(min(finite)), math.ceil(max(finite)) + 1) if finite else ()
    kept = {min(range(len(logs)), key=lambda n: abs(logs[n] - power)) for power in powers}
    return [
        f"{float(text):.2g}" if place in kept or not math.isfinite(logs[place]) else ""
        for place, text in enumerate(texts)
    ]


def _levels(known: Sequence[float], is_high_best: bool) -> Callable[[float], int]:
    """Shades by rank: with a few very bad combinations all others would look alike by value."""
    ordered = sorted(set(known), reverse=not is_high_best)
    ranks = {value: place for place, value in enumerate(ordered)}
    last = max(1, len(ordered) - 1)
    return lambda value: round(ranks[value] / last * (LEVELS - 1))
