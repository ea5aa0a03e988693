"""A trained stack of layers without its dead units, channels and inputs."""

from dataclasses import dataclass
from itertools import pairwise
from math import prod

import keras
import numpy as np
from numpy.typing import NDArray

from regcli.models.layer_forms import Form, Piece, layer_forms
from regcli.models.shrinking import Mask, at_least_one, varying
from regcli.results.shrinkage import UnitCount


@dataclass(frozen=True)
class SmallerModel:
    """A model that gives the same outputs.

    Attributes:
        live_inputs: which numbers of a row can change the outputs, in the order of `ravel`.
        kept_inputs: which of them the model takes, in the same order.
        units: of every layer with a kernel, in order.
    """

    model: keras.Sequential
    live_inputs: Mask
    kept_inputs: Mask
    units: tuple[UnitCount, ...]


def make_smaller(model: keras.Sequential, drop_inputs: bool) -> SmallerModel:
    """Remove what cannot change a model's outputs, and fold constants into the biases after them.

    Nothing dead is left where the layers allow it. Kept all the same are: one unit of a layer of
    which none lives; a channel that is constant but not 0 in front of a padded convolution; what a
    Reshape to a tensor, which lays rows out anew, is given; a column after Flatten, as long as its
    channel lives at another place.

    The model takes the columns that it took before, unless `drop_inputs`: the first kernel then
    keeps a row of zeros for each column that counts for nothing. Keras has no layer that selects
    columns: a Dense layer of zeros and ones in front would have more weights than the zero rows,
    and an operation of `keras.ops` in the graph is saved by its private path, which another
    version of Keras may not know.

    Args:
        drop_inputs: leave out the inactive inputs; of tensors, inactive channels.

    Raises:
        ShrinkError: naming a layer that cannot be made smaller.
    """
    forms = list(layer_forms(model))
    constants = [varying(model.input_shape[-1])]
    for form in forms:
        constants.append(form.forward(constants[-1]))
    live: list[Mask] = [np.ones(model.output_shape[-1], bool)]
    for form, known in zip(reversed(forms), constants[-2::-1], strict=True):
        live.insert(0, form.backward(known, live[0]))
    first = at_least_one(live[0]) if drop_inputs else np.ones(len(live[0]), bool)
    kept, pieces = first, []
    for form, known, around in zip(forms, constants[:-1], pairwise(live), strict=True):
        pieces.append(form.smaller(known, around, kept))
        kept = pieces[-1].kept
    places = model.input_shape[1:-1]
    return SmallerModel(
        model=_build(pieces, (*places, int(first.sum())), model.name),
        live_inputs=np.tile(live[0], prod(places)),
        kept_inputs=np.tile(first, prod(places)),
        units=tuple(_counts(forms, pieces)),
    )


def _counts(forms: list[Form], pieces: list[Piece]) -> list[UnitCount]:
    return [
        UnitCount(form.layer.name, len(piece.kept), int(piece.kept.sum()))
        for form, piece in zip(forms, pieces, strict=True)
        if hasattr(form.layer, "kernel")
    ]


def _build(pieces: list[Piece], shape: tuple[int, ...], name: str) -> keras.Sequential:
    layers = [piece.layer for piece in pieces]
    model = keras.Sequential([keras.Input(shape), *layers], name=name)
    for piece in pieces:
        floats = [weight for weight in piece.layer.weights if "float" in weight.dtype]
        for weight, values in zip(floats, piece.weights, strict=True):
            weight.assign(values)
    return model


def take_inputs(rows: NDArray[np.float32], smaller: SmallerModel) -> NDArray[np.float32]:
    """Rows (rows, …) as the smaller model takes them."""
    flat = rows.reshape(len(rows), -1)[:, smaller.kept_inputs]
    return flat.reshape(len(rows), *smaller.model.input_shape[1:])
