"""All presets by name."""

from collections.abc import Mapping

from regcli.config.presets.cnn import CNN
from regcli.config.presets.linear import LINEAR, LOGISTIC
from regcli.config.presets.lstm import LSTM
from regcli.config.presets.mlp import MLP
from regcli.config.presets.preset import Preset
from regcli.config.presets.resnet_small import RESNET_SMALL
from regcli.config.presets.transformer_small import TRANSFORMER_SMALL

PRESETS: Mapping[str, Preset] = {
    preset.name: preset
    for preset in (LINEAR, LOGISTIC, MLP, CNN, RESNET_SMALL, LSTM, TRANSFORMER_SMALL)
}
