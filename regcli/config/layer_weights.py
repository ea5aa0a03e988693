"""Which weights a layer of a config has that strengths can reach, before Keras is loaded."""

from collections.abc import Mapping, Sequence

from pydantic import ValidationError

from regcli.config import catalogue
from regcli.config.keras_parts import Layer
from regcli.config.layer_selection import LayerWeights
from regcli.penalties.covered_weights import KERNELS

_ARGUMENTS: Mapping[str, str] = {
    "kernel": "kernel_regularizer",
    "depthwise_kernel": "depthwise_regularizer",
    "pointwise_kernel": "pointwise_regularizer",
    "recurrent_kernel": "recurrent_regularizer",
    "bias": "bias_regularizer",
    "embeddings": "embeddings_regularizer",
    "gamma": "gamma_regularizer",
    "beta": "beta_regularizer",
    "alpha": "alpha_regularizer",
}
_SWITCHES: Mapping[str, str] = {"bias": "use_bias", "gamma": "scale", "beta": "center"}
"""Arguments that leave a weight out where they are false."""


def weight_arguments(layer: Layer) -> Mapping[str, str]:
    """The regularizer argument of each weight of a layer, which wraps no other."""
    known = catalogue.arguments("layers", layer.kind)
    found = {weight: own for weight, own in _ARGUMENTS.items() if own in known}
    if "depthwise_kernel" in found and "pointwise_kernel" not in found:
        found = {"kernel": found.pop("depthwise_kernel"), **found}  # as Keras calls it there
    return {
        weight: argument
        for weight, argument in found.items()
        if layer.arguments.get(_SWITCHES.get(weight, "")) is not False
    }


def own_regularizers(layer: Layer) -> Mapping[str, str]:
    """The weights that a layer names a regularizer for itself, with the arguments."""
    return {
        weight: argument
        for weight, argument in weight_arguments(innermost(layer)).items()
        if innermost(layer).arguments.get(argument) is not None
    }


def innermost(layer: Layer) -> Layer:
    """The layer inside Bidirectional, TimeDistributed and the like; else the layer itself."""
    if "layer" not in catalogue.arguments("layers", layer.kind):
        return layer
    try:
        return innermost(Layer.model_validate(layer.arguments["layer"]))
    except (ValidationError, KeyError):
        return layer  # whoever builds it says what is wrong with it


def has_kernel(layer: Layer) -> bool:
    """Whether a layer, or the one that it wraps, has a kernel."""
    return not KERNELS.isdisjoint(weight_arguments(innermost(layer)))


def weights_of_layers(layers: Sequence[Layer], names: Sequence[str]) -> tuple[LayerWeights, ...]:
    """The layers of a model as selections see them; the last one is its output layer."""
    return tuple(
        LayerWeights(
            key=name,
            names=(name,),
            kinds=tuple(dict.fromkeys((layer.kind, innermost(layer).kind))),
            weights=tuple(weight_arguments(innermost(layer))),
            is_output=position == len(layers) - 1,
        )
        for position, (layer, name) in enumerate(zip(layers, names, strict=True))
    )
