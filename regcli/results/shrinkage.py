"""What came out of shrinking a model: what it costs before and after, and that it is the same."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

TOLERANCE = 1e-5
"""Largest difference of outputs, relative to their scale, that counts as none."""


@dataclass(frozen=True)
class Cost:
    """What a model costs to keep and to run.

    Attributes:
        parameters: weights, biases and moving statistics.
        nonzero: kernel weights that are not 0.0.
        flops: floating-point operations for one row: 2 for each multiply-add of a kernel; biases,
            activations, normalization and pooling are left out.
        bytes: size of the Keras file.
        seconds: median time of one call on the CPU, by number of rows.
    """

    parameters: int
    nonzero: int
    flops: int
    bytes: int
    seconds: Mapping[int, float]


@dataclass(frozen=True)
class UnitCount:
    """How many units or channels of a layer, or how many inputs, were there and are left.

    Of the inputs those are left that can still change the output.

    Attributes:
        counted: what is counted: units, or the heads of an attention layer.
    """

    name: str
    before: int
    after: int
    counted: str = "units"


@dataclass(frozen=True)
class Check:
    """On which rows the outputs were compared, and their largest relative difference."""

    part: str
    rows: int
    difference: float


@dataclass(frozen=True)
class Shrinkage:
    """A run's model before and after.

    Attributes:
        run: the run's id.
        inputs: numbers in a row.
        units: of every layer that has a kernel, in order.
        columns: names of the inputs that can still change the output.
        takes_all_columns: whether the smaller model takes every column of the data, or `columns`
            alone.
    """

    run: str
    inputs: UnitCount
    units: tuple[UnitCount, ...]
    columns: tuple[str, ...]
    takes_all_columns: bool
    before: Cost
    after: Cost
    check: Check


def relative_difference(expected: NDArray[np.generic], found: NDArray[np.generic]) -> float:
    """The largest |found − expected| over the largest |expected|; both (rows, outputs).

    0 where they are equal, NaN where any is not finite, infinity where they differ in shape or from
    outputs that are all 0.
    """
    if expected.shape != found.shape:
        return float("inf")
    wide, other = expected.astype(np.float64), found.astype(np.float64)
    if not (np.isfinite(wide).all() and np.isfinite(other).all()):
        return float("nan")
    largest = float(np.abs(other - wide).max(initial=0.0))
    scale = float(np.abs(wide).max(initial=0.0))
    if largest == 0:
        return 0.0
    return largest / scale if scale else float("inf")
