"""What a trainer gives back for one member, before it becomes a record."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from regcli.results.records import Optimality, RunState, Scores, Sparsity
from regcli.results.row_values import RunRows

OnEpoch = Callable[[int], None]
"""Called after each epoch with the number of epochs done."""

Weights = Mapping[str, NDArray[np.float32]]
"""A model's variables by path, such as `dense/kernel`, in the model's order."""


@dataclass(frozen=True)
class WarmStart:
    """Weights to start from in place of Keras's own.

    Attributes:
        keep_zeros: whether kernel weights that are zero among them stay so.
    """

    weights: Weights
    keep_zeros: bool = False


@dataclass(frozen=True)
class Outcome:
    """The result of training one member.

    Attributes:
        epochs: epochs that were trained.
        seconds: wall-clock time of the training, in seconds.
        metrics: for train, validation and test: what `evaluation.loss_scores` gives, and the
            task's metrics; empty for a part without rows.
        optimality: how far from optimal the weights are; only of proximal training.
        history: what Keras's `fit` logs, one value an epoch.
        message: why the member is not finished; empty where it is.
        rows: what it did with each row of validation and test.
    """

    state: RunState
    epochs: int
    seconds: float
    metrics: Mapping[str, Scores] = field(default_factory=dict)
    sparsity: Sparsity | None = None
    optimality: Optimality | None = None
    weights: Weights = field(default_factory=dict, repr=False)
    history: Mapping[str, tuple[float, ...]] = field(default_factory=dict, repr=False)
    message: str = ""
    rows: RunRows = field(default_factory=dict, repr=False)
