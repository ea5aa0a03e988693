"""Configs whose inputs are whole numbers that an Embedding looks up."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from regcli.config.load import load_config
from regcli.config.schema import Config
from regcli.errors import ConfigError

TABLE = {"Embedding": {"input_dim": 17, "output_dim": 2}}
REVERSIBLE = {"ReversibleEmbedding": {"input_dim": 17, "output_dim": 2}}


def written(folder: Path, layers: list[Any], **dataset: Any) -> str:
    path = folder / "c.yaml"
    data = {"dataset": {"name": "digits", **dataset}, "model": {"layers": layers}}
    path.write_text(yaml.safe_dump(data, default_flow_style=True, width=10_000))
    return str(path)


@pytest.mark.parametrize(
    ("layers", "scale"),
    [
        ([TABLE, "Flatten"], "none"),
        ([REVERSIBLE, "Flatten"], "none"),
        ([{"Reshape": {"target_shape": [8, 8]}}, "Flatten", TABLE, "Flatten"], "none"),
        ([{"TimeDistributed": {"layer": TABLE}}, "Flatten"], "none"),
        ([{"CategoryEncoding": {"num_tokens": 17, "output_mode": "count"}}], "none"),
        ([{"Dense": {"units": 4}}], "standard"),
        ([], "standard"),
    ],
)
@pytest.mark.parametrize("given", [{}, {"scale": "standard"}])
def test_what_an_embedding_takes_is_not_scaled(
    layers: list[Any], scale: str, given: dict[str, str], tmp_path: Path
) -> None:
    config = load_config(written(tmp_path, layers, **given)).config
    assert config.dataset.scale == scale
    assert config.resolved()["dataset"]["scale"] == scale
    assert Config.model_validate(config.resolved()) == config


@pytest.mark.parametrize(
    ("layers", "dataset", "message"),
    [
        (
            [{"Dense": {"units": 4}}, TABLE],
            {},
            "model.layers.1: Embedding takes whole numbers: it must be the first layer, or "
            "follow layers that keep whole numbers, such as Reshape; got it after Dense",
        ),
        (
            [{"Dropout": {"rate": 0.5}}, "Flatten", {"TimeDistributed": {"layer": REVERSIBLE}}],
            {},
            "model.layers.2: ReversibleEmbedding takes whole numbers: it must be the first "
            "layer, or follow layers that keep whole numbers, such as Reshape; got it after "
            "Dropout",
        ),
        (
            [TABLE, "Flatten", TABLE],
            {},
            "model.layers.2: Embedding takes whole numbers: it must be the first layer, or "
            "follow layers that keep whole numbers, such as Reshape; got it after Embedding",
        ),
        (
            [TABLE, "Flatten"],
            {"scale": "minmax"},
            "dataset.scale: must be none or left out where Embedding takes the inputs, which must "
            "be whole numbers; got minmax",
        ),
        (
            [TABLE, "Flatten"],
            {"noise_features": 3},
            "dataset.noise_features: must be 0 where Embedding takes the inputs, which must be "
            "whole numbers; got 3",
        ),
    ],
)
def test_what_would_give_it_other_numbers_is_refused(
    layers: list[Any], dataset: dict[str, Any], message: str, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError) as refused:
        load_config(written(tmp_path, layers, **dataset))
    (problem,) = refused.value.problems
    assert problem.partition(": ")[2] == message


def test_layers_that_are_no_layers_have_problems_of_their_own(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="must be one layer name with its arguments"):
        load_config(written(tmp_path, [3, {"Dense": {"units": 4}}, TABLE]))


def test_scaling_that_does_not_happen_is_not_varied(tmp_path: Path) -> None:
    path = written(tmp_path, [TABLE, "Flatten"])
    varied = {"dataset.scale": ["none", "standard"]}
    with pytest.raises(ConfigError) as refused:
        load_config(path, [(("sweep", "vary"), "--vary", varied)])
    assert refused.value.problems == (
        "--vary: sweep.vary.dataset.scale: must not be varied where Embedding takes the inputs, "
        "which must be whole numbers: they are never scaled",
    )
