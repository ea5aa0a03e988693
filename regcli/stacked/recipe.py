"""What stacked members share, and what each of them begins with."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import keras
from numpy.typing import NDArray

from regcli.metrics.metric import Kind
from regcli.metrics.predictions import Scale
from regcli.penalties.penalty import Penalty, Strengths
from regcli.stacked.rows import Rows
from regcli.stacked.target_units import TargetUnits

Arrays = list[NDArray[Any]]


@dataclass(frozen=True)
class Regularized:
    """A kernel, or another weight that has strengths.

    Attributes:
        position: among the trainable variables.
        penalty: whose parameters its strengths are.
        keeps_zeros: whether its zeros are held where zeros are kept.
    """

    position: int
    penalty: Penalty
    keeps_zeros: bool


@dataclass(frozen=True)
class Recipe:
    """What all members share.

    Attributes:
        model: the template; its own weights are not used.
        optimizer: a new Keras optimizer, not built.
        kind: of the target, which says what is logged after each epoch.
        scale: what the outputs are.
        regularized: every kernel, and the other weights that have strengths.
        keep_zeros: whether weights that are zero at the start stay so, where those are held.
        proximal: whether a proximal step takes the place of the penalty's gradient.
        transposed: positions of the kernels that are kept transposed.
        batch_size: rows of a step; the last step of an epoch may have fewer.
        parts: the rows of train, and of validation and test where there are any.
        scalars: optimizer arguments that differ between members.
        dropouts: names of the Dropout layers.
        units: what turns outputs and targets into the numbers that metrics compare; None where
            they are those.
    """

    model: keras.Model
    optimizer: keras.optimizers.Optimizer
    loss: keras.losses.Loss
    kind: Kind
    scale: Scale
    regularized: tuple[Regularized, ...]
    keep_zeros: bool
    proximal: bool
    transposed: frozenset[int]
    batch_size: int
    parts: Mapping[str, Rows]
    scalars: tuple[str, ...]
    dropouts: tuple[str, ...]
    units: TargetUnits | None


@dataclass(frozen=True)
class Start:
    """What one member begins with.

    Attributes:
        weights, statistics: start values in the template's order and shapes.
        strengths: of what is regularized, in the recipe's order.
        split: which of the splits in the recipe's rows it is trained on.
        scalars: optimizer arguments by name.
        rates: dropout rates by layer name.
    """

    weights: Arrays
    statistics: Arrays
    strengths: tuple[Strengths, ...]
    seed: int
    split: int
    scalars: Mapping[str, float]
    rates: Mapping[str, float]
