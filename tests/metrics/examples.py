"""Predictions to score: drawn at random, and those at the edge of what can be scored."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from regcli.metrics.all_scores import score
from regcli.metrics.metric import Kind
from regcli.metrics.predictions import Predictions, Scale

Array = NDArray[Any]
Reference = Callable[[Array, Array], float]
"""Truth (rows,), and what scikit-learn compares it with; the number it gives."""


def score_one(kind: Kind, key: str, given: Predictions) -> float:
    """A metric of the one member there is."""
    (value,) = score(kind, given)[key]
    return float(value)


def binary(
    seed: int, rows: int = 60, outputs: int = 1, scale: Scale = Scale.LOGITS, positive: int = 1
) -> Predictions:
    """Two classes, of which one is rarer, and scores that know something of them."""
    rng = np.random.default_rng(seed)
    truth = (rng.random(rows) < 0.3).astype(np.int32)
    scores = rng.normal(size=(1, rows, outputs)) * 2
    scores[..., -1] += truth
    return Predictions(truth, scores.round(1).astype(np.float32), scale, positive)


def several(seed: int, rows: int = 80, classes: int = 4) -> Predictions:
    """Classes of different sizes, and logits with ties."""
    rng = np.random.default_rng(seed)
    truth = rng.choice(classes, rows, p=np.arange(1, classes + 1) / sum(range(classes + 1)))
    scores = rng.normal(size=(1, rows, classes)) + np.eye(classes)[truth]
    return Predictions(truth.astype(np.int32), scores.round(1).astype(np.float32), Scale.LOGITS)


def quantities(seed: int, rows: int = 50, zeros: int = 0) -> Predictions:
    rng = np.random.default_rng(seed)
    truth = (rng.normal(size=rows) * 10).astype(np.float32)
    truth[:zeros] = 0
    outputs = truth + rng.normal(size=rows).astype(np.float32)
    return Predictions(truth, outputs[np.newaxis, :, np.newaxis], Scale.VALUES)


BINARY = [binary(seed, positive=seed % 2) for seed in range(4)]
BINARY += [binary(4, outputs=2), binary(5, outputs=2, positive=0), binary(6, rows=2)]
SEVERAL = [*(several(seed) for seed in range(4)), several(5, rows=7), several(6, classes=3)]
QUANTITIES = [*map(quantities, range(4)), quantities(4, rows=2)]


def with_truth(given: Predictions, truth: Any) -> Predictions:
    """The same outputs for rows of another truth."""
    changed = np.resize(np.asarray(truth, given.truth.dtype), given.truth.shape)
    return Predictions(changed, given.outputs, given.scale, given.positive)


def softmax(z: Array) -> Array:
    """Independent of the code: in the highest precision that NumPy has."""
    powers = np.exp(z.astype(np.longdouble))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True), np.float64)


def probabilities(given: Predictions) -> Array:
    """Of every class, (rows, classes), of the one member with logits."""
    z = given.outputs[0]
    return softmax(np.concatenate([np.zeros_like(z), z], axis=-1) if z.shape[1] == 1 else z)


def decisions(given: Predictions) -> Array:
    """The class that every row gets from the one member with logits."""
    z = given.outputs[0]
    found: Array = (z[:, 0] > 0).astype(int) if z.shape[1] == 1 else z.argmax(axis=1)
    return found


def check_decisions(key: str, reference: Callable[..., float], given: Predictions) -> None:
    """A metric of decisions against scikit-learn's, of the positive class or the macro mean."""
    options: dict[str, Any] = {"average": "macro"}
    if given.classes == 2:
        options = {"pos_label": given.positive}
    with np.errstate(all="ignore"):
        expected = reference(given.truth, decisions(given), zero_division=0, **options)
    assert score_one("classification", key, given) == pytest.approx(expected, rel=1e-12)
