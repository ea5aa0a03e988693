"""The metrics of members' outputs, all that apply, in one call."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regcli.metrics.metric import Form, Kind, Metric
from regcli.metrics.predictions import Floats, Predictions, Scale
from regcli.metrics.registry import metrics_of

Values = Mapping[str, NDArray[Any]]
"""Of each member by the metric's key, (members,) or (members, rows)."""

MOST_NUMBERS = 30_000
"""Outputs of members that are scored at a time: so few that what is made of them, in float64, stays
in the processor's cache."""


def score(kind: Kind, given: Predictions) -> Mapping[str, Floats]:
    """The metrics of a kind of target by key, (members,) each.

    Left out are those that need probabilities where the outputs have none. What is not defined,
    such as the R² of targets that are all equal, is NaN.
    """
    return _by_key(partial(_score, kind), given)


def score_rows(
    kind: Kind, given: Predictions, asked: Collection[str] = ()
) -> Mapping[str, NDArray[np.float32]]:
    """The metrics of a kind of target that are means over rows, for each row: (members, rows).

    Args:
        asked: keys of others whose pseudo-values are wanted too, where they have any.
    """
    return _by_key(partial(_score_rows, kind, asked), given)


def score_with_rows(
    kind: Kind, given: Predictions, asked: Collection[str] = ()
) -> tuple[Mapping[str, Floats], Mapping[str, NDArray[np.float32]]]:
    """As `score` and `score_rows`, which share what they are made from."""
    parts = [(_score(kind, few), _score_rows(kind, asked, few)) for few in _a_few_at_a_time(given)]
    scores, rows = zip(*parts, strict=True)
    return _joined(scores), _joined(rows)


def _by_key(form: Callable[[Predictions], Values], given: Predictions) -> Values:
    """What a form gives for members."""
    return _joined([form(few) for few in _a_few_at_a_time(given)])


def _a_few_at_a_time(given: Predictions) -> Iterator[Predictions]:
    outputs = np.ascontiguousarray(given.outputs)
    step = max(1, MOST_NUMBERS // max(1, outputs[:1].size))
    for start in range(0, len(outputs), step):
        yield replace(given, outputs=outputs[start : start + step])


def _joined(parts: Sequence[Values]) -> Values:
    """What parts of the members have, of all."""
    return {key: np.concatenate([part[key] for part in parts]) for key in parts[0]}


def _score(kind: Kind, given: Predictions) -> Values:
    with np.errstate(all="ignore"):
        return {metric.key: metric.values(given) for metric in _defined(kind, given.scale)}


def _score_rows(kind: Kind, asked: Collection[str], given: Predictions) -> Values:
    with np.errstate(all="ignore"):
        return {
            metric.key: form(given).astype(np.float32)
            for metric in _defined(kind, given.scale)
            if (form := _row_form(metric, metric.key in asked)) is not None
        }


def _row_form(metric: Metric, is_asked: bool) -> Form | None:
    if metric.form is None:
        return metric.by_row
    return metric.pseudo_values if is_asked else None


def _defined(kind: Kind, scale: Scale) -> Iterator[Metric]:
    """The metrics that outputs of a scale have."""
    for metric in metrics_of(kind):
        if scale.has_probabilities or not metric.needs_probabilities:
            yield metric
