"""The metrics of members' outputs, all that apply, in one call."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from regcli.metrics.metric import Kind
from regcli.metrics.predictions import Floats, Predictions
from regcli.metrics.registry import metrics_of

MOST_NUMBERS = 1_000_000
"""Outputs of members that are scored at a time."""


def score(kind: Kind, given: Predictions) -> Mapping[str, Floats]:
    """The metrics of a kind of target by key, (members,) each.

    Left out are those that need probabilities where the outputs have none. What is not defined,
    such as the R² of targets that are all equal, is NaN.
    """
    outputs = np.ascontiguousarray(given.outputs)
    step = max(1, MOST_NUMBERS // max(1, outputs[:1].size))
    parts = [
        _score(kind, replace(given, outputs=outputs[start : start + step]))
        for start in range(0, len(outputs), step)
    ]
    return {key: np.concatenate([part[key] for part in parts]) for key in parts[0]}


def _score(kind: Kind, given: Predictions) -> dict[str, Floats]:
    with np.errstate(all="ignore"):
        return {
            metric.key: metric.values(given)
            for metric in metrics_of(kind)
            if given.scale.has_probabilities or not metric.needs_probabilities
        }
