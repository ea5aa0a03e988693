"""Whether a model's last layers are its output layer, decided from what they compute."""

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from regcli.config.keras_parts import Layer
from regcli.config.task import Task
from regcli.errors import ModelError

_LINEAR = (None, "linear")
_PROBABILITIES = frozenset({"softmax", "log_softmax"})
"""Activations that are only used at the end of a model."""
_POSITIVE = ("exponential", "softplus")
"""Activations of a continuous output that cannot be negative, such as a count's mean."""

_NOTHING_DONE = frozenset({"Identity", "Flatten", "Reshape"})
"""Layers that leave a row of one axis as it is."""
_ACTIVATION_LAYERS = {
    "Softmax": "softmax",
    "ReLU": "relu",
    "LeakyReLU": "leaky_relu",
    "PReLU": "prelu",
    "ELU": "elu",
}
_KEEP_WIDTH = frozenset(
    {
        *_ACTIVATION_LAYERS,
        *("Activation", "ActivityRegularization", "Masking", "Rescaling", "UnitNormalization"),
        *("AlphaDropout", "Dropout", "GaussianDropout", "GaussianNoise"),
        *(f"SpatialDropout{axes}D" for axes in (1, 2, 3)),
        *(f"{kind}Normalization" for kind in ("Batch", "Group", "Layer", "RMS")),
        *(
            f"Global{what}{axes}D"
            for what in ("AveragePooling", "AvgPool", "MaxPooling", "MaxPool")
            for axes in (1, 2, 3)
        ),
    }
)
"""Layers that give as many outputs, in the last axis, as they take."""

_WRAPPERS = frozenset({"SpectralNormalization", "TimeDistributed"})
_RECURRENT = frozenset({"Bidirectional", "GRU", "LSTM", "SimpleRNN"})
_WIDTHS = {"Dense": "units", "EinsumDense": "output_shape"}
_CHANNELS = ("Conv", "SeparableConv")
"""How the names of layers begin whose outputs are channels, `filters` of them."""


@dataclass(frozen=True)
class Ending:
    """The end of a model: the last layer that sets the number of outputs, and those after it.

    Attributes:
        base: that layer; None where the inputs themselves set it.
        tail: what follows it.
        position: where in the config the ending begins.
        activations: every activation in it but the linear one, in order.
        is_plain: whether it computes only the base and activations.
    """

    base: Layer | None
    tail: tuple[Layer, ...]
    position: int
    activations: tuple[str, ...]
    is_plain: bool

    @classmethod
    def of(cls, layers: Sequence[Layer], rank: int, begin: int = 0) -> "Ending":
        """The ending of layers that each take the one before.

        Args:
            rank: axes of what the first of them takes of one row.
            begin: where in the config they begin.
        """
        ranks = _ranks(layers, rank)
        start = len(layers)
        while start and _keeps_width(layers[start - 1], ranks[start - 1]):
            start -= 1
        base, tail = (layers[start - 1] if start else None), tuple(layers[start:])
        own = () if base is None else (_inside(base).arguments.get("activation"),)
        activations = (*own, *map(_activation, tail))
        return cls(
            base=base,
            tail=tail,
            position=begin + max(0, start - 1),
            activations=tuple(str(name) for name in activations if name not in _LINEAR),
            is_plain=_is_plain(base, tail),
        )

    @property
    def kind(self) -> str:
        """Which layer sets the number of outputs: the base, or the one that it wraps."""
        return "" if self.base is None else _inside(self.base).kind

    @property
    def width(self) -> object:
        """Outputs, where the base says so."""
        if self.base is None:
            return None
        kind, given = self.kind, _inside(self.base).arguments
        width = given.get(_WIDTHS.get(kind, "filters" if kind.startswith(_CHANNELS) else ""))
        return width[0] if isinstance(width, list | tuple) and len(width) == 1 else width

    @property
    def written(self) -> str:
        """`Dense with 3 units and activation relu, then Dropout`."""
        layers = self.tail if self.base is None else (self.base, *self.tail)
        return ", then ".join(map(_written, layers))


def is_output(ending: Ending, task: Task, outputs: int) -> bool:
    """Whether an ending is certainly the output layer."""
    if ending.base is None or ending.base.kind != "Dense" or not _fits(ending, task, outputs):
        return False
    if len(ending.activations) > 1 or not ending.is_plain:
        return False
    return not ending.activations or ending.activations[0] in _plain(task, ending.width)


def refuse_if_unclear(ending: Ending, task: Task, outputs: int) -> None:
    """Refuse an ending that is not a plain output layer, but may be intended as one.

    Such are Dense layers with as many outputs as the target needs, or with a single one, and
    any ending in probabilities.

    Raises:
        ModelError: names both meanings, and how to write each.
    """
    fits = _fits(ending, task, outputs)
    unclear = not _PROBABILITIES.isdisjoint(ending.activations)
    if ending.kind in _WIDTHS:
        unclear = unclear or fits or ending.width == 1
    elif fits:
        # Channels are usually hidden, unless only layers follow that an output may have.
        unclear = unclear or {*_plain(task, ending.width)}.issuperset(ending.activations)
    if unclear:
        raise ModelError(
            ("model", "layers", ending.position),
            f"{ending.written} can be the output layer ({_as_output(ending, task, outputs)}) or "
            f"a hidden layer (write the output layer too: Dense: {{units: {outputs}}})"
            f"{_as_quantity(ending, task)}",
        )


def _as_quantity(ending: Ending, task: Task) -> str:
    """What to write where a few whole numbers are read as classes but are counts."""
    is_mean = ending.width == 1 and set(ending.activations) & {*_POSITIVE}
    if task == "regression" or not is_mean:
        return ""
    return "; if the target is a count or another quantity, set dataset.task: regression"


def _as_output(ending: Ending, task: Task, outputs: int) -> str:
    """What to write if an ending is intended as the output layer."""
    fits = _fits(ending, task, outputs)
    advice = "no activation, exponential or softplus"
    if task != "regression":
        (usual,) = _plain(task, ending.width if fits else outputs)
        advice = f"activation {usual} or none"
    if ending.base is None or ending.base.kind != "Dense":
        return f"write it as Dense: {{units: {outputs}}}, with {advice}"
    if not fits:
        return f"{_NEEDED[task].format(outputs)}, with {advice}"
    return f"write it last, with {advice}" if ending.tail else f"write it with {advice}"


_NEEDED = {
    "binary": "2 classes need units: 1, or 2",
    "multiclass": "{0} classes need units: {0}",
    "regression": "a continuous target needs units: 1",
}


def _fits(ending: Ending, task: Task, outputs: int) -> bool:
    return ending.width in ((1, 2) if task == "binary" else (outputs,))


def _plain(task: Task, width: object) -> tuple[str, ...]:
    """Activations that an output layer can have besides the linear one; the usual one last."""
    if task == "regression":
        return _POSITIVE
    return ("sigmoid",) if width == 1 else ("softmax",)


def _keeps_width(layer: Layer, rank: int) -> bool:
    """Whether a layer gives as many outputs as it takes, of rows with `rank` axes."""
    if layer.kind == "Reshape":
        target = layer.arguments.get("target_shape")
        return rank == 1 and not (isinstance(target, list | tuple) and len(target) != 1)
    return layer.kind in _KEEP_WIDTH or (layer.kind in _NOTHING_DONE and rank == 1)


def _activation(layer: Layer) -> object:
    if layer.kind == "Activation":
        return layer.arguments.get("activation")
    return _ACTIVATION_LAYERS.get(layer.kind)


def _is_plain(base: Layer | None, tail: Sequence[Layer]) -> bool:
    """Whether an ending is only its base and an activation that Dense could have as argument."""
    if tail and base is not None and base.arguments.get("activity_regularizer") is not None:
        return False  # it regularizes the values before the activation
    return all(
        layer.kind in _NOTHING_DONE
        or layer.kind == "Activation"
        or (layer.kind == "Softmax" and layer.arguments.get("axis", -1) in (-1, 1))
        for layer in tail
    )


def _inside(layer: Layer) -> Layer:
    """The layer inside a wrapper (TimeDistributed, SpectralNormalization), else the layer."""
    inner = layer.arguments.get("layer")
    if layer.kind not in _WRAPPERS or not isinstance(inner, dict):
        return layer
    try:
        return Layer.model_validate(inner)
    except ValidationError:
        return layer  # the error comes when the layer is built


def _written(layer: Layer) -> str:
    """`Dense with 3 units and activation relu`, or `Activation softmax`."""
    given = layer.arguments
    activation = given.get("activation")
    if layer.kind == "Activation":
        return f"Activation {activation}"
    counts = [(given[key], key) for key in ("units", "filters") if key in given]
    parts = [f"{count} {key[:-1] if count == 1 else key}" for count, key in counts]
    parts += [] if activation in _LINEAR else [f"activation {activation}"]
    return f"{layer.kind} with {' and '.join(parts)}" if parts else layer.kind


def _ranks(layers: Sequence[Layer], rank: int) -> list[int]:
    """Axes of what each layer takes for one row."""
    ranks = [rank]
    for layer in layers:
        ranks.append(_rank_after(layer, ranks[-1]))
    return ranks


def _rank_after(layer: Layer, rank: int) -> int:
    kind, given = layer.kind, layer.arguments
    if kind == "Flatten" or kind.startswith("Global"):
        return 1
    if kind == "Reshape":
        target = given.get("target_shape")
        return len(target) if isinstance(target, list | tuple) else 1
    if kind == "Embedding":
        return rank + 1
    if kind == "RepeatVector":
        return 2
    if kind == "Bidirectional" and isinstance(given.get("layer"), dict):
        ((kind, inner),) = given["layer"].items()
        given = inner or {}
    if kind in _RECURRENT or kind.startswith("ConvLSTM"):
        return rank if given.get("return_sequences") else rank - 1
    return rank
