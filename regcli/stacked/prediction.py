"""Members' outputs on the rows of every part, for their scores."""

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from regcli.stacked.member_loop import MemberLoop
from regcli.stacked.model_call import stacked_call
from regcli.stacked.objectives import row_losses
from regcli.stacked.recipe import Arrays, Recipe
from regcli.stacked.rows import Rows
from regcli.stacked.stacking import Pass

MAX_NUMBERS = 4_000_000
"""Numbers that a block of rows may have in an evaluation."""


@dataclass(frozen=True)
class Predicted:
    """What members make of a part's rows.

    Attributes:
        outputs: (members, rows, outputs).
        losses: without the rows' weights, (members, rows).
        activity: what activity regularizers take of every row, (members, rows).
    """

    outputs: NDArray[Any]
    losses: NDArray[Any]
    activity: NDArray[Any]


class Predictor:
    """A population's model on members that have ended; threads may share one.

    Each member has arithmetic of its own. Side by side, vectorised loops would round a member's
    last digits by its position, and its scores must not depend on who ended with it. So one
    compiled program goes from member to member. All parts go through in one call where they are
    small, because a call costs more than they do.

    Args:
        most: numbers that the inputs of a call may be.
    """

    def __init__(self, recipe: Recipe, most: int = MAX_NUMBERS) -> None:
        self.recipe, self.most = recipe, most
        self._small: dict[int, list[tuple[Any, Any]]] = {}
        self._loops: dict[tuple[int, ...], MemberLoop] = {}
        self._tracing = threading.Lock()

    def __call__(self, stacked: Arrays, split: int) -> Mapping[str, Predicted]:
        """Every part there is, by name, of the split that the members were trained on.

        Args:
            stacked: their weights and statistics, (members, …) each.
        """
        tensors = [tf.constant(part) for part in stacked]
        given = [
            [part.numpy() for part in self._run(tensors, inputs, targets)]
            for inputs, targets in self._blocks(split)
        ]
        outputs, losses, activity = (
            blocks[0] if len(blocks) == 1 else np.concatenate(blocks, axis=1)
            for blocks in zip(*given, strict=True)
        )
        found, start = {}, 0
        for name, rows in self.recipe.parts.items():
            cut = slice(start, start + int(rows.counts[split]))
            found[name] = Predicted(outputs[:, cut], losses[:, cut], activity[:, cut])
            start += len(rows)
        return found

    def _blocks(self, split: int) -> Sequence[tuple[Any, Any]] | Iterator[tuple[Any, Any]]:
        """Inputs and targets of all parts, one after the other.

        With the rows that fill a split up: one loop is traced for all splits.
        """
        parts = self.recipe.parts.values()
        if sum(rows.inputs[split].size for rows in parts) > self.most:
            return _large_blocks(parts, split, self.most)
        if split not in self._small:
            inputs = np.concatenate([rows.inputs[split] for rows in parts])
            targets = np.concatenate([rows.targets[split] for rows in parts])
            self._small[split] = [(tf.constant(inputs), tf.constant(targets))]
        return self._small[split]

    def _run(self, stacked: Sequence[Any], inputs: Any, targets: Any) -> Sequence[Any]:
        """Call what was traced for so many rows."""
        rows = tuple(targets.shape)
        with self._tracing:
            if rows not in self._loops:
                self._loops[rows] = MemberLoop(self._predict, stacked, [inputs, targets])
        return self._loops[rows](stacked, [inputs, targets])

    def _predict(self, *tensors: Any) -> tuple[Any, Any, Any]:
        """Outputs, losses and activity from one member's numbers, then inputs and targets."""
        *parts, x, y = (part[tf.newaxis] for part in tensors)
        count = len(self.recipe.model.trainable_variables)
        info = Pass(None, tf.zeros([1], tf.uint32), {})
        outputs, _ = stacked_call(self.recipe.model, parts[:count], parts[count:], x, info)
        outputs = tf.identity(outputs)  # as bare numbers, without the scores behind them
        losses = row_losses(self.recipe.loss, outputs, y)
        return outputs[0], losses[0], info.activity_by_row(outputs)[0]


def _large_blocks(parts: Iterable[Rows], split: int, most: int) -> Iterator[tuple[Any, Any]]:
    for rows in parts:
        size = int(np.prod(rows.inputs.shape[2:]))
        width = max(1, min(len(rows), most // size))
        for start in range(0, len(rows), width):
            cut = slice(start, start + width)
            yield tf.constant(rows.inputs[split, cut]), tf.constant(rows.targets[split, cut])
