"""What becomes of the input columns along a strength."""

import math
from collections.abc import Iterator, Sequence

import numpy as np

from regcli.report.pages.page import Section
from regcli.report.pages.slices import held_notes, named_points, plot_key, titles_of
from regcli.report.pages.strength_section import curve_of
from regcli.report.plots.plot import Plot
from regcli.report.plots.weight_paths import ColumnWeights, weight_path_plot
from regcli.report.strength_slices import Point, slice_through, varied_strengths
from regcli.results.coefficients import coefficients
from regcli.workflows.stored_evidence import Evidence, Weights

_LEAST_POINTS = 3
_MOST_POINTS = 200
_MOST_CELLS = 2_000_000
"""Weights of the first kernel at all points together."""

_FACTOR = 10
"""Of the largest weight of the setting to use: what is larger is not shown in full."""


def path_section(evidence: Evidence) -> Section:
    """A plot for the strength of the path, else for each that varies over several values."""
    section = Section("path", "Columns along the path", ())
    if evidence.verdict is None:
        return section
    keys = [
        key
        for key in varied_strengths(evidence.settings)
        if not evidence.along or key.rpartition(".")[-1] == evidence.along
    ]
    return Section(section.key, section.title, tuple(_plots(evidence, keys)))


def _plots(evidence: Evidence, keys: Sequence[str]) -> Iterator[Plot]:
    verdict, titles = evidence.verdict, titles_of(evidence)
    assert verdict is not None
    for key in keys:
        points = slice_through(evidence.chosen, key, evidence.settings)
        if not _LEAST_POINTS <= len(points) <= _MOST_POINTS:
            continue
        found = _column_weights(evidence, points)
        score = curve_of(verdict.score, points, evidence)
        if found is None or score is None:
            continue
        notes = list(held_notes(evidence, [key]))
        if any(len(setting.records) > 1 for _, setting in points):
            notes.append("weights of the first run of each setting")
        name = plot_key("path", titles[key])
        named = named_points(evidence, points)
        yield weight_path_plot(name, titles[key], found, score, named, notes)


def _column_weights(evidence: Evidence, points: Sequence[Point]) -> ColumnWeights | None:
    """The weights of columns at each point; None where some are not known, or no column's own."""
    rows, kinds = [], set()
    for _, setting in points:
        run = setting.records[0]
        weights = evidence.weights(run)
        kernel = None if weights is None else first_kernel(weights)
        if weights is None or kernel is None or run.data is None:
            return None
        if kernel.ndim != 2 or len(kernel) != len(run.data.columns):
            return None
        if kernel.size * len(points) > _MOST_CELLS:
            return None
        own = coefficients(run, weights)
        is_coefficient = own is not None and own.scaled.shape[1] == 1
        kinds.add(is_coefficient)
        rows.append(kernel[:, 0] if is_coefficient else np.linalg.norm(kernel, axis=1))
    columns = points[0][1].records[0].data
    values = np.array(rows, np.float64)
    if len(kinds) > 1 or columns is None or not np.isfinite(values).all() or not values.size:
        return None
    places = [setting is evidence.chosen for _, setting in points]
    label = "coefficient of the scaled column" if kinds == {True} else "norm of a column's weights"
    active = [setting.mean("sparsity.active_inputs") for _, setting in points]
    known = [math.nan if each is None else each for each in active]
    return ColumnWeights(
        [value for value, _ in points],
        values,
        columns.columns,
        label,
        known if all(map(math.isfinite, known)) and len(set(known)) > 1 else None,
        _FACTOR * float(np.abs(values[places.index(True)]).max()) or math.inf,
    )


def first_kernel(weights: Weights) -> "np.ndarray[tuple[int, ...], np.dtype[np.float64]] | None":
    """The kernel nearest to the inputs, as it is stored first; None without any."""
    found = next((values for name, values in weights.items() if name.endswith("/kernel")), None)
    return None if found is None else found.astype(np.float64)
