"""The coefficients of a linear model by column, as trained and in the columns' own units."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regcli.data.target.target_transform import TargetTransform
from regcli.results.records import CENTER, WIDTH, RunRecord

Floats = NDArray[np.float64]
_WITHOUT_WEIGHTS = frozenset({"Dropout", "Activation", "Softmax", "Flatten"})
"""Layers that may stand around the one Dense layer of a linear model, in training or after it."""


@dataclass(frozen=True)
class Coefficients:
    """What each column adds to each output, before the output's activation.

    With scaled columns z = (x − center) / width, an output is Σ_j scaled_j·z_j + start, which is
    Σ_j original_j·x_j + intercept with original_j = scaled_j / width_j. Where the target was scaled
    for training, the latter are multiplied back to its own unit, or to that of its logarithm.

    Attributes:
        columns: (columns,) their names.
        outputs: (outputs,) names of the classes, or of the positive class; empty for a quantity.
        scaled: (columns, outputs), by one unit of a scaled column.
        original: the same by one unit of the column as the data has it.
        intercept: (outputs,) of the columns as the data has them.
        of_log: whether the output is the logarithm of the target.
    """

    columns: tuple[str, ...]
    outputs: tuple[str, ...]
    scaled: Floats
    original: Floats
    intercept: Floats
    of_log: bool = False


def is_linear(record: RunRecord) -> bool:
    """Whether a run's model is one Dense layer on the columns."""
    if record.data is None or record.sparsity is None or len(record.sparsity.layers) != 1:
        return False
    layers = record.config.get("model", {}).get("layers", [])
    kinds = [next(iter(layer)) for layer in layers]
    before = kinds[: kinds.index("Dense")] if "Dense" in kinds else kinds
    (kernel,) = record.sparsity.layers
    return (
        set(before) <= {"Dropout"}
        and set(kinds) <= {"Dense", *_WITHOUT_WEIGHTS}
        and len(kernel.shape) == 2
        and kernel.shape[0] == len(record.data.columns)
        and len(record.data.input_shape) == 1
    )


def coefficients(record: RunRecord, weights: Mapping[str, NDArray[Any]]) -> Coefficients | None:
    """Those of a run; None where its model is not linear in the columns, or has diverged.

    Args:
        weights: as they are stored, with the scaling of the columns.
    """
    if not is_linear(record) or record.data is None:
        return None
    kernels = [values for name, values in weights.items() if name.endswith("/kernel")]
    biases = [values for name, values in weights.items() if name.endswith("/bias")]
    if len(kernels) != 1 or CENTER not in weights:
        return None
    scaled = kernels[0].astype(np.float64)
    start = biases[0].astype(np.float64) if biases else np.zeros(scaled.shape[1])
    if not (np.isfinite(scaled).all() and np.isfinite(start).all()):
        return None
    center, width = (weights[name].astype(np.float64) for name in (CENTER, WIDTH))
    given = record.data.target_transform
    target = TargetTransform(log=False) if given is None else TargetTransform.from_plain(given)
    original = target.width * scaled / width[:, np.newaxis]
    classes = record.data.classes or ()
    outputs = classes if len(classes) == scaled.shape[1] else classes[1:]
    return Coefficients(
        columns=tuple(record.data.columns),
        outputs=tuple(outputs) if len(outputs) == scaled.shape[1] else (),
        scaled=scaled,
        original=original,
        intercept=target.width * start + target.center - center @ original,
        of_log=target.log,
    )
