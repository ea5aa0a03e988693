"""The largest useful strength of l1: above it, every regularized weight is zero.

For one Dense layer it follows from the optimality conditions: with all weights zero and the bias
fitted, a weight stays at zero while its gradient is below l1, so that λmax = max|∂(data loss)/∂W|.
A net of more layers has no such formula, for its gradient at zero weights is zero: there it is
found by trial, as the smallest strength of a grid from which training ends without a weight.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from regcli.config.schema import Config
from regcli.data.dataset import Splits
from regcli.errors import ModelError
from regcli.nets.parts import make_loss
from regcli.nets.penalties import Strengths
from regcli.training.full_batch import FullBatch
from regcli.training.outcome import Outcome
from regcli.training.polish import Polish, is_convex
from regcli.training.session import Engine, Job, RefusedJob, plan_batches, train_jobs
from regcli.training.targets import loss_targets, row_weights
from regcli.training.template import bare_model, strengths_by_position

_TRIALS = 12
"""Strengths that are tried at once."""
_HUGE = 1e30
_DECADES = 4.0
"""How far below the start's largest gradient the first trials reach."""


@dataclass(frozen=True)
class Largest:
    """The largest useful strength, and whether a formula gave it rather than trials."""

    strength: float
    is_exact: bool


def largest_strength(config: Config, splits: Splits, device: str) -> Largest:
    """The largest useful l1 of a config; its own l1 is left aside.

    Raises:
        ModelError: the model cannot be built or trained by proximal steps, or no trial ended
            without a weight.
    """
    with tf.device(device):
        model = bare_model(config, splits)
        loss = make_loss(config.training.loss, splits.table.task, model.layers[-1])
        if is_convex(model):
            return Largest(_by_formula(config, splits, model, loss), is_exact=True)
        top = _largest_gradient(config, splits, model, loss)
    return Largest(_by_trials(config, splits, device, top), is_exact=False)


def _by_formula(
    config: Config, splits: Splits, model: keras.Sequential, loss: keras.losses.Loss
) -> float:
    """Fit the bias with all weights held at zero; the largest gradient of a weight is left."""
    weights = [np.zeros(v.shape, np.float32) for v in model.trainable_variables]
    # A little more than it, for with rounded gradients a last weight may stay at it.
    return _pull(config, splits, model, loss, weights, _HUGE, steps=10_000) * (1 + 1e-5)


def _largest_gradient(
    config: Config, splits: Splits, model: keras.Sequential, loss: keras.losses.Loss
) -> float:
    keras.utils.set_random_seed(config.training.seed)
    model = bare_model(config, splits)
    weights = [np.asarray(v) for v in model.trainable_variables]
    return _pull(config, splits, model, loss, weights, 1.0, steps=0)


def _pull(
    config: Config,
    splits: Splits,
    model: keras.Sequential,
    loss: keras.losses.Loss,
    weights: Sequence[Any],
    l1: float,
    steps: int,
) -> float:
    """The largest gradient of a kernel's weight after some steps of polish under one strength."""
    own = strengths_by_position(model, config, splits)
    strengths = {place: Strengths(l1, 0.0) for place in own}
    polish = Polish(model, loss, dict.fromkeys(own), steps)
    others = [np.asarray(v) for v in model.non_trainable_variables if "float" in str(v.dtype)]
    part, outputs = splits.train, int(model.output_shape[-1])
    targets = loss_targets(part.y, splits, loss, outputs)
    rows = FullBatch(part.x, targets, row_weights(config.training, splits, part))
    _, optimality = polish(weights, others, rows, strengths)
    assert optimality is not None  # there is a strength
    return optimality.pull


def _by_trials(config: Config, splits: Splits, device: str, top: float) -> float:
    """The smallest strength found from which nothing is left, to a twelfth of a decade or so."""
    high, low = np.log10(top), np.log10(top) - _DECADES
    for _ in range(2):
        strengths = np.logspace(low, high, _TRIALS).tolist()
        nonzero = _left_over(config, splits, device, strengths)
        empty = [place for place, count in enumerate(nonzero) if count == 0]
        if not empty:
            raise ModelError(("sweep", "l1"), f"found no strength up to {top:g} that empties it")
        first = empty[0]
        high = np.log10(strengths[first])
        low = np.log10(strengths[first - 1]) if first else high - 1.0
    return float(10.0**high)


def _left_over(
    config: Config, splits: Splits, device: str, strengths: Sequence[float]
) -> Sequence[int]:
    """Non-zero kernel weights after proximal training at each strength."""
    training = config.training.model_copy(update={"polish": 0})
    jobs = [
        Job(f"trial-{place}", _with_l1(config, l1, training), splits)
        for place, l1 in enumerate(strengths)
    ]
    found = _Collected()
    try:
        batches = plan_batches(jobs, range(len(jobs)), "auto", device)
    except RefusedJob as refused:
        raise refused.error from refused
    train_jobs(jobs, batches, device, found, None)
    return [found.nonzero[place] for place in range(len(jobs))]


def _with_l1(config: Config, l1: float, training: Any) -> Config:
    regularization = config.regularization.model_copy(update={"l1": l1, "method": "proximal"})
    return config.model_copy(update={"regularization": regularization, "training": training})


class _Collected:
    """A listener that keeps how many weights are left."""

    def __init__(self) -> None:
        self.nonzero: dict[int, int] = {}

    def note(self, text: str) -> None:
        del text

    def population_started(self, members: int) -> None:
        del members

    def run_started(self, number: int) -> None:
        del number

    def epochs_done(self, count: int) -> None:
        del count

    def ended(self, outcomes: Sequence[tuple[int, Outcome]], engine: Engine) -> None:
        del engine
        for number, outcome in outcomes:
            sparsity = outcome.sparsity
            self.nonzero[number] = sparsity.nonzero if sparsity is not None else 1
