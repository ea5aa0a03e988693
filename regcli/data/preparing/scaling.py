"""Scaling of columns, fitted on the training rows only."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from regcli.data.features import Floats
from regcli.errors import DataError

ScaleKind = Literal["none", "standard", "minmax", "robust", "quantile", "pixels"]

_BRIGHTEST = 255.0

_CELLS_AT_ONCE = 2**16


@dataclass(frozen=True)
class Scaling:
    """x ↦ (x − center) / width, each (columns,); for tensors a column is a place in the tensor."""

    center: NDArray[np.float64]
    width: NDArray[np.float64]

    def apply(self, x: Floats, columns: Sequence[str]) -> NDArray[np.float32]:
        """Rows of any shape (rows, …), computed in float64 and rounded to float32 once.

        Raises:
            DataError: a value is so far from the training rows that float32 cannot hold it.
        """
        flat = x.reshape(len(x), -1)
        scaled = np.empty(flat.shape, np.float32)
        finite = np.ones(flat.shape[1], np.bool_)
        # Some rows at a time: float64 copies of all of them would take more than the rows.
        step = max(_CELLS_AT_ONCE // max(flat.shape[1], 1), 1)
        for begin in range(0, len(flat), step):
            rows = slice(begin, begin + step)
            with np.errstate(over="ignore"):
                centered = flat[rows] - self.center
                centered /= self.width
                scaled[rows] = centered
            finite &= np.isfinite(scaled[rows]).all(axis=0)
        if not finite.all():
            name = columns[int(finite.argmin())]
            raise DataError(
                f"column {name!r} must stay finite when it is scaled, it is almost constant in the "
                "training rows but not in other rows; leave the column out with dataset.drop"
            )
        return scaled.reshape(x.shape)


def fit(kind: ScaleKind, x: Floats) -> Scaling:
    """The scaling that training rows (rows, …) ask for.

    standard: mean and standard deviation (divided by n, as scikit-learn does); minmax: smallest
    value and range; robust: median and the distance of the quartiles, or where they are equal the
    standard deviation; quantile: as standard, of columns that the preparation has made ranks of. A
    column that never changes keeps width 1, and so becomes 0. pixels: 255 for all, whatever the
    rows hold.
    """
    flat = x.reshape(len(x), -1).astype(np.float64, copy=False)
    if kind == "none":
        return Scaling(np.zeros(flat.shape[1]), np.ones(flat.shape[1]))
    if kind == "pixels":
        return Scaling(np.zeros(flat.shape[1]), np.full(flat.shape[1], _BRIGHTEST))
    low = flat.min(axis=0)
    extent = flat.max(axis=0) - low
    if kind == "minmax":
        return Scaling(low, np.where(extent > 0, extent, 1.0))
    deviation = flat.std(axis=0)
    # The mean of equal numbers may round to a neighbour of theirs, and a deviation to a trace
    # above 0 or, for the tiniest numbers, to 0: so ask the range first.
    varies = (extent > 0) & (deviation > 0)
    width = np.where(varies, deviation, 1.0)
    if kind == "robust":
        first, median, third = np.quantile(flat, [0.25, 0.5, 0.75], axis=0)
        return Scaling(median, np.where(third > first, third - first, width))
    return Scaling(np.where(extent > 0, flat.mean(axis=0), low), width)


def require_pixels(x: Floats) -> None:
    """Refuse rows that are no pixels from 0 to 255.

    Raises:
        DataError: names the range of what they hold.
    """
    low, high = float(x.min()), float(x.max())
    if low < 0 or high > _BRIGHTEST or 0 < high <= 1:
        advice = "scale: none" if low >= 0 and high <= 1 else "another scale, such as standard"
        raise DataError(
            f"scale: pixels requires values from 0 to 255, the inputs go from {low:g} to "
            f"{high:g}; write {advice}"
        )


def lost_in_float32(x: Floats, width: NDArray[np.float64]) -> NDArray[np.float64]:
    """What rounding rows to float32 before they are scaled does to each column, in widths.

    Numbers below the smallest normal one count as lost whole: TensorFlow takes them for 0. A column
    that never changes loses nothing.

    Args:
        x: rows as they are in the data, (rows, …); width: of each column, (columns,).
    """
    flat = x.reshape(len(x), -1).astype(np.float64)
    rounded = flat.astype(np.float32)
    rounded[np.abs(rounded) < np.finfo(np.float32).tiny] = 0
    varies = (flat != flat[0]).any(axis=0)
    lost: NDArray[np.float64] = np.where(varies, np.abs(rounded - flat).max(axis=0) / width, 0.0)
    return lost


def most_lost_in_float32(fitted: Scaling) -> NDArray[np.float64]:
    """What `lost_in_float32` may be for rows that are not at hand, near the scaling's centre.

    A width of 1 means a column that never changes.
    """
    limits = np.finfo(np.float32)
    lost = np.maximum(np.abs(fitted.center) * limits.eps / 2, limits.tiny) / fitted.width
    return np.where(fitted.width == 1, 0.0, lost)
