"""Models of one Dense layer whose loss is convex, as the problems that `regcli.solvers` takes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from regcli.models.keras_private import loss_arguments
from regcli.models.kernel_penalties import FREE
from regcli.penalties.penalty import LayerStrengths, Strengths
from regcli.solvers import losses
from regcli.solvers.convex import Problem, Rows
from regcli.solvers.losses import Loss
from regcli.solvers.threads import OneThread
from regcli.training.full_batch import FullBatch

_IDENTITIES = (keras.layers.Dropout, keras.layers.Flatten, keras.layers.Identity)
_BLOCK = 4096

Targets = Callable[[NDArray[np.float32], int], NDArray[np.float64]]
"""From targets as Keras's loss compares them, and the number of outputs, to (rows, outputs)."""


@dataclass(frozen=True)
class OneLayer:
    """A model whose objective is convex.

    Attributes:
        before: the layers before the Dense layer; they have no weights.
        dense: the Dense layer.
        loss: of its scores, before any activation.
        targets: what the loss compares the scores with.
    """

    before: tuple[keras.layers.Layer, ...]
    dense: keras.layers.Dense
    loss: Loss
    targets: Targets

    def problem(self, rows: FullBatch, threads: OneThread | None = None) -> Problem:
        """The loss on these rows; `threads` as for `Problem`."""
        outputs = self.dense.units
        counted = np.ones(len(rows.inputs)) if rows.weights is None else rows.weights
        shares = counted.astype(np.float64) / len(rows.inputs)
        if not self.loss.meets:  # Keras takes the mean over outputs
            shares /= outputs
        targets = self.targets(rows.targets, outputs)
        features = Rows(self._features(rows.inputs), targets, shares)
        return Problem(self.loss, features, self.dense.use_bias, threads)

    def _features(self, inputs: NDArray[np.float32]) -> NDArray[np.float32]:
        """What the Dense layer is given, (rows, inputs)."""
        layers = [v for v in self.before if not isinstance(v, keras.layers.Dropout)]
        if all(isinstance(layer, _IDENTITIES) for layer in layers):
            return inputs.reshape(len(inputs), -1)
        blocks = []
        for start in range(0, len(inputs), _BLOCK):
            flow = inputs[start : start + _BLOCK]
            for layer in layers:
                flow = layer(flow, training=False)
            blocks.append(np.asarray(flow))
        return np.concatenate(blocks)

    def strengths(self, by_position: Mapping[int, Strengths]) -> LayerStrengths:
        """A member's strengths and those that the layer names itself."""
        return LayerStrengths(
            _added(by_position.get(0, FREE), self.dense.kernel.regularizer),
            _added(by_position.get(1, FREE), _bias_regularizer(self.dense)),
        )

    def takes(self, strengths: Strengths) -> bool:
        """Whether the solver has a way for the kernel's penalty.

        A concave one needs a loss without corners, and no additional l1.
        """
        named = float(getattr(self.dense.kernel.regularizer, "l1", 0.0))
        return strengths.is_convex or (self.loss.of_width is None and not named)


def one_layer(model: keras.Model, loss: keras.losses.Loss) -> OneLayer | None:
    """The convex problem of a model; None where it is not convex."""
    places = [place for place, layer in enumerate(model.layers) if layer.weights]
    if len(places) != 1 or not isinstance(model, keras.Sequential):
        return None
    dense, before = model.layers[places[0]], tuple(model.layers[: places[0]])
    activation = _activation(dense, model.layers[places[0] + 1 :])
    if type(dense) is not keras.layers.Dense or activation is None or not dense.trainable:
        return None
    if len(dense.input.shape) != 2 or dense.lora_enabled:
        return None
    if any(layer.activity_regularizer is not None for layer in model.layers):
        return None
    named = (dense.kernel.regularizer, _bias_regularizer(dense))
    if not all(_is_known(regularizer) for regularizer in named):
        return None
    found = _convex(loss, activation, dense.units)
    return found and OneLayer(before, dense, *found)


def _activation(dense: keras.layers.Layer, after: list[keras.layers.Layer]) -> str | None:
    """The one function between scores and outputs; None where there are others."""
    names = [keras.activations.serialize(getattr(dense, "activation", None))]
    for layer in after:
        if isinstance(layer, keras.layers.Activation):
            names.append(keras.activations.serialize(layer.activation))
        elif isinstance(layer, keras.layers.Softmax) and layer.axis == -1:
            names.append("softmax")
        elif not isinstance(layer, _IDENTITIES):
            return None
    used = [name for name in names if name != "linear"]
    if len(used) > 1 or not all(isinstance(name, str) for name in names):
        return None
    return str(used[0]) if used else "linear"


def _bias_regularizer(dense: keras.layers.Dense) -> Any:
    """The regularizer on a layer's bias: the layer's argument may have been replaced."""
    return None if dense.bias is None else dense.bias.regularizer


def _convex(loss: keras.losses.Loss, activation: str, outputs: int) -> tuple[Loss, Targets] | None:
    """The loss of scores that Keras's loss of their activation is."""
    kind, known = type(loss), keras.losses
    given = loss.get_config()
    logits = bool(given.get("from_logits", False))
    smoothing = float(given.get("label_smoothing", 0.0))
    delta = float(loss_arguments(loss).get("delta", 1.0))
    if given.get("axis", -1) != -1 or given.get("ignore_class") is not None:
        return None
    if activation == "linear":
        plain: dict[type, Callable[[], tuple[Loss, Targets]]] = {
            known.MeanSquaredError: lambda: (losses.squared(), _as_they_are),
            known.Huber: lambda: (losses.huber(delta), _as_they_are),
            known.LogCosh: lambda: (losses.log_cosh(), _as_they_are),
            known.MeanAbsoluteError: lambda: (losses.absolute(1.0), _as_they_are),
            known.SquaredHinge: lambda: (losses.squared_hinge(), _signs),
            known.Hinge: lambda: (losses.hinge(1.0), _signs),
        }
        if kind in plain:
            return plain[kind]()
    fits = "linear" if logits else "sigmoid"
    if kind is known.BinaryCrossentropy and activation == fits:
        return losses.logistic(), lambda y, m: _as_they_are(y, m) * (1 - smoothing) + smoothing / 2
    fits = "linear" if logits else "softmax"
    entropies = (known.CategoricalCrossentropy, known.SparseCategoricalCrossentropy)
    if kind in entropies and activation == fits and outputs > 1:
        return losses.softmax(), lambda y, m: _one_hot(y, m) * (1 - smoothing) + smoothing / m
    if kind is known.Poisson and activation == "exponential":
        return losses.poisson(), _as_they_are
    return None


def _as_they_are(y: NDArray[np.float32], outputs: int) -> NDArray[np.float64]:
    return y.reshape(len(y), outputs).astype(np.float64)


def _signs(y: NDArray[np.float32], outputs: int) -> NDArray[np.float64]:
    """Classes 0 and 1 as −1 and 1, as Keras's hinge losses take them."""
    return 2 * _as_they_are(y, outputs) - 1


def _one_hot(y: NDArray[np.float32], outputs: int) -> NDArray[np.float64]:
    if y.ndim == 2:
        return _as_they_are(y, outputs)
    return np.eye(outputs)[y.astype(np.int64)]


def _is_known(regularizer: Any) -> bool:
    kinds = keras.regularizers.L1L2, keras.regularizers.L1, keras.regularizers.L2
    return regularizer is None or type(regularizer) in kinds


def _added(strengths: Strengths, regularizer: Any) -> Strengths:
    """Strengths as the trainers have them, and l1 and l2 of a regularizer that a layer names."""
    numbers = {name: _float32(number) for name, number in strengths.numbers.items()}
    for name in ("l1", "l2"):
        numbers[name] += float(getattr(regularizer, name, 0.0))
    return strengths.having(**numbers)


def _float32(strength: float) -> float:
    """A strength as the trainers have it; one beyond float32 is its largest number."""
    return float(np.float32(min(strength, float(np.finfo(np.float32).max))))
