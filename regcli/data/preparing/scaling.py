"""Scaling of columns, fitted on the training rows only."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from regcli.data.features import Floats
from regcli.errors import DataError

ScaleKind = Literal["none", "standard", "minmax", "robust", "quantile", "pixels"]

_BRIGHTEST = 255.0

_CELLS_AT_ONCE = 2**16
_CELLS_OF_COLUMNS = 2**24
"""Numbers of whole columns that are at hand together where their order counts."""


@dataclass(frozen=True)
class Scaling:
    """x ↦ (x − center) / width, each (columns,); for tensors a column is a place in the tensor."""

    center: NDArray[np.float64]
    width: NDArray[np.float64]

    def apply(self, x: Floats, columns: Sequence[str]) -> NDArray[np.float32]:
        """Rows of any shape (rows, …), computed in float64 and rounded to float32 once.

        Raises:
            DataError: as `write`.
        """
        scaled = np.empty(x.shape, np.float32)
        self.write([x], scaled, columns)
        return scaled

    def write(
        self, blocks: Iterable[Floats], scaled: NDArray[np.float32], columns: Sequence[str]
    ) -> None:
        """As `apply`, of rows that come in blocks (rows, …), one below the other into an array.

        Raises:
            DataError: a value is so far from the training rows that float32 cannot hold it.
        """
        finite = np.ones(len(self.center), np.bool_)
        done = 0
        for x in blocks:
            flat, target = x.reshape(len(x), -1), scaled[done : done + len(x)].reshape(len(x), -1)
            finite &= self._write(flat, target)
            done += len(x)
        if not finite.all():
            name = columns[int(finite.argmin())]
            raise DataError(
                f"column {name!r} must stay finite when it is scaled, it is almost constant in the "
                "training rows but not in other rows; leave the column out with dataset.drop"
            )

    def _write(self, flat: Floats, scaled: NDArray[np.float32]) -> NDArray[np.bool_]:
        """Scale rows (rows, columns); which columns stay finite, (columns,)."""
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
        return finite


Blocks = Callable[[], Iterable[Floats]]
"""Gives the same rows (rows, …) anew at each call, in blocks of at least one row."""


def fit(kind: ScaleKind, x: Floats) -> Scaling:
    """The scaling that training rows (rows, …) ask for; see `fit_blocks`."""
    return fit_blocks(kind, lambda: [x])


def fit_blocks(kind: ScaleKind, blocks: Blocks) -> Scaling:
    """The scaling that training rows ask for, which are gone through a block at a time.

    standard: mean and standard deviation (divided by n, as scikit-learn does); minmax: smallest
    value and range; robust: median and the distance of the quartiles, or where they are equal the
    standard deviation; quantile: as standard, of columns that the preparation has made ranks of. A
    column that never changes keeps width 1, and so becomes 0. pixels: 255 for all, whatever the
    rows hold.

    Sums go from row to row across blocks, as NumPy adds up the rows of a matrix: how rows are cut
    into blocks does not show, except in the last digit of a single column.
    """
    if kind == "none":
        columns = next(map(_flat, blocks())).shape[1]
        return Scaling(np.zeros(columns), np.ones(columns))
    if kind == "pixels":
        columns = next(map(_flat, blocks())).shape[1]
        return Scaling(np.zeros(columns), np.full(columns, _BRIGHTEST))
    low, high = _extremes(blocks)
    extent = high - low
    if kind == "minmax":
        return Scaling(low, np.where(extent > 0, extent, 1.0))
    mean, deviation = _moments(blocks)
    # The mean of equal numbers may round to a neighbour of theirs, and a deviation to a trace
    # above 0 or, for the tiniest numbers, to 0: so ask the range first.
    varies = (extent > 0) & (deviation > 0)
    width = np.where(varies, deviation, 1.0)
    if kind == "robust":
        first, median, third = _quartiles(blocks, len(low))
        return Scaling(median, np.where(third > first, third - first, width))
    return Scaling(np.where(extent > 0, mean, low), width)


def _flat(x: Floats) -> NDArray[np.float64]:
    return x.reshape(len(x), -1).astype(np.float64, copy=False)


def _extremes(blocks: Blocks) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The smallest and the largest value of each column."""
    lows, highs = zip(*((x.min(axis=0), x.max(axis=0)) for x in map(_flat, blocks())), strict=True)
    return np.min(lows, axis=0), np.max(highs, axis=0)


def _moments(blocks: Blocks) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean and standard deviation of each column."""
    total, count = None, 0
    for x in map(_flat, blocks()):
        total, count = _added(total, x), count + len(x)
    assert total is not None
    mean = total / count
    squares = None
    for x in map(_flat, blocks()):
        deviations = x - mean
        deviations *= deviations
        squares = _added(squares, deviations)
    assert squares is not None
    return mean, np.sqrt(squares / count)


def _added(total: NDArray[np.float64] | None, x: NDArray[np.float64]) -> NDArray[np.float64]:
    """A sum over rows that goes on with those of another block."""
    if total is None:
        return np.asarray(x.sum(axis=0))
    return np.asarray(np.concatenate([total[np.newaxis], x]).sum(axis=0))


def _quartiles(blocks: Blocks, columns: int) -> NDArray[np.float64]:
    """The quartiles of each column, (3, columns); some columns at a time."""
    rows = sum(map(len, blocks()))
    step = max(_CELLS_OF_COLUMNS // rows, 1)
    found = []
    for begin in range(0, columns, step):
        parts = [_flat(x)[:, begin : begin + step] for x in blocks()]
        whole = parts[0] if len(parts) == 1 else np.concatenate(parts)
        found.append(np.quantile(whole, [0.25, 0.5, 0.75], axis=0))
    return np.concatenate(found, axis=1)


def require_pixels(blocks: Iterable[Floats]) -> None:
    """Refuse rows that are no pixels from 0 to 255.

    Raises:
        DataError: names the range of what they hold.
    """
    low, high = _range(blocks)
    if not _are_pixels(low, high):
        advice = "scale: none" if low >= 0 and high <= 1 else "another scale, such as standard"
        raise DataError(
            f"scale: pixels requires values from 0 to 255, the inputs go from {low:g} to "
            f"{high:g}; write {advice}"
        )


def require_new_pixels(blocks: Iterable[Floats], place: str) -> None:
    """Refuse rows to predict that are not pixels from 0 to 255, as those of training were.

    Args:
        place: the file that they are from.

    Raises:
        DataError: names the range of what they hold.
    """
    low, high = _range(blocks)
    if not _are_pixels(low, high):
        divided = low >= 0 and high <= 1
        raise DataError(
            f"{place}: must have values from 0 to 255, the run was trained with scale: pixels; "
            f"they go from {low:g} to {high:g}"
            + ("; give them before they are divided by 255" if divided else "")
        )


def _range(blocks: Iterable[Floats]) -> tuple[float, float]:
    lows, highs = zip(*((float(x.min()), float(x.max())) for x in blocks), strict=True)
    return min(lows), max(highs)


def _are_pixels(low: float, high: float) -> bool:
    return low >= 0 and high <= _BRIGHTEST and not 0 < high <= 1


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
