"""Rows of a table as inputs, before they are scaled: made a block at a time."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from regcli.data.dataset import numbered_columns
from regcli.data.features import Features, Floats
from regcli.data.preparing.preparation import Preparation

MOST_CELLS_AT_ONCE = 2**24
"""Inputs up to which rows are one block, 128 MB in float64; of more rows, blocks are smaller."""
CELLS_OF_A_BLOCK = 2**18


@dataclass(frozen=True)
class PreparedRows:
    """The inputs of a table's rows, followed by noise columns.

    They are made whenever they are asked for: all of them in float64 would take more memory than
    the table.

    Attributes:
        features: the table's rows.
        noise: (rows, noise columns), or None.
        at_once: inputs up to which rows are one block.
    """

    features: Features
    preparation: Preparation
    noise: NDArray[np.float64] | None
    at_once: int = MOST_CELLS_AT_ONCE

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the inputs, then of the noise columns."""
        count = 0 if self.noise is None else self.noise.shape[1]
        return self.preparation.inputs + noise_names(count)

    @property
    def shape(self) -> tuple[int, ...]:
        """Of one row."""
        shape = self.features.x.shape[1:]
        return (len(self.columns),) if len(shape) == 1 else shape

    def blocks(self, numbers: NDArray[np.int64]) -> Iterator[Floats]:
        """The rows of some numbers, (rows, …), in blocks of one row or more."""
        width = max(len(self.columns), 1)
        is_small = len(numbers) * width <= self.at_once
        step = len(numbers) if is_small else max(CELLS_OF_A_BLOCK // width, 1)
        for begin in range(0, len(numbers), max(step, 1)):
            yield self._at(numbers[begin : begin + step])

    def _at(self, numbers: NDArray[np.int64]) -> Floats:
        own = self.features
        x = self.preparation.apply(Features(own.x[numbers], own.columns, own.kinds))
        return x if self.noise is None else np.concatenate([x, self.noise[numbers]], axis=1)


def noise_names(count: int) -> tuple[str, ...]:
    """Names of so many noise columns."""
    return numbered_columns("noise", (count,)) if count else ()
