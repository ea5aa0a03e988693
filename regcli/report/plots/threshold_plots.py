"""What a threshold on the scores of a class finds: ROC, and precision against recall."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from regcli.report.plots.plot import GREY, Axis, Line, Panel, PanelMark, Plot
from regcli.report.plots.scales import Linear, Tick
from regcli.results.statistics.threshold_curves import Floats, precision_recall, roc

MOST_POINTS = 150
"""Points of a curve that are drawn."""
_HEIGHT = 0.7
_SHARES = Linear(-0.02, 1.02, tuple(Tick(n / 4, f"{25 * n}%") for n in range(5)))

Class = tuple[str, Floats, NDArray[np.bool_]]
"""A class by its name, with the score of each row and whether the row is of it, (rows,) both."""


def roc_plot(part: str, classes: Sequence[Class], notes: Sequence[str]) -> Plot | None:
    """A curve for each class against the others; None where no class has rows of both kinds."""
    found = [(name, roc(scores, is_own)) for name, scores, is_own in classes]
    curves = [
        (f"{name}, area {curve.area:.4f}", curve.false_positives, curve.true_positives)
        for name, curve in found
        if curve is not None
    ]
    if not curves:
        return None
    x, y = Axis("false positive rate", _SHARES), Axis("true positive rate", _SHARES)
    marks: list[PanelMark] = [Line([(0.0, 0.0), (1.0, 1.0)], "no better than chance", GREY)]
    marks += _lines(curves)
    description = f"Of {_rows(classes)} {part} rows: {'; '.join(n for n, *_ in curves)}."
    return Plot("roc", "ROC curve", description, [Panel(x, y, marks, _HEIGHT)], notes)


def precision_recall_plot(part: str, classes: Sequence[Class], notes: Sequence[str]) -> Plot | None:
    """As `roc_plot`, of precision against recall."""
    found = [(name, precision_recall(scores, own), own.mean()) for name, scores, own in classes]
    curves = [
        (f"{name}, average {curve.average_precision:.4f}", curve.recall, curve.precision)
        for name, curve, _ in found
        if curve is not None
    ]
    if not curves:
        return None
    x, y = Axis("recall", _SHARES), Axis("precision", _SHARES)
    marks: list[PanelMark] = []
    if len(classes) == 1:
        share = float(found[0][2])
        marks.append(Line([(0.0, share), (1.0, share)], "no better than chance", GREY))
    marks += _lines(curves)
    description = f"Of {_rows(classes)} {part} rows: {'; '.join(n for n, *_ in curves)}."
    panel = Panel(x, y, marks, _HEIGHT)
    return Plot("precision-recall", "Precision and recall", description, [panel], notes)


def _rows(classes: Sequence[Class]) -> str:
    _, scores, _ = classes[0]
    return f"{len(scores):,}"


def _lines(curves: Sequence[tuple[str, Floats, Floats]]) -> Iterator[Line]:
    for number, (name, x, y) in enumerate(curves):
        kept = drawn_points(x, y)
        points = list(zip(x[kept].tolist(), y[kept].tolist(), strict=True))
        yield Line(points, name, number, dash=number)


def drawn_points(x: Floats, y: Floats, most: int = MOST_POINTS) -> NDArray[np.int64]:
    """Numbers of the points to draw: corners alone, and of those about as many as may be.

    Of more, those that lie about equally far apart along the curve.

    Args:
        x, y: (points,).
    """
    turns = np.diff(x)[:-1] * np.diff(y)[1:] != np.diff(x)[1:] * np.diff(y)[:-1]
    corners = np.concatenate([[0], np.flatnonzero(turns) + 1, [len(x) - 1]])
    if len(corners) <= most:
        return np.unique(corners)
    along = np.concatenate([[0], np.cumsum(np.hypot(np.diff(x[corners]), np.diff(y[corners])))])
    places = np.searchsorted(along, np.linspace(0, along[-1], most))
    return np.unique(corners[np.minimum(places, len(corners) - 1)])
