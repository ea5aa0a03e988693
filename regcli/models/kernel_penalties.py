"""The penalty of one kernel as a Keras part: its strengths, and what it adds to the loss.

The maths is in `regcli.penalties`; here it becomes a Keras `kernel_regularizer`.
"""

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from regcli.models.weights import variable_name
from regcli.penalties.covered_weights import KERNELS
from regcli.penalties.elastic_net import ELASTIC_NET
from regcli.penalties.penalty import LayerStrengths, Strengths
from regcli.penalties.registry import penalty_named
from regcli.penalties.sparse_groups import SparseGroups

Array = NDArray[np.float32]

_SUMS = (keras.regularizers.L1, keras.regularizers.L2, keras.regularizers.L1L2)

FREE = ELASTIC_NET.strengths()
"""The strengths of what is not regularized."""


def view_shape(shape: tuple[int, ...]) -> tuple[int, int, int]:
    """A kernel's shape as (blocks, inputs, units); a bias is one input's weights."""
    padded = (1, 1, *shape)
    return int(np.prod(padded[:-2])), int(padded[-2]), int(padded[-1])


def viewed(kernel: Any) -> Any:
    """A kernel as one member's, (1, blocks, inputs, units), as penalties take it."""
    return tf.reshape(kernel, [1, *view_shape(tuple(kernel.shape))])


def penalty_sum(kernel: Any, strengths: Strengths) -> Any:
    """The penalty of a kernel, from a tensor to a number of its type; in float64 for records.

    Args:
        strengths: whose numbers can be tensors too.
    """
    return strengths.penalty.value(viewed(kernel), strengths.numbers)[0]


@keras.saving.register_keras_serializable("regcli")
class KernelPenalty(keras.regularizers.Regularizer):  # type: ignore[misc]  # no types in Keras
    """The penalty as part of the loss.

    Args:
        shown_only: leave it out of the gradient: a proximal step does its work, and Keras's `loss`
            still holds it.
    """

    def __init__(self, strengths: Strengths, shown_only: bool) -> None:
        self.strengths, self.shown_only = strengths, shown_only

    def __call__(self, kernel: Any) -> Any:
        """The penalty of a kernel, a number."""
        w = keras.ops.convert_to_tensor(kernel)
        return penalty_sum(tf.stop_gradient(w) if self.shown_only else w, self.strengths)

    def get_config(self) -> dict[str, Any]:
        """The strengths by name: Bidirectional makes its second layer from the first one's."""
        own = self.strengths
        given: dict[str, Any] = {"penalty": own.penalty.name, "numbers": dict(own.numbers)}
        if isinstance(own.penalty, SparseGroups) and own.penalty.groups.of_position is not None:
            given["groups"] = list(own.penalty.groups.of_position)
        return {**given, "shown_only": self.shown_only}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> "KernelPenalty":
        """The penalty that `get_config` describes."""
        groups = config.get("groups")
        penalty = penalty_named(config["penalty"], None if groups is None else tuple(groups))
        return cls(Strengths(penalty, config["numbers"]), config["shown_only"])


@keras.saving.register_keras_serializable("regcli")
class BothPenalties(keras.regularizers.Regularizer):  # type: ignore[misc]  # no types in Keras
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
    return float(regularizer_sum(regularizer, tf.constant(weights, tf.float64)))


def regularizer_sum(regularizer: keras.regularizers.Regularizer, weights: Any) -> Any:
    """As `regularizer_value`, from a float64 tensor to one."""
    if isinstance(regularizer, BothPenalties):
        return regularizer_sum(regularizer.ours, weights) + regularizer_sum(
            regularizer.named, weights
        )
    if isinstance(regularizer, KernelPenalty):
        return penalty_sum(weights, regularizer.strengths)
    if isinstance(regularizer, _SUMS):
        numbers = {name: _written(getattr(regularizer, name, 0.0)) for name in ("l1", "l2")}
        return penalty_sum(weights, ELASTIC_NET.strengths(**numbers))
    # Keras's OrthogonalRegularizer normalizes an array along another axis than a tensor.
    exact = copy(regularizer)
    exact.factor = _written(regularizer.factor)
    return exact(weights)


def _written(number: Any) -> float:
    """A factor as it was written, where Keras holds it as a float32 tensor."""
    return number if isinstance(number, float) else float(str(np.float32(number)))


def make_regularizer(strengths: Strengths, proximal: bool) -> keras.regularizers.Regularizer | None:
    """The `kernel_regularizer` of a layer; Keras's own where it has one."""
    if not strengths.any:
        return None
    plain = strengths.penalty.as_elastic_net(strengths.numbers)
    if proximal or plain is None:
        return KernelPenalty(strengths, shown_only=proximal)
    return keras.regularizers.L1L2(*plain)


def strengths_of(regularizer: Any) -> Strengths | None:
    """The strengths of a regularizer that `make_regularizer` made, or another of L1 and L2."""
    if isinstance(regularizer, KernelPenalty):
        return regularizer.strengths
    if isinstance(regularizer, keras.regularizers.L1L2):
        return ELASTIC_NET.strengths(l1=float(regularizer.l1), l2=float(regularizer.l2))
    return None


@dataclass(frozen=True)
class Covered:
    """A variable that is regularized, with its strengths.

    Attributes:
        keeps_zeros: whether it is a kernel, or a weight that the config names: its zeros are
            counted, and held where zeros are kept. A bias that is regularized along with its layer
            is neither.
        is_replaced: whether a regularizer that the model has on it is removed.
    """

    variable: keras.Variable
    strengths: Strengths
    keeps_zeros: bool = True
    is_replaced: bool = False


def covered(model: keras.Model, strengths: Mapping[str, LayerStrengths]) -> tuple[Covered, ...]:
    """The variables that are regularized.

    Every kernel is among them, with a strength or without, and so is every weight that the config
    names; a bias of a layer only where it has one.

    Args:
        strengths: by layer name, or by whatever else variables' names begin with.
    """
    found = []
    for variable in model.trainable_variables:
        name = variable_name(model, variable)
        layer, weight = layer_strengths_of(name, strengths), name.rsplit("/", 1)[-1]
        own = layer.of(weight)
        if own is not None and (weight in KERNELS or weight in layer.named or own.any):
            keeps = weight in KERNELS or weight in layer.named
            found.append(Covered(variable, own, keeps, weight in layer.replaced))
    return tuple(found)


def layer_strengths_of(name: str, strengths: Mapping[str, LayerStrengths]) -> LayerStrengths:
    """The strengths of the layer that a variable is named after; without any where it has none."""
    owner, slash, _ = name.rpartition("/")
    while slash and owner not in strengths:
        owner, slash, _ = owner.rpartition("/")
    return strengths.get(owner, LayerStrengths(FREE, FREE))


def counted_names(model: keras.Model, strengths: Mapping[str, LayerStrengths]) -> tuple[str, ...]:
    """Names of the weights whose zeros are counted: kernels, and what the config names."""
    found = covered(model, strengths)
    return tuple(variable_name(model, own.variable) for own in found if own.keeps_zeros)
