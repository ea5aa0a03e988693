"""A run's scaling of columns and of its target as Keras layers, around its model in a file.

The scaling is x ↦ (x − c) / w, fitted and computed in float64 during training. Keras computes in
float32 and rounds c, which costs a column whatever digits the rounding error of c has beside w. Its
`Normalization` also stores w², which float32 cannot hold beyond 1e19, and takes widths below an
epsilon, 1e-7 unless a person has set another, for that epsilon.
"""

from collections.abc import Collection

import keras
import numpy as np
from numpy.typing import NDArray

from regcli.data.target.target_transform import TargetTransform

Columns = NDArray[np.float64]

_LARGEST_SHIFT = 1e-6
"""Largest rounding error of a centre, in widths, that counts as none: the float32 error of a scaled
value is about a tenth of it."""
_SMALLEST, _LARGEST = 1e-3, 1e18
"""Widths for which Normalization is left to Keras: far from its epsilon and from overflow."""


def scaling_layers(
    center: Columns, width: Columns, shape: tuple[int, ...], taken: Collection[str]
) -> list[keras.Layer]:
    """Layers that scale rows as they are in the data; none where nothing is to be scaled.

    One `Normalization` wherever that is exact. Otherwise two `Rescaling` layers: x − h, which
    float32 subtracts without error near h, the centre rounded to float32; then times 1/w, minus
    (c − h)/w. A `Rescaling` with an array reads `image_data_format`, so it is not the first choice.

    Args:
        center, width: of each number in a row, (numbers,) in the order of `ravel`.
        shape: of one row.
        taken: names that other layers have.
    """
    if not center.any() and (width == 1).all():
        return []
    high, rest = _split(center, width)
    names = [_free(name, taken) for name in ("scaling", "centering")]
    ordinary = (width >= _SMALLEST).all() and (width <= _LARGEST).all()
    if ordinary and (np.abs(rest) <= _LARGEST_SHIFT).all():
        return [_normalization(high.reshape(shape), width.reshape(shape), names[0])]
    return [
        _rescaling(1.0, -high.reshape(shape), names[1]),
        _rescaling((1 / width).reshape(shape), -rest.reshape(shape), names[0]),
    ]


def restoring_layers(transform: TargetTransform, taken: Collection[str]) -> list[keras.Layer]:
    """Layers that turn what a model gives into the target's own unit.

    Args:
        taken: names that other layers have.
    """
    layers: list[keras.Layer] = []
    if (transform.center, transform.width) != (0.0, 1.0):
        name = _free("target_scaling", taken)
        layers.append(keras.layers.Rescaling(transform.width, offset=transform.center, name=name))
    if transform.log:
        layers.append(keras.layers.Activation("exponential", name=_free("target_log", taken)))
    return layers


def _split(center: Columns, width: Columns) -> tuple[Columns, Columns]:
    """The centre rounded to float32, and what is left of it in widths.

    Nothing is left where the width is 1, which stands for a column that never changes: rounded to
    float32 its values are the rounded centre, and must become 0.
    """
    high = center.astype(np.float32).astype(np.float64)
    return high, np.where(width == 1, 0.0, (center - high) / width)


def _normalization(mean: Columns, width: Columns, name: str) -> keras.layers.Normalization:
    axes = tuple(range(1, mean.ndim + 1))
    return keras.layers.Normalization(axes, mean=mean, variance=np.square(width), name=name)


def _rescaling(scale: float | Columns, offset: Columns, name: str) -> keras.layers.Rescaling:
    return keras.layers.Rescaling(
        scale if isinstance(scale, float) else scale.tolist(), offset=offset.tolist(), name=name
    )


def _free(name: str, taken: Collection[str]) -> str:
    """A name that no layer has: `scaling`, else `input_scaling`."""
    return name if name not in taken else _free(f"input_{name}", taken)
