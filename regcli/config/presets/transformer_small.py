"""A small transformer for sequences, the encoder of Vaswani et al. 2017.

Source: https://arxiv.org/abs/1706.03762.

Blocks normalize what they take rather than what they give (Xiong et al. 2020,
https://arxiv.org/abs/2002.04745). Positions are learned: the first layer has a bias for every step.
"""

from regcli.config.presets.preset import Options, PlainLayer, Preset, dropout


def _layers(options: Options) -> list[PlainLayer]:
    steps, width = options["shape"][0], options["width"]
    layers: list[PlainLayer] = []
    if options["vocabulary"] is not None:
        layers.append({"Embedding": {"input_dim": options["vocabulary"], "output_dim": width}})
    place = {"equation": "abc,cd->abd", "output_shape": [steps, width], "bias_axes": "bd"}
    layers.append({"EinsumDense": {**place, "name": "positions"}})
    before = "positions"
    for number in range(1, options["blocks"] + 1):
        layers += _attention(f"block_{number}", before, options)
        layers += _perceptron(f"block_{number}", options)
        before = f"block_{number}"
    return [*layers, "LayerNormalization", "GlobalAveragePooling1D"]


def _attention(name: str, before: str, options: Options) -> list[PlainLayer]:
    heads = options["heads"]
    size = {"num_heads": heads, "key_dim": max(options["width"] // heads, 1)}
    return [
        {"LayerNormalization": {"inputs": before}},
        {"MultiHeadAttention": {**size, "name": f"{name}_attention"}},
        *_added(f"{name}_attention", before, f"{name}_sum", options),
    ]


def _perceptron(name: str, options: Options) -> list[PlainLayer]:
    width = options["width"]
    return [
        "LayerNormalization",
        {"Dense": {"units": 4 * width, "activation": options["activation"]}},
        {"Dense": {"units": width, "name": f"{name}_dense"}},
        *_added(f"{name}_dense", f"{name}_sum", name, options),
    ]


def _added(last: str, before: str, name: str, options: Options) -> list[PlainLayer]:
    """What the last layer gives, with dropout, added to what the block was given."""
    dropped = dropout(options["dropout"], f"{last}_dropout")
    end = f"{last}_dropout" if dropped else last
    return [*dropped, {"Add": {"inputs": [end, before], "name": name}}]


TRANSFORMER_SMALL = Preset(
    "transformer-small",
    "a small transformer, for sequences",
    _layers,
    {
        "width": 32,
        "heads": 4,
        "blocks": 2,
        "vocabulary": None,
        "activation": "gelu",
        "dropout": None,
    },
    required=("shape",),
)
