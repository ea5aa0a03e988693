"""Options that set keys of a config: what they change, and how their mistakes are placed."""

from pathlib import Path
from typing import Any

import pytest
from loading import Load, Problems

from regcli.config.document import parse_path

TEXT = """\
dataset: {name: digits}
model:
  layers:
    - Dense: {units: 8}
    - Flatten
training:
  optimizer: adam
  loss: mse
"""


def option(key: str, value: object) -> tuple[Any, str, object]:
    return parse_path(key), f"--set {key}={value}", value


def test_they_change_the_config_in_their_order(load: Load) -> None:
    loaded = load(
        TEXT,
        [
            option("training.epochs", 3),
            option("training.epochs", 4),
            option("regularization.l1", 0.5),
            option("model.layers.0.Dense.units", 16),
            option("model.layers.1", "Identity"),
            option("sweep.vary.training.seed", "1,2"),
        ],
    )
    config = loaded.config
    assert config.training.epochs == 4
    assert config.regularization.l1 == 0.5
    assert config.model.layers[0].arguments == {"units": 16}
    assert config.model.layers[1].kind == "Identity"
    assert config.sweep.vary == {"training": {"seed": "1,2"}}


def test_the_file_stays_as_it_is(load: Load) -> None:
    load(TEXT, [option("name", "other")])
    assert Path("c.yaml").read_text() == TEXT


@pytest.mark.parametrize("part", ["optimizer", "loss"])
def test_arguments_can_follow_a_name_alone(part: str, load: Load) -> None:
    argument = {"optimizer": "learning_rate", "loss": "name"}[part]
    value = {"optimizer": 0.1, "loss": "mae"}[part]
    training = load(TEXT, [option(f"training.{part}.{argument}", value)]).config.training
    if part == "optimizer":
        assert training.optimizer.model_dump() == {"name": "adam", "learning_rate": 0.1}
    else:
        assert training.loss is not None
        assert training.loss.name == "mae"


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("training.epochs", 0, "training.epochs: must be at least 1, got 0"),
        ("training.epoch", 1, "training.epoch: unknown key; did you mean 'epochs'?"),
        ("trainin.epochs", 1, "trainin: unknown key; did you mean 'training'?"),
        ("regularization.l1", "1", "regularization.l1: must be a number, got the text '1'; "
         "remove the quotes"),
        ("model.layers.0.Dense.units", True, "model.layers.0.Dense.units: must be a whole "
         "number, got true"),
        ("model.layers.0.Dense.unit", 1, "model.layers.0.Dense.unit: Dense has no argument "
         "'unit'; did you mean 'units'?"),
        ("model.layers.0", "Flaten", "model.layers.0: there is no layer 'Flaten'; "
         "did you mean 'Flatten'?"),
        ("model.layers.2", "Flatten", "model.layers: must be followed by a position from 0 to 1, "
         "got '2'"),
        ("model.layers.-1", "Flatten", "model.layers: must be followed by a position from 0 to 1, "
         "got '-1'"),
        ("model.layers.x.Dense", {}, "model.layers: must be followed by a position from 0 to 1, "
         "got 'x'"),
        ("model.layers.1.Flatten.name", "f", "model.layers.1: must be a mapping to hold "
         "'Flatten', got the text 'Flatten'"),
        ("dataset.name.x", 1, "dataset.name: must be a mapping to hold 'x', "
         "got the text 'digits'"),
        ("0", 1, "0: unknown key"),
        ("²", 1, "²: unknown key"),
        ("training.optimizer", "adm", "training.optimizer: there is no optimizer 'adm'; "
         "did you mean 'Adam'?"),
        ("training", 5, "training: must be a mapping, got 5"),
        ("sweep", {"l1": "0,0"}, "sweep.l1: must not name a value twice, got 0 again"),
    ],
)  # fmt: skip
def test_a_mistake_is_placed_at_the_option(
    key: str, value: object, message: str, problems: Problems
) -> None:
    assert problems(TEXT, [option(key, value)]) == [f"--set {key}={value}: {message}"]


def test_an_empty_list_has_no_positions(problems: Problems) -> None:
    text = "dataset: {name: digits}\nmodel: {layers: []}\n"
    assert problems(text, [option("model.layers.0", "Flatten")]) == [
        "--set model.layers.0=Flatten: model.layers: must be a mapping to hold '0', "
        "got an empty list"
    ]


def test_mistakes_of_options_come_after_those_of_the_file(problems: Problems) -> None:
    text = TEXT + "nam: x\n"
    overrides = [option("training.batch_size", 0), option("model.layers.0.Dense.l1", -1)]
    assert problems(text, overrides) == [
        "c.yaml:9:1: nam: unknown key; did you mean 'name'?",
        "--set model.layers.0.Dense.l1=-1: model.layers.0.Dense.l1: must be at least 0, got -1",
        "--set training.batch_size=0: training.batch_size: must be at least 1, got 0",
    ]


def test_an_option_can_mend_the_file(load: Load) -> None:
    config = load("dataset: {name: digitz}\n", [option("dataset.name", "wine")]).config
    assert config.dataset.name == "wine"


@pytest.mark.parametrize(("text", "holds"), [("", "is empty"), ("- a\n", "holds a list")])
def test_an_option_does_not_make_a_config_of_a_file_that_is_none(
    text: str, holds: str, problems: Problems
) -> None:
    assert problems(text, [option("training.epochs", 1)]) == [
        f"c.yaml:1:1: a config must be a mapping with the key 'dataset'; this file {holds}"
    ]
