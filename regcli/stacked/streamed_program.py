"""An epoch of stacked members on rows that stay in a file: some steps' rows at a time."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from regcli.stacked.layout import largest_row
from regcli.stacked.prediction import Predictor
from regcli.stacked.program import EpochProgram, R
from regcli.stacked.rows import Blocks, Rows, in_blocks
from regcli.stacked.tensors import Tensor, Tensors

MOST_NUMBERS = 1_000_000
"""Inputs of the rows that a program is given at a time."""

Order = Callable[[int], Iterator[NDArray[np.int64]]]
"""Gives the numbers of an epoch's rows in pieces of a size, of which the last may be smaller."""


class StreamedProgram(EpochProgram[R]):
    """As `EpochProgram`, with the same steps on rows that the program is given piece by piece.

    All members are trained on one split. Each step has the rows that it would have in memory.
    """

    def __init__(self, recipe: R, size: int) -> None:
        assert recipe.parts["train"].splits == 1
        super().__init__(recipe, size)
        self.predict = Predictor(recipe, MOST_NUMBERS)
        self.block_rows = MOST_NUMBERS // (size * largest_row(recipe.model))
        compiled = {"jit_compile": True, "autograph": False}
        self._train_piece = tf.function(self._piece_sums, **compiled)
        self._validate_block = tf.function(self._sums_of_block, **compiled)

    def _hold_rows(self) -> None:
        self.row_weights = self.recipe.parts["train"].weights
        self.validation = None

    def stream_epoch(self, orders: Sequence[Order], own: Sequence[int]) -> dict[str, Tensor]:
        """Train every slot for one epoch.

        Args:
            orders: the different orders of rows that members have.
            own: which of them each slot has, (members,).

        Returns:
            What `fit` logs, (members,) each.
        """
        train, width = self.recipe.parts["train"], self.batches.width
        numbers = len(orders) * width * int(np.prod(train.inputs.shape[2:]))
        steps = max(1, min(self.batches.steps, MOST_NUMBERS // numbers))
        count = self.metrics.sums + (1 if train.weights is None else 2)
        sums: Tensors = [tf.zeros([self.size, 1])] + [tf.zeros([self.size, width])] * count
        slots = tf.constant(np.asarray(own, np.int32))
        for pieces in zip(*(order(steps * width) for order in orders), strict=True):
            counted = np.arange(steps * width) < len(pieces[0])
            rows = np.concatenate([np.resize(piece, steps * width) for piece in pieces])
            given = [_at(part, rows) for part in (train.inputs, train.targets, train.weights)]
            shape = (steps, width)
            sums = self._train_piece(
                *given, slots, tf.constant(counted.reshape(shape).astype(np.float32)), *sums
            )
        totals = [tf.reduce_sum(total, 1) for total in sums]
        return self._logs(totals, train) | self._validate_streamed()

    def _piece_sums(
        self,
        inputs: Tensor,
        targets: Tensor,
        row_weights: Tensor | None,
        slots: Tensor,
        counted: Tensor,
        *sums: Tensor,
    ) -> Tensors:
        """Sums over rows, with those of a piece added; see `_train_step`.

        Args:
            inputs, targets, row_weights: (orders · rows, …), each order's rows as it takes them.
            slots: which order each member has, (members,).
            counted: 1 for rows that count, (steps, width); of the last piece some steps are idle.
        """
        steps, width = counted.shape
        used = tf.reduce_sum(tf.cast(counted[:, 0] > 0, tf.int32))
        first = slots[:, tf.newaxis] * (steps * width) + tf.range(width)

        def body(step: Tensor, *before: Tensor) -> tuple[Tensor, ...]:
            rows = first + step * width
            weights = None if row_weights is None else tf.gather(row_weights, rows)
            given = tf.gather(inputs, rows), tf.gather(targets, rows), weights
            added = self._train_step(*given, counted[step])
            return (step + 1, *(total + new for total, new in zip(before, added, strict=True)))

        after: Tensors
        _, *after = tf.while_loop(lambda step, *_: step < used, body, (0, *sums))
        return after

    def _validate_streamed(self) -> dict[str, Tensor]:
        """As `_validate`, with a block in memory at a time."""
        validation = self.recipe.parts.get("validation")
        if validation is None:
            return {}
        sums: Tensors = []
        for block in _blocks(validation, max(1, min(self.block_rows, len(validation)))):
            added = self._validate_block(*(part[0] for part in block.tensors))
            sums = [sum(pair) for pair in zip(sums, added, strict=True)] if sums else added
        return self._validation_logs(sums)

    def _sums_of_block(self, *block: Tensor) -> Tensors:
        return self._block_sums([v.value for v in self.weights], block)


def _at(part: NDArray[Any] | None, rows: NDArray[np.int64]) -> Tensor | None:
    """The rows of some numbers of (1, rows, …), as a tensor (rows, …)."""
    return None if part is None else tf.constant(part[0][rows])


def _blocks(rows: Rows, width: int) -> Iterator[Blocks]:
    """Rows in order, in blocks of equal width; the last one filled up."""
    for begin in range(0, len(rows), width):
        cut = slice(begin, begin + width)
        weights = None if rows.weights is None else rows.weights[:, cut]
        inputs = rows.inputs[:, cut]
        own = np.array([inputs.shape[1]], np.int32)
        part = Rows(inputs, rows.targets[:, cut], rows.y[:, cut], weights, own)
        yield in_blocks(part, width, is_exact=True)
