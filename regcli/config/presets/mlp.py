"""A multilayer perceptron: Dense layers one after the other."""

from collections.abc import Iterator

from regcli.config.presets.preset import Options, PlainLayer, Preset, dropout


def _layers(options: Options) -> list[PlainLayer]:
    return [layer for units in options["units"] for layer in _hidden(units, options)]


def _hidden(units: int, options: Options) -> Iterator[PlainLayer]:
    yield {"Dense": {"units": units, "activation": options["activation"]}}
    yield from dropout(options["dropout"])


MLP = Preset(
    "mlp",
    "Dense layers one after the other",
    _layers,
    {"units": (128, 64), "activation": "relu", "dropout": None},
)
