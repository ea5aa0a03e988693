"""Configs that a program gives as a mapping."""

from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import pytest

from regcli.config.document import read_yaml
from regcli.config.load import load_config
from regcli.config.shipped import shipped_names, shipped_path
from regcli.errors import ConfigError

IRIS = {"dataset": {"name": "iris"}}


def problems(given: Any, overrides: Any = ()) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load_config(given, overrides)
    return list(caught.value.problems)


@pytest.mark.parametrize("name", shipped_names())
def test_a_mapping_says_what_the_same_yaml_says(name: str) -> None:
    given = read_yaml(shipped_path(name).read_text("utf-8"), name).data
    assert load_config(given).config == load_config(name).config


def test_paths_start_from_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    given = {"dataset": {"file": PurePosixPath("data/a.csv"), "target": "y"}}
    loaded = load_config(given)
    assert (loaded.folder, loaded.config.dataset.file) == (tmp_path, "data/a.csv")


def test_numbers_and_sequences_of_numpy_are_plain_ones() -> None:
    given = {
        **IRIS,
        "training": {"epochs": np.int64(3), "class_weight": {0: np.float32(2), 1: 1.0, 2: 1}},
        "sweep": {"l1": np.array([0.0, 0.5]), "vary": {"training.batch_size": (16, np.int32(32))}},
    }
    config = load_config(given).config
    assert config.training.epochs == 3
    assert config.training.class_weight == {"0": 2.0, "1": 1.0, "2": 1.0}
    assert config.sweep.l1 == (0.0, 0.5)
    assert config.sweep.vary == {"training.batch_size": [16, 32]}


def test_the_mapping_stays_as_it_is_and_may_change_later() -> None:
    layers: list[Any] = [{"Dense": {"units": 4}}]
    given = {**IRIS, "model": {"layers": layers}}
    loaded = load_config(given, [(("model", "layers", 0, "Dense", "units"), "units=8", 8)])
    layers.append("Flatten")
    assert layers[0] == {"Dense": {"units": 4}}
    assert loaded.document.get(("model", "layers")) == [{"Dense": {"units": 8}}]


def test_problems_are_placed_by_their_keys() -> None:
    given = {
        "dataset": {"name": "iris", "shuffle": True},
        "training": {"epochs": 0, "optimiser": "adam"},
        "model": {"layers": [{"Dense": {"units": "4"}}]},
    }
    assert sorted(problems(given)) == [
        "config: dataset.shuffle: unknown key",
        "config: model.layers.0.Dense.units: must be a whole number, got the text '4'; remove the "
        "quotes",
        "config: training.epochs: must be at least 1, got 0",
        "config: training.optimiser: unknown key; did you mean 'optimizer'?",
    ]


def test_a_problem_of_an_option_is_placed_there() -> None:
    given = {"dataset": {"name": "iris", "test": 0.5}}
    overrides = [(("dataset", "validation"), "validation=0.6", 0.6)]
    assert problems(given, overrides) == [
        "validation=0.6: dataset: test + validation must be below 1 to leave rows to train on, got "
        "0.5 + 0.6"
    ]


def test_an_empty_mapping_needs_a_data_set() -> None:
    assert problems({}) == ["config: needs the key 'dataset'"]


def test_values_that_no_yaml_has_are_refused() -> None:
    given = {
        **IRIS,
        "metrics": {"f1"},
        "training": {"loss": len, True: 1, 2: "a", "2": "b"},
        "name": "a\x07b",
    }
    rule = "must be text, a number, true or false, None, a list or a mapping, got an object of the "
    assert problems(given) == [
        f"config: metrics: {rule}type set",
        f"config: training.loss: {rule}type builtin_function_or_method",
        "config: training: a key must be a word, got true",
        "config: training.2: must not be given twice, as text and as a number",
        "config: name: must be plain text, got the character U+0007",
    ]


def test_a_mapping_that_holds_itself_is_refused() -> None:
    given: dict[str, Any] = {**IRIS}
    given["model"] = given
    assert problems(given) == ["config: model: must not nest deeper than 32 levels"]
