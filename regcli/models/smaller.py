"""A trained model without its dead units, channels and inputs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod

import keras
import numpy as np
from numpy.typing import NDArray

from regcli.models.form import Piece
from regcli.models.layer_forms import FormedCall, formed_calls
from regcli.models.layer_kinds import ATTENTION
from regcli.models.shrinking import Mask, varying
from regcli.models.unit_masks import Flows, bound_calls, kept_units, known_values, live_units
from regcli.results.shrinkage import UnitCount


@dataclass(frozen=True)
class SmallerModel:
    """A model that gives the same outputs.

    Attributes:
        live_inputs: which numbers of a row can change the outputs, in the order of `ravel`.
        kept_inputs: which of them the model takes, in the same order.
        units: of every layer with a kernel, in order; of attention, heads.
    """

    model: keras.Model
    live_inputs: Mask
    kept_inputs: Mask
    units: tuple[UnitCount, ...]


def make_smaller(model: keras.Model, drop_inputs: bool) -> SmallerModel:
    """Remove what cannot change a model's outputs, and fold constants into the biases after them.

    Nothing dead is left where the layers allow it. Kept all the same are: one unit of a layer of
    which none lives; a channel that is constant but not 0 in front of a padded convolution; what a
    Reshape to a tensor, which lays rows out anew, is given; a column after Flatten, as long as its
    channel lives at another place; a channel that meets a living one in an Add or the like.

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
    calls = formed_calls(model)
    rows, output = id(model.inputs[0]), id(model.outputs[0])
    known = known_values(calls, rows, varying(model.input_shape[-1]))
    bounds = bound_calls(calls, known)
    live = live_units(bounds, known, output)
    kept = kept_units(bounds, live, [output] if drop_inputs else [rows, output])
    pieces = {id(bound.calls[0].form.layer): bound.smaller(live, kept) for bound in bounds}
    places = model.input_shape[1:-1]
    return SmallerModel(
        model=_build(model, calls, pieces, (*places, int(kept[rows].sum()))),
        live_inputs=np.tile(live[rows], prod(places)),
        kept_inputs=np.tile(kept[rows], prod(places)),
        units=_counts(calls, kept, pieces),
    )


def _counts(
    calls: Sequence[FormedCall], kept: Flows, pieces: Mapping[int, Piece]
) -> tuple[UnitCount, ...]:
    counts: dict[str, UnitCount] = {}
    for call in calls:
        layer, units = call.form.layer, kept[call.result]
        if type(layer) in ATTENTION:
            after = pieces[id(layer)].layer.num_heads
            counts[layer.name] = UnitCount(layer.name, layer.num_heads, after, "heads")
        elif hasattr(layer, "kernel"):
            counts[layer.name] = UnitCount(layer.name, len(units), int(units.sum()))
    return tuple(counts.values())


def _build(
    model: keras.Model,
    calls: Sequence[FormedCall],
    pieces: dict[int, Piece],
    shape: tuple[int, ...],
) -> keras.Model:
    """The layers joined as the model joins its own.

    Layers take the place of operations like `x + y`, which files have by their private paths.
    """
    rows = keras.Input(shape, name=model.inputs[0].name)
    if isinstance(model, keras.Sequential):
        layers = [pieces[id(layer)].layer for layer in model.layers]
        smaller = keras.Sequential([keras.Input(shape), *layers], name=model.name)
    else:
        flows = {id(model.inputs[0]): rows}
        for call in calls:
            layer = pieces[id(call.form.layer)].layer
            if isinstance(call.node.operation, keras.Layer):
                arguments, keywords = call.node.arguments(flows)
                flows[call.result] = layer(*arguments, **keywords)
            else:
                flows[call.result] = layer([flows[source] for source in call.sources])
        smaller = keras.Model(rows, flows[id(model.outputs[0])], name=model.name)
    for piece in pieces.values():
        floats = [weight for weight in piece.layer.weights if "float" in weight.dtype]
        for weight, values in zip(floats, piece.weights, strict=True):
            weight.assign(values)
    return smaller


def take_inputs(rows: NDArray[np.float32], smaller: SmallerModel) -> NDArray[np.float32]:
    """Rows (rows, …) as the smaller model takes them."""
    flat = rows.reshape(len(rows), -1)[:, smaller.kept_inputs]
    return flat.reshape(len(rows), *smaller.model.input_shape[1:])
