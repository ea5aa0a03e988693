"""Which layers the reference trainer alone can train, and why."""

from collections.abc import Mapping
from typing import Any

import keras

from regcli.stacked.layers import FOLDABLE, FORMS
from regcli.stacked.regularizers import ACTIVITY

_PLAIN: Mapping[str, tuple[Any, ...]] = {
    "data_format": ("channels_last", None),
    "seed": (None,),
    "stateful": (False,),
    "return_state": (False,),
    "mask_zero": (False,),
    "lora_rank": (None,),
    "synchronized": (False,),
    "renorm": (False,),
    "quantization_config": (None,),
    "merge_mode": ("concat", "sum", "ave", "mul"),
    "sparse": (False,),
}
"""Arguments with the values that the stacked forms know."""


def why_not_layer(layer: keras.Layer, inside: bool = False) -> str | None:
    """Why a layer has to be left to the reference trainer; None where it need not.

    Args:
        inside: whether a TimeDistributed holds it.
    """
    kind = type(layer).__name__
    if type(layer) not in FORMS and type(layer) not in FOLDABLE:
        return f"{kind} has no stacked form"
    if inside and isinstance(layer, keras.layers.BatchNormalization):
        return f"{kind} in TimeDistributed has moments of its own at each step"
    if inside and isinstance(layer, keras.layers.Embedding):
        return f"{kind} in TimeDistributed has no stacked form"
    own = _why_not_activity(layer, inside) or _why_not_arguments(layer)
    if isinstance(layer, keras.layers.TimeDistributed):
        return own or why_not_layer(layer.layer, inside=True)
    if isinstance(layer, keras.layers.Bidirectional):
        # Its two layers are made from one config.
        return own or why_not_layer(layer.forward_layer, inside)
    return own


def _why_not_activity(layer: keras.Layer, inside: bool) -> str | None:
    kind, regularizer = type(layer).__name__, layer.activity_regularizer
    if regularizer is None:
        return None
    if inside:
        return f"{kind} in TimeDistributed has an activity_regularizer"
    if not isinstance(regularizer, ACTIVITY):
        return f"{kind} has an activity_regularizer that is not a sum over rows"
    return None


def _why_not_arguments(layer: keras.Layer) -> str | None:
    kind, arguments = type(layer).__name__, layer.get_config()
    for name, usual in _PLAIN.items():
        if name in arguments and arguments[name] not in usual:
            return f"{kind} has {name}={arguments[name]}"
    if kind == "BatchNormalization" and not isinstance(layer.axis, int):
        return "BatchNormalization is over several axes"
    return None
