"""How far off predictions of a quantity are, by what is predicted."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from regcli.report.plots.plot import GREY, Axis, Dot, Dots, Line, Panel, PanelMark, Plot, Rule
from regcli.report.plots.scales import linear

Floats = NDArray[np.float64]
MOST_DOTS = 400
_GROUPS, _LEAST_ROWS = 8, 5


def residual_plot(
    part: str, predicted: Floats, truth: Floats, unit: str, notes: Sequence[str]
) -> Plot:
    """The target less its prediction beside the prediction, (rows,) both.

    Args:
        unit: of both, such as `, in units of price`.
    """
    residuals = truth - predicted
    step = max(1, math.ceil(len(residuals) / MOST_DOTS))
    drawn = zip(predicted[::step].tolist(), residuals[::step].tolist(), strict=True)
    order = np.argsort(predicted, kind="stable")
    groups = np.array_split(order, max(1, min(_GROUPS, len(order) // _LEAST_ROWS)))
    line = [(float(predicted[rows].mean()), float(residuals[rows].mean())) for rows in groups]
    x = Axis(f"prediction{unit}", linear(predicted.tolist()))
    y = Axis("target less prediction", linear([*residuals.tolist(), 0.0]))
    marks: list[PanelMark] = [
        Dots([Dot(*point) for point in drawn], "rows", GREY),
        Rule(0.0, is_upright=False),
        Line(line, "mean of groups of rows", 0, has_dots=True),
    ]
    mean, deviation = float(residuals.mean()), float(residuals.std())
    description = f"{len(residuals):,} {part} rows: the mean residual is {mean:.4g}, the standard "
    description += f"deviation {deviation:.4g}. Groups of rows are off by {line[0][1]:.4g} where "
    description += f"the prediction is smallest and by {line[-1][1]:.4g} where it is largest."
    reported = [f"{len(residuals):,} {part} rows", *notes]
    reported += [f"1 row in {step} is drawn"] if step > 1 else []
    panel = Panel(x, y, marks, 0.5)
    return Plot("residuals", "Residuals against predictions", description, [panel], reported)
