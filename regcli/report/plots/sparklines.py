"""Lines so small that they stand in a line of text: the losses of a run by epoch."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from regcli.report.plots.learning_curves import History
from regcli.report.plots.scales import Linear, Logarithmic, measures


@dataclass(frozen=True)
class Spark:
    """Values in their order, with a name; those that are not finite leave a gap."""

    name: str
    values: Sequence[float]


@dataclass(frozen=True)
class Sparks:
    """Lines below each other, on one scale.

    Attributes:
        title: what they are of.
    """

    title: str
    scale: Linear | Logarithmic
    lines: Sequence[Spark]


def learning_sparks(run: History) -> Sparks:
    """The losses of train and validation rows after each epoch, and which epoch was kept."""
    lines = [Spark("train", run.train), Spark("validation", run.validation)]
    shown = [line for line in lines if any(map(math.isfinite, line.values))]
    scale = measures(value for line in shown for value in line.values)
    axis = ", logarithmic" if isinstance(scale, Logarithmic) else ""
    title = f"loss of {len(run.train):,} epochs{axis}; weights of epoch {run.kept:,}"
    return Sparks(title, scale, shown)
