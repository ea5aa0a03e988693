"""How weights are distributed, setting by setting."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from regcli.report.plots.plot import Axis, Bars, Panel, Plot
from regcli.report.plots.scales import Counts, linear

_BINS = 41
_TAILS = 0.002
"""Share of a setting's weights that may lie beyond the axis's ends."""
_FACTOR = 3
"""By how much the axis may be wider than the weights of most settings are."""


@dataclass(frozen=True)
class WeightsOf:
    """The weights of a setting's kernels, all together, (weights,)."""

    name: str
    values: NDArray[np.float64]


def histogram_plot(settings: Sequence[WeightsOf], notes: Sequence[str]) -> Plot:
    """A panel a setting, all on the same axis; numbers of weights are on a logarithmic one."""
    every = np.concatenate([each.values for each in settings])
    sizes = [float(np.quantile(np.abs(each.values), 1 - _TAILS)) for each in settings]
    half = min(max(sizes), _FACTOR * float(np.median(sizes)) or np.inf) or 1.0
    edges = np.linspace(-half, half, _BINS + 1)
    counts = [
        np.histogram(np.clip(each.values, -half, half), edges)[0].tolist() for each in settings
    ]
    high = max(max(each) for each in counts)
    x = Axis("weight", linear([-half, half]))
    panels = [
        Panel(
            x,
            Axis(_label(each), Counts(high)),
            [Bars(list(zip(edges[:-1].tolist(), edges[1:].tolist(), own, strict=True)))],
            0.16,
        )
        for each, own in zip(settings, counts, strict=True)
    ]
    description = "Numbers of weights by their value. " + "; ".join(map(_label, settings)) + "."
    reported = ["numbers of weights are on a logarithmic axis", *notes]
    if float(np.abs(every).max()) > half:
        reported.append("the outermost bars hold all weights beyond them")
    return Plot("histograms", "Weights by setting", description, panels, reported)


def _label(setting: WeightsOf) -> str:
    zeros = int((setting.values == 0).sum())
    return f"{setting.name}: {zeros:,} of {len(setting.values):,} exactly 0"
