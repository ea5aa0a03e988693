"""Presets: the layers that they stand for, and what their keys refuse."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from regcli.config.load import load_config
from regcli.config.model_section import Model
from regcli.config.presets.registry import PRESETS
from regcli.config.schema import Config
from regcli.errors import ConfigError
from regcli.planning.identity import content_text
from regcli.planning.populations import population_key

SHAPES = {"cnn": [8, 8, 1], "resnet-small": [8, 8, 1], "lstm": [8, 8], "transformer-small": [8, 8]}


def a_config(**model: Any) -> Config:
    return Config.model_validate({"dataset": {"name": "digits"}, "model": model})


def written(layers: Any) -> list[Any]:
    return [layer.model_dump() for layer in Model.model_validate({"layers": layers}).layers]


@pytest.mark.parametrize(
    ("given", "layers"),
    [
        ({"preset": "linear"}, []),
        ({"preset": "logistic"}, []),
        ({"preset": "linear", "shape": 64}, [{"Reshape": {"target_shape": [64]}}]),
        (
            {"preset": "mlp"},
            [
                {"Dense": {"units": 128, "activation": "relu"}},
                {"Dense": {"units": 64, "activation": "relu"}},
            ],
        ),
        (
            {"preset": "mlp", "units": 8, "dropout": 0, "activation": "tanh"},
            [{"Dense": {"units": 8, "activation": "tanh"}}, {"Dropout": {"rate": 0.0}}],
        ),
        (
            {"preset": "cnn", "shape": [8, 8, 1], "filters": [4], "units": [16], "dropout": 0.1},
            [
                {"Reshape": {"target_shape": [8, 8, 1]}},
                {
                    "Conv2D": {
                        "filters": 4,
                        "kernel_size": 3,
                        "padding": "same",
                        "activation": "relu",
                    }
                },
                {"MaxPooling2D": {"pool_size": 2}},
                "Flatten",
                {"Dense": {"units": 16, "activation": "relu"}},
                {"Dropout": {"rate": 0.1}},
            ],
        ),
        (
            {"preset": "lstm", "units": [8, 4], "vocabulary": 100, "bidirectional": True},
            [
                {"Embedding": {"input_dim": 100, "output_dim": 32}},
                {"Bidirectional": {"layer": {"LSTM": {"units": 8, "return_sequences": True}}}},
                {"Bidirectional": {"layer": {"LSTM": {"units": 4}}}},
            ],
        ),
    ],
)
def test_a_preset_stands_for_layers(given: dict[str, Any], layers: list[Any]) -> None:
    found = a_config(**given)
    assert [layer.model_dump() for layer in found.model.layers] == written(layers)
    assert content_text(found) == content_text(a_config(layers=layers))


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_reads_back_as_it_was_written(name: str) -> None:
    shape = {"shape": SHAPES[name]} if name in SHAPES else {}
    config = a_config(preset=name, **shape)
    assert config.resolved()["model"] == {"preset": name, **shape}
    assert Config.model_validate(config.resolved()) == config
    assert len(config.model.layers) >= len(shape)


def test_rates_of_dropout_share_a_population() -> None:
    keys = {population_key(a_config(preset="mlp", dropout=rate)) for rate in (0.0, 0.5)}
    assert len(keys) == 1
    assert population_key(a_config(preset="mlp")) not in keys


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (
            {"preset": "mpl"},
            "c.yaml:1:43: model.preset: must be linear, logistic, mlp, cnn, resnet-small, lstm or "
            "transformer-small, got the text 'mpl'",
        ),
        (
            {"preset": "mlp", "heads": 2},
            "c.yaml:1:34: model: preset mlp has no key 'heads'; it has shape, units, activation, "
            "dropout",
        ),
        (
            {"preset": "transformer-small"},
            "c.yaml:1:34: model: preset transformer-small needs shape",
        ),
        ({"units": 3}, "c.yaml:1:34: model: units requires preset"),
        (
            {"preset": "mlp", "layers": ["Flatten"]},
            "c.yaml:1:34: model: must have one of layers, preset, python and keras, got layers and "
            "preset",
        ),
        (
            {"preset": "mlp", "units": []},
            "c.yaml:1:55: model.units: must have 1 to 100 numbers, got 0",
        ),
        (
            {"preset": "mlp", "activation": "rely"},
            "c.yaml:1:60: model.activation: there is no activation 'rely'; did you mean 'relu'?",
        ),
    ],
)
def test_keys_that_do_not_fit(model: dict[str, Any], message: str, tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    data = {"dataset": {"name": "digits"}, "model": model}
    text = yaml.safe_dump(data, default_flow_style=True, width=10_000, sort_keys=False)
    path.write_text(text)
    with pytest.raises(ConfigError) as refused:
        load_config(str(path))
    assert str(refused.value).replace(f"{tmp_path}/", "") == message


def test_layers_of_a_preset_can_be_named(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    data = {
        "dataset": {"name": "digits"},
        "model": {"preset": "mlp"},
        "regularization": {"layers": ["dense_1"]},
    }
    path.write_text(yaml.safe_dump(data))
    assert load_config(str(path)).config.regularization.layers == ("dense_1",)
