"""Which layers make training random, so that it has no fixed objective."""

import inspect

import keras

_DROPOUTS = ("dropout", "recurrent_dropout")
_INSIDE = ("layer", "forward_layer", "backward_layer", "cell")


def has_randomness(layer: keras.Layer) -> bool:
    """Whether a layer, or one inside it, draws numbers in training.

    Keras's layers that do take a seed. Where all that it is for is a recurrent layer's own dropout,
    that has to be above 0; a Dropout layer counts with any rate, because members may differ in it.
    """
    known = inspect.signature(type(layer).__init__).parameters
    rates = [getattr(layer, name) for name in _DROPOUTS if name in known]
    if "seed" in known and (any(rates) or not rates):
        return True
    inside = [getattr(layer, name, None) for name in _INSIDE] + [*getattr(layer, "cells", ())]
    return any(has_randomness(part) for part in inside if isinstance(part, keras.Layer))
