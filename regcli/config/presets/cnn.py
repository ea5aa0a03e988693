"""A convolutional network for images: convolutions with pooling, then Dense layers."""

from regcli.config.presets.preset import Options, PlainLayer, Preset, dropout


def _layers(options: Options) -> list[PlainLayer]:
    activation, layers = options["activation"], list[PlainLayer]()
    for filters in options["filters"]:
        size = {"filters": filters, "kernel_size": options["kernel_size"]}
        layers.append({"Conv2D": {**size, "padding": "same", "activation": activation}})
        layers.append({"MaxPooling2D": {"pool_size": 2}})
    layers.append("Flatten")
    for units in options["units"]:
        layers.append({"Dense": {"units": units, "activation": activation}})
        layers += dropout(options["dropout"])
    return layers


CNN = Preset(
    "cnn",
    "convolutions with pooling, then Dense layers, for images",
    _layers,
    {
        "filters": (32, 64),
        "kernel_size": 3,
        "units": (64,),
        "activation": "relu",
        "dropout": None,
    },
)
