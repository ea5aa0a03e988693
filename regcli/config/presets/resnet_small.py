"""A small residual network for images, of the basic blocks of He et al. 2016.

Source: https://arxiv.org/abs/1512.03385.

Every stage after the first halves height and width. A block adds what it was given to what its two
convolutions make of it; where their shapes differ, a convolution of one pixel fits the one to the
other.
"""

from regcli.config.presets.preset import Options, PlainLayer, Preset, dropout


def _layers(options: Options) -> list[PlainLayer]:
    first = options["filters"][0]
    layers: list[PlainLayer] = [*_convolution(first, options["kernel_size"], 1, "stem")]
    layers.append({"Activation": {"activation": options["activation"], "name": "stem"}})
    before, width = "stem", first
    for stage, filters in enumerate(options["filters"], start=1):
        for number in range(1, options["blocks"] + 1):
            stride = 2 if stage > 1 and number == 1 else 1
            name = f"block_{stage}_{number}"
            layers += _block(name, before, (width, filters, stride), options)
            before, width = name, filters
    return [*layers, "GlobalAveragePooling2D", *dropout(options["dropout"])]


def _block(
    name: str, before: str, sizes: tuple[int, int, int], options: Options
) -> list[PlainLayer]:
    """A block by its name, what it takes, and its channels before and after with its stride."""
    width, filters, stride = sizes
    kernel, activation = options["kernel_size"], options["activation"]
    layers = _convolution(filters, kernel, stride, f"{name}_a", before)
    layers.append({"Activation": {"activation": activation}})
    layers += _convolution(filters, kernel, 1, f"{name}_b")
    kept, main = before, f"{name}_b_norm"
    if stride > 1 or width != filters:
        layers += _convolution(filters, 1, stride, f"{name}_skip", before)
        kept = f"{name}_skip_norm"
    layers.append({"Add": {"inputs": [main, kept]}})
    return [*layers, {"Activation": {"activation": activation, "name": name}}]


def _convolution(
    filters: int, kernel_size: int, strides: int, name: str, before: str | None = None
) -> list[PlainLayer]:
    """A convolution and its BatchNormalization, which has the bias."""
    given: dict[str, object] = {} if before is None else {"inputs": before}
    size = {"filters": filters, "kernel_size": kernel_size, "strides": strides}
    given |= {**size, "padding": "same", "use_bias": False, "name": f"{name}_conv"}
    return [{"Conv2D": given}, {"BatchNormalization": {"name": f"{name}_norm"}}]


RESNET_SMALL = Preset(
    "resnet-small",
    "a small residual network, for images",
    _layers,
    {
        "filters": (16, 32, 64),
        "blocks": 1,
        "kernel_size": 3,
        "activation": "relu",
        "dropout": None,
    },
)
