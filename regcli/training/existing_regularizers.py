"""Regularizers that a model has itself, and what becomes of them beside a config's strengths."""

from collections.abc import Iterator

from regcli.config.layer_weights import own_regularizers
from regcli.config.schema import Config
from regcli.data.dataset import Splits
from regcli.models.kernel_penalties import layer_strengths_of
from regcli.models.weights import variable_name
from regcli.training.template import source_of

_FATES = {
    "added": "Regularizers of the model itself count in addition to strengths",
    "replaced": "Regularizers of the model itself are removed, strengths take their place",
    "kept": "Regularizers of the model itself are kept in place of strengths",
}


def existing_notes(config: Config, splits: Splits) -> Iterator[str]:
    """What to say of the regularizers that are in a config's model without its strengths.

    Raises:
        ModelError: if the model cannot be built.
    """
    layers = config.model.layers
    if layers and not any(map(own_regularizers, layers)):
        return
    source = source_of(config, splits)
    model = source.bare()
    strengths = source.strengths(config.regularization, model)
    found: dict[str, list[str]] = {}
    for variable in model.trainable_variables:
        if variable.regularizer is None:
            continue
        name = variable_name(model, variable)
        layer, weight = layer_strengths_of(name, strengths), name.rsplit("/", 1)[-1]
        is_replaced, is_kept = weight in layer.replaced, weight in layer.kept
        fate = "replaced" if is_replaced else "kept" if is_kept else "added"
        found.setdefault(fate, []).append(f"{type(variable.regularizer).__name__} of {name}")
    for fate, words in _FATES.items():
        if fate in found:
            yield f"{words}: {', '.join(found[fate])}."
