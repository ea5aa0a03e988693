"""The loss after each epoch, of training and of validation rows."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from regcli.report.plots.plot import GREY, Axis, Line, Panel, PanelMark, Plot, Rule, measure_axis
from regcli.report.plots.scales import linear, measures

MOST_EPOCHS, MOST_RUNS = 200, 10
"""Epochs and runs that are drawn."""


@dataclass(frozen=True)
class History:
    """The losses of one run after each epoch, and the epoch whose weights were kept."""

    train: Sequence[float]
    validation: Sequence[float]
    kept: int


def learning_plot(key: str, name: str, label: str, runs: Sequence[History]) -> Plot:
    """The mean over runs, with each run behind it, and the epoch that was chosen.

    Args:
        label: what the loss is.
    """
    longest = max(len(run.train) for run in runs)
    step = max(1, math.ceil(longest / MOST_EPOCHS))
    marks: list[PanelMark] = []
    if len(runs) > 1:
        marks += [Line(_points(run.validation, step), "", GREY) for run in runs[:MOST_RUNS]]
    kept = [run.kept for run in runs]
    epochs = (
        f"epoch {min(kept)}" if min(kept) == max(kept) else f"epochs {min(kept)} to {max(kept)}"
    )
    marks.append(Rule(sum(kept) / len(kept), f"weights of {epochs}"))
    train, validation = (
        _points(_mean([getattr(run, part) for run in runs]), step)
        for part in ("train", "validation")
    )
    marks += [Line(train, "train", 1, dash=1), Line(validation, "validation", 0)]
    drawn = [y for mark in marks if isinstance(mark, Line) for _, y in mark.points]
    x = Axis("epoch", linear([0.0, float(longest)], wanted=5))
    panel = Panel(x, measure_axis(label, measures(drawn)), marks)
    notes = list(_mean_notes(runs)) if len(runs) > 1 else []
    notes += [f"1 epoch in {step} is drawn"] if step > 1 else []
    description = f"{label} over {longest} epochs; weights are those of {epochs}."
    return Plot(key, f"Learning curve: {name}", description, [panel], notes)


def _points(values: Sequence[float], step: int) -> list[tuple[float, float]]:
    """(epoch, value), of every `step`th epoch and the last one."""
    places = sorted({*range(0, len(values), step), len(values) - 1}) if values else []
    return [(float(place + 1), values[place]) for place in places]


def _mean(runs: Sequence[Sequence[float]]) -> list[float]:
    """The mean, epoch by epoch, as long as all runs are trained.

    The mean over those that go on would jump where a good run stops.
    """
    shortest = min(map(len, runs), default=0)
    return [sum(run[epoch] for run in runs) / len(runs) for epoch in range(shortest)]


def _mean_notes(runs: Sequence[History]) -> Iterator[str]:
    which = "each" if len(runs) <= MOST_RUNS else f"the first {MOST_RUNS}"
    yield f"the mean of {len(runs)} runs; grey: validation of {which}"
    shortest = min(len(run.train) for run in runs)
    if shortest < max(len(run.train) for run in runs):
        yield f"the mean ends at epoch {shortest}, after which not all runs go on"
