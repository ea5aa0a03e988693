"""The penalty of one kernel as a Keras part: its strengths, and what it adds to the loss.

The maths is in `regcli.nets.proximal`; here it meets Keras's door for it, `kernel_regularizer`.
"""

from collections.abc import Mapping
from copy import copy
from dataclasses import asdict, dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from regcli.nets.proximal import Axes, value
from regcli.nets.weights import KERNELS, variable_name

Array = NDArray[np.float32]

_SUMS = (keras.regularizers.L1, keras.regularizers.L2, keras.regularizers.L1L2)

GROUP_AXES: dict[str | None, Axes] = {None: (), "inputs": (1, 3), "units": (1, 2)}
"""Axes of a viewed kernel that a group's weights lie along."""


@dataclass(frozen=True)
class Strengths:
    """What multiplies Σ|W|, ΣW² and Σ_g‖W_g‖ of one layer's kernels, and Σ|b|, Σb² of its bias.

    Attributes:
        groups: `inputs` or `units` where the layer's kernel has groups, else None.
    """

    l1: float
    l2: float
    group: float = 0.0
    groups: str | None = None
    bias_l1: float = 0.0
    bias_l2: float = 0.0

    @property
    def bias(self) -> "Strengths":
        """The strengths of the bias as a kernel's."""
        return Strengths(self.bias_l1, self.bias_l2)

    @property
    def any(self) -> bool:
        """Whether one is above zero for the kernel."""
        return bool(self.l1 or self.l2 or self.group)


def view_shape(shape: tuple[int, ...]) -> tuple[int, int, int]:
    """A kernel's shape as (blocks, inputs, units); a bias is one input's weights."""
    padded = (1, 1, *shape)
    return int(np.prod(padded[:-2])), int(padded[-2]), int(padded[-1])


def _viewed(kernel: Any) -> Any:
    return tf.reshape(kernel, [1, *view_shape(tuple(kernel.shape))])


def penalty_value(kernel: Array, strengths: Strengths) -> float:
    """l1·Σ|W| + l2·ΣW² + group·Σ_g‖W_g‖ in float64."""
    return float(_value(_viewed(kernel.astype(np.float64)), strengths))


def _value(viewed: Any, strengths: Strengths) -> Any:
    axes = GROUP_AXES[strengths.groups] if strengths.group else ()
    return value(viewed, strengths.l1, strengths.l2, strengths.group, axes)[0]


@keras.saving.register_keras_serializable("regcli")
class KernelPenalty(keras.regularizers.Regularizer):  # type: ignore[misc]
    """The penalty as part of the loss.

    Args:
        shown_only: leave it out of the gradient: a proximal step does its work, and Keras's `loss`
            still holds it.
    """

    def __init__(self, strengths: Strengths, shown_only: bool) -> None:
        self.strengths, self.shown_only = strengths, shown_only

    def __call__(self, kernel: Any) -> Any:
        """The penalty of a kernel, a number."""
        w = _viewed(keras.ops.convert_to_tensor(kernel))
        return _value(tf.stop_gradient(w) if self.shown_only else w, self.strengths)

    def get_config(self) -> dict[str, Any]:
        """The strengths by name: Bidirectional makes its second layer from the first one's."""
        return {**asdict(self.strengths), "shown_only": self.shown_only}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> "KernelPenalty":
        """The penalty that `get_config` describes."""
        strengths = {name: value for name, value in config.items() if name != "shown_only"}
        return cls(Strengths(**strengths), config["shown_only"])


@keras.saving.register_keras_serializable("regcli")
class BothPenalties(keras.regularizers.Regularizer):  # type: ignore[misc]
    """The penalty of the strengths, and the regularizer that the layer itself names."""

    def __init__(self, ours: keras.regularizers.Regularizer, named: Any) -> None:
        self.ours, self.named = ours, named

    def __call__(self, kernel: Any) -> Any:
        """Their sum, a number."""
        return self.ours(kernel) + self.named(kernel)

    def get_config(self) -> dict[str, Any]:
        """Both as Keras writes them."""
        both = {"ours": self.ours, "named": self.named}
        return {name: keras.saving.serialize_keras_object(own) for name, own in both.items()}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> "BothPenalties":
        """The penalties that `get_config` describes."""
        return cls(*(keras.saving.deserialize_keras_object(config[k]) for k in ("ours", "named")))


def regularizer_value(regularizer: keras.regularizers.Regularizer, weights: Array) -> float:
    """What a regularizer adds to the loss, in float64."""
    if isinstance(regularizer, BothPenalties):
        return sum(regularizer_value(own, weights) for own in (regularizer.ours, regularizer.named))
    if isinstance(regularizer, KernelPenalty):
        return penalty_value(weights, regularizer.strengths)
    if isinstance(regularizer, _SUMS):
        l1, l2 = (_written(getattr(regularizer, name, 0.0)) for name in ("l1", "l2"))
        return penalty_value(weights, Strengths(l1, l2))
    # Keras's OrthogonalRegularizer normalizes an array along another axis than a tensor.
    exact = copy(regularizer)
    exact.factor = _written(regularizer.factor)
    return float(exact(tf.constant(weights, tf.float64)))


def _written(number: Any) -> float:
    """A factor as it was written, where Keras holds it as a float32 tensor."""
    return number if isinstance(number, float) else float(str(np.float32(number)))


def make_regularizer(strengths: Strengths, proximal: bool) -> keras.regularizers.Regularizer | None:
    """The `kernel_regularizer` of a layer; Keras's own where it has one."""
    if not strengths.any:
        return None
    if proximal or strengths.group:
        return KernelPenalty(strengths, shown_only=proximal)
    return keras.regularizers.L1L2(strengths.l1, strengths.l2)


def covered(
    model: keras.Model, strengths: Mapping[str, Strengths]
) -> tuple[tuple[keras.Variable, Strengths], ...]:
    """The variables that are regularized, each with its strengths as a kernel's.

    Every kernel is among them, with a strength or without; a bias only where it has one.

    Args:
        strengths: by layer name.
    """
    found = []
    for variable in model.trainable_variables:
        owner, *_, last = variable_name(model, variable).split("/")
        own = strengths.get(owner, Strengths(0.0, 0.0))
        if last in KERNELS:
            found.append((variable, own))
        elif last == "bias" and own.bias.any:
            found.append((variable, own.bias))
    return tuple(found)
