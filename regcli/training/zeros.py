"""The zeros of a trained model, and how well it does once its near zeros are exact ones."""

from collections.abc import Callable, Mapping, Sequence

import keras
import numpy as np

from regcli.data.dataset import Splits
from regcli.models.connectivity import count_one
from regcli.results.outcomes import Weights
from regcli.results.records import Scores, Sparsity
from regcli.results.sparsity import CountedZeros, InputColumns, is_near_zero

Metrics = Mapping[str, Scores]
_OF_THE_PENALTY = frozenset({"penalty", "objective"})


def input_columns(splits: Splits) -> InputColumns:
    """What the inputs of a model trained on these splits are called."""
    return InputColumns(splits.columns, splits.true_columns, splits.noise)


def measure_zeros(
    model: keras.Model,
    weights: Weights,
    counted: Sequence[str],
    columns: InputColumns,
    metrics: Metrics,
    score: Callable[[Weights], Metrics],
) -> Sparsity:
    """Sparsity before and after zeroing, with the scores after it.

    Args:
        model: the architecture; its own weights are not read.
        weights: what training ended with.
        counted: names of the weights whose zeros are counted.
        metrics: the scores of these weights.
        score: gives the scores of other weights; not called where zeroing changes nothing.
    """
    found = count_one(model, weights, columns, counted)
    if not found.has_near_zeros:
        return with_scores_after(found, metrics)
    return with_scores_after(found, score(zero_near(weights, counted, found.threshold)))


def with_scores_after(found: CountedZeros, metrics: Metrics) -> Sparsity:
    """Sparsity with the scores that a model has after zeroing."""
    return found.summary({part: _without_penalty(scores) for part, scores in metrics.items()})


def zero_near(weights: Weights, counted: Sequence[str], threshold: float) -> Weights:
    """Weights with 0.0 where the magnitude of a counted one is below a threshold."""
    zeroed = {
        name: np.where(is_near_zero(weights[name], threshold), np.float32(0), weights[name])
        for name in counted
    }
    return {**weights, **zeroed}


def _without_penalty(scores: Scores) -> Scores:
    return {name: value for name, value in scores.items() if name not in _OF_THE_PENALTY}
