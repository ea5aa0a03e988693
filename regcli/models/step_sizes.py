"""How long each weight's last gradient step was: the metric that a proximal map has to use.

Each function gives d such that, at a standstill, the optimizer moves a weight by −d·gradient. Then
the proximal map of step d stands still exactly where data loss + penalty is optimal. A map with
another step, such as the learning rate after Adam, comes to rest elsewhere.
"""

from collections.abc import Callable, Mapping
from typing import Any

import keras
from keras import ops

from regcli.errors import ModelError
from regcli.models.keras_private import (
    largest_second_moments,
    mean_gradients,
    second_moments,
    summed_squares,
)

StepSize = Callable[[Any, Any, int, Any], Any]
"""(optimizer, learning rate, position of the variable, steps done) → d, shaped like the variable
or to be broadcast to it."""


def _sgd(optimizer: Any, rate: Any, position: int, count: Any) -> Any:
    """η/(1 − μ): momentum, Nesterov's too, adds up to so many plain steps at a standstill."""
    return rate / (1.0 - optimizer.momentum)


def _adam(optimizer: Any, rate: Any, position: int, count: Any) -> Any:
    """η·√(1 − β₂ᵗ)/(√v + ε) (ProxGen: Yun, Lozano, Yang 2021); 1/(1 − β₁ᵗ) is left out."""
    moments = largest_second_moments if optimizer.amsgrad else second_moments
    correction = ops.sqrt(1.0 - _power(optimizer.beta_2, count))
    return rate * correction / (ops.sqrt(moments(optimizer)[position]) + optimizer.epsilon)


def _nadam(optimizer: Any, rate: Any, position: int, count: Any) -> Any:
    """η/(√(v/(1 − β₂ᵗ)) + ε)."""
    corrected = second_moments(optimizer)[position] / (1.0 - _power(optimizer.beta_2, count))
    return rate / (ops.sqrt(corrected) + optimizer.epsilon)


def _rmsprop(optimizer: Any, rate: Any, position: int, count: Any) -> Any:
    """η/(√(v + ε)·(1 − μ)), with v about the mean gradient where it is centered."""
    spread = ops.convert_to_tensor(second_moments(optimizer)[position])
    if optimizer.centered:
        spread = spread - ops.square(mean_gradients(optimizer)[position])
    return rate / (ops.sqrt(spread + optimizer.epsilon) * (1.0 - optimizer.momentum))


def _adagrad(optimizer: Any, rate: Any, position: int, count: Any) -> Any:
    """η/√(Σg² + ε)."""
    return rate / ops.sqrt(summed_squares(optimizer)[position] + optimizer.epsilon)


def _power(beta: Any, count: Any) -> Any:
    return ops.power(ops.cast(beta, "float32"), ops.cast(count, "float32"))


STEP_SIZES: Mapping[str, StepSize] = {
    "SGD": _sgd,
    "Adam": _adam,
    "AdamW": _adam,
    "Nadam": _nadam,
    "RMSprop": _rmsprop,
    "Adagrad": _adagrad,
}
"""The optimizers that have a proximal step, by the name of their class."""

_OTHER_WEIGHTS = ("use_ema", "gradient_accumulation_steps")
"""Arguments with which an update is not the step that the map belongs to."""


def check_proximal_step(optimizer: keras.optimizers.Optimizer) -> None:
    """Check that an optimizer has a proximal step.

    Raises:
        ModelError: it has none.
    """
    name = type(optimizer).__name__
    if name not in STEP_SIZES:
        known = ", ".join(STEP_SIZES)
        message = f"{name} has no proximal step; optimizers with one: {known}"
        raise ModelError(("training", "optimizer"), message)
    for argument in _OTHER_WEIGHTS:
        if getattr(optimizer, argument, None):
            message = f"{name} has no proximal step with {argument}"
            raise ModelError(("training", "optimizer", argument), message)


def step_size(optimizer: keras.optimizers.Optimizer, position: int) -> Any:
    """D of each weight of a variable, in the update that has just been made.

    To be called before the optimizer counts the update, as a variable's constraint is.

    Args:
        optimizer: one of `STEP_SIZES`, for one model or for stacked ones, whose learning rate and
            counter are columns (members, 1).
        position: of the variable among those the optimizer was built with.

    Returns:
        The variable's shape, or one that can be broadcast to it.
    """
    count = ops.convert_to_tensor(optimizer.iterations) + 1
    rate = optimizer.learning_rate
    return STEP_SIZES[type(optimizer).__name__](optimizer, rate, position, count)
