"""The names that configs are checked against are those of the Keras that is installed."""

import json
from pathlib import Path

import regcli.config
from regcli.models.inventory import describe_keras


def test_the_inventory_is_that_of_the_installed_keras() -> None:
    path = Path(regcli.config.__file__).with_name("keras_names.json")
    assert json.loads(path.read_text(encoding="utf-8")) == describe_keras()


def test_nothing_that_runs_code_can_be_named() -> None:
    layers = describe_keras()["layers"]
    assert "Dense" in layers
    assert not {"Lambda", "TFSMLayer", "TorchModuleWrapper", "JaxLayer", "Layer"} & set(layers)
