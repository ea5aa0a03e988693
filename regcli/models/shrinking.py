"""Which units of a layer are dead, and what takes the place of those that are constant.

A kernel here is (inputs, units), or (…, inputs, units) with the taps of a convolution in front; of
tensors a unit is a channel. What comes into a layer is described by one array, (inputs,): the
constant that an input always is, or NaN for an input that varies with the row.

A unit is dead if no non-zero weight comes to it from an input that varies: it is then a constant,
which the next layer's bias can hold. It is dead as well if no non-zero weight leads from it to a
unit that lives. A forward pass for the first and a backward pass for the second find what removing
dead units again and again would, because removing takes nothing away that a living unit has.
"""

import numpy as np
from numpy.typing import NDArray

Kernel = NDArray[np.float32]
Constants = NDArray[np.float64]
"""(inputs,): the value of each input that is constant, NaN for each that varies."""
Mask = NDArray[np.bool_]
Masks = tuple[Mask, Mask]
"""One of a layer's inputs and one of its units."""


def varying(count: int) -> Constants:
    """Inputs of which none is constant."""
    return np.full(count, np.nan)


def connections(kernel: Kernel) -> Mask:
    """Whether any weight leads from an input to a unit, (inputs, units)."""
    return np.asarray((kernel != 0).any(axis=tuple(range(kernel.ndim - 2))))


def contribution(kernel: Kernel, constants: Constants) -> NDArray[np.float64]:
    """What the constant inputs add to each unit at every place: Σ over taps of W·c, (units,)."""
    known = np.where(np.isnan(constants), 0.0, constants)
    added: NDArray[np.float64] = known @ kernel.sum(
        axis=tuple(range(kernel.ndim - 2)), dtype=np.float64
    )
    return added


def constant_units(
    kernel: Kernel, bias: NDArray[np.float32] | None, constants: Constants
) -> Constants:
    """The sum, before the activation, of units that nothing varying comes to; NaN for the others.

    Args:
        bias: (units,), or None for a layer without.
        constants: of the inputs; units follow in the same form, (units,).
    """
    reached = connections(kernel)[np.isnan(constants)].any(axis=0)
    sums = contribution(kernel, constants) + (0.0 if bias is None else bias)
    return np.where(reached, np.nan, sums)


def constant_under_zero_padding(constants: Constants) -> Constants:
    """Inputs that are constant where zeros stand around the tensor: only those that are 0 too.

    Any other would count less at the borders than inside, which no bias can say.
    """
    return np.where(constants == 0, constants, np.nan)


def needed_inputs(kernel: Kernel, constants: Constants, live_units: Mask) -> Mask:
    """Inputs that vary and lead to a living unit, (inputs,)."""
    return np.asarray(np.isnan(constants) & connections(kernel)[:, live_units].any(axis=1))


def cut_kernel(kernel: Kernel, live: Masks, kept: Masks) -> Kernel:
    """The kernel of what is kept; weights of what is kept without being alive become 0.

    Args:
        live: inputs (inputs,) and units (units,) that live.
        kept: those that the smaller layer has, the living ones among them.
    """
    alive = np.where(live[0][:, None] & live[1], kernel, np.float32(0))
    return alive[..., kept[0], :][..., kept[1]]


def cut_bias(
    kernel: Kernel,
    bias: NDArray[np.float32] | None,
    constants: Constants,
    live: Masks,
    kept_units: Mask,
) -> NDArray[np.float64] | None:
    """The bias of the kept units, which holds what the inputs that do not live always were.

    None where the layer has no bias and needs none. The sum is made in float64, so that it is
    rounded once; a unit that is kept without being alive gets 0.
    """
    added = contribution(kernel, np.where(live[0], np.nan, constants))
    whole = np.where(live[1], added + (0.0 if bias is None else bias), 0.0)[kept_units]
    return None if bias is None and not whole.any() else whole


def at_least_one(live: Mask) -> Mask:
    """The units to keep: the living ones, or the first, because Keras has no layer of none."""
    return live if live.any() else np.arange(len(live)) == 0


def channels_of(columns: Mask, channels: int) -> Mask:
    """Channels (channels,) of which any column lives; columns are ordered as `Flatten` does."""
    return np.asarray(columns.reshape(-1, channels).any(axis=0))
