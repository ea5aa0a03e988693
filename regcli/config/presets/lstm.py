"""LSTM layers for sequences of numbers, or of words as whole numbers."""

from regcli.config.presets.preset import Options, PlainLayer, Preset, dropout


def _layers(options: Options) -> list[PlainLayer]:
    layers: list[PlainLayer] = []
    if options["vocabulary"] is not None:
        table = {"input_dim": options["vocabulary"], "output_dim": options["width"]}
        layers.append({"Embedding": table})
    for number, units in enumerate(options["units"], start=1):
        every = {} if number == len(options["units"]) else {"return_sequences": True}
        layer: PlainLayer = {"LSTM": {"units": units, **every}}
        layers.append({"Bidirectional": {"layer": layer}} if options["bidirectional"] else layer)
        layers += dropout(options["dropout"])
    return layers


LSTM = Preset(
    "lstm",
    "LSTM layers, for sequences",
    _layers,
    {
        "units": (64,),
        "bidirectional": False,
        "vocabulary": None,
        "width": 32,
        "dropout": None,
    },
)
