"""One member's outputs on the rows of every part, for its scores."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from regcli.stacked.layers import stacked_call
from regcli.stacked.objectives import row_losses
from regcli.stacked.recipe import Arrays, Recipe
from regcli.stacked.rows import Rows
from regcli.stacked.stacking import Pass

MAX_NUMBERS = 4_000_000
"""Numbers that a block of rows may have in an evaluation."""


@dataclass(frozen=True)
class Predicted:
    """What a member makes of a part's rows.

    Attributes:
        outputs: (rows, outputs).
        losses: without the rows' weights, (rows,).
        activity: what activity regularizers take of every row, (rows,).
    """

    outputs: NDArray[Any]
    losses: NDArray[Any]
    activity: NDArray[Any]


class Predictor:
    """A population's model on one member's weights at a time.

    Side by side, vectorised loops would round a member's last digits by its position, and its
    scores must not depend on who ended with it. All parts go through in one call where they are
    small, because a call costs more than they do.
    """

    def __init__(self, recipe: Recipe) -> None:
        self.recipe = recipe
        self._small: dict[int, list[tuple[Any, Any]]] = {}
        self._predict_rows = tf.function(self._predict, autograph=False)
        self._traced: dict[tuple[int, ...], Callable[..., Any]] = {}

    def __call__(self, numbers: Arrays, split: int) -> Mapping[str, Predicted]:
        """Every part there is, by name, of the split that the member was trained on.

        Args:
            numbers: its weights and statistics in their own shapes.
        """
        tensors = [tf.constant(part) for part in numbers]
        given = [
            [part.numpy() for part in self._run(*tensors, inputs, targets)]
            for inputs, targets in self._blocks(split)
        ]
        outputs, losses, activity = (np.concatenate(part) for part in zip(*given, strict=True))
        found, start = {}, 0
        for name, rows in self.recipe.parts.items():
            cut = slice(start, start + len(rows))
            found[name] = Predicted(outputs[cut], losses[cut], activity[cut])
            start = cut.stop
        return found

    def _blocks(self, split: int) -> Sequence[tuple[Any, Any]] | Iterator[tuple[Any, Any]]:
        """Inputs and targets of all parts, one after the other."""
        parts = [rows.of(split) for rows in self.recipe.parts.values()]
        if sum(rows.inputs.size for rows in parts) > MAX_NUMBERS:
            return _large_blocks(parts)
        if split not in self._small:
            inputs = np.concatenate([rows.inputs[0] for rows in parts])
            targets = np.concatenate([rows.targets[0] for rows in parts])
            self._small[split] = [(tf.constant(inputs), tf.constant(targets))]
        return self._small[split]

    def _run(self, *tensors: Any) -> Any:
        """Call what was traced for so many rows; asking TensorFlow which it is takes longer."""
        shape = tuple(tensors[-1].shape)
        if shape not in self._traced:
            specs = (tf.TensorSpec(part.shape, part.dtype) for part in tensors)
            self._traced[shape] = self._predict_rows.get_concrete_function(*specs)
        return self._traced[shape](*tensors)

    def _predict(self, *tensors: Any) -> tuple[Any, Any, Any]:
        """Outputs, losses and activity from one member's numbers, then inputs and targets."""
        *parts, x, y = (part[tf.newaxis] for part in tensors)
        count = len(self.recipe.model.trainable_variables)
        info = Pass(None, tf.zeros([1], tf.uint32), {})
        outputs, _ = stacked_call(self.recipe.model, parts[:count], parts[count:], x, info)
        outputs = tf.identity(outputs)  # as bare numbers, without the scores behind them
        losses = row_losses(self.recipe.loss, outputs, y)
        return outputs[0], losses[0], info.activity_by_row(outputs)[0]


def _large_blocks(parts: Sequence[Rows]) -> Iterator[tuple[Any, Any]]:
    for rows in parts:
        size = int(np.prod(rows.inputs.shape[2:]))
        width = max(1, min(len(rows), MAX_NUMBERS // size))
        for start in range(0, len(rows), width):
            cut = slice(start, start + width)
            yield tf.constant(rows.inputs[0, cut]), tf.constant(rows.targets[0, cut])
