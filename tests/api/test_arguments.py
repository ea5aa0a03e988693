"""The arguments of a call become the config that the same options of the command line make."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import regcli
from regcli.api.asked_config import Asked

IRIS = {"name": "iris", "dataset": {"name": "iris"}}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def refusal(kind: type[Exception], call: Any, *given: Any, **named: Any) -> str:
    """What a call is refused with; no store is made for it."""
    with pytest.raises(kind) as caught:
        call(*given, **named)
    assert not Path("runs").exists()
    return str(caught.value)


def test_strengths_may_be_text_numbers_lists_and_arrays() -> None:
    for given in ("0,0.001", [0, 1e-3], (0, "1e-3"), np.array([0, 1e-3]), range(1)):
        asked = Asked(IRIS, "runs", None, None, None)
        asked.take("sweep", l1=given, seeds=np.int64(2))
        grid = asked.load().config.sweep
        assert (grid.l1, grid.seeds) == ((0.0, 0.001)[: len(grid.l1 or ())], 2)


def test_keys_may_be_set_and_varied() -> None:
    asked = Asked(IRIS, "runs", None, None, {"training.optimizer.learning_rate": 0.1})
    asked.take_varied({"training.batch_size": [16, 32], "training.loss": None})
    asked.take_method(["penalty", "proximal"])
    config = asked.load().config
    assert config.training.optimizer.arguments == {"learning_rate": 0.1}
    assert config.sweep.vary["training.batch_size"] == [16, 32]
    assert config.sweep.vary["regularization.method"] == ["penalty", "proximal"]


def test_one_method_is_that_of_the_config() -> None:
    asked = Asked(IRIS, "runs", None, None, None)
    asked.take_method("proximal")
    assert asked.load().config.regularization.method == "proximal"


def test_a_path_keeps_its_folder(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "c.yaml").write_text("dataset: {file: a.csv, target: y}\n")
    loaded = Asked(tmp_path / "there" / "c.yaml", "runs", None, None, None).load()
    assert loaded.folder == tmp_path / "there"


def test_problems_name_the_argument() -> None:
    given = {"l1": "0,x", "seeds": 0, "epochs": 0, "set": {"training.epoch": 1}, "method": "lasso"}
    assert sorted(refusal(regcli.ConfigError, regcli.sweep, IRIS, **given).splitlines()) == [
        "epochs=0: training.epochs: must be at least 1, got 0",
        "l1='0,x': sweep.l1: must be numbers or ranges, like 0,0.01 or log:1e-5:1e-1:9, got the "
        "text 'x'",
        "method='lasso': regularization.method: must be 'penalty' or 'proximal', got the text "
        "'lasso'",
        "seeds=0: sweep.seeds: must be at least 1, got 0",
        "set={'training.epoch': 1}: training.epoch: unknown key; did you mean 'epochs'?",
    ]


def test_a_sweep_has_to_vary_something() -> None:
    assert refusal(regcli.UsageError, regcli.sweep, IRIS) == (
        "config: a sweep must vary at least one key, this config has no sweep section; give l1, "
        "l2, vary, seeds or folds, or train one run with regcli.train"
    )


def test_what_is_no_config_is_refused() -> None:
    assert refusal(regcli.UsageError, regcli.train, ["iris"]) == (
        "config: must be a path, the name of a shipped config, or a mapping, got an object of the "
        "type list"
    )
    assert refusal(regcli.UsageError, regcli.train, "smok").startswith(
        "smok: there is no such file and no shipped config of this name; did you mean 'smoke'?"
    )


def test_set_and_vary_take_mappings_of_dotted_keys() -> None:
    message = "must be a mapping of dotted keys, like {'training.batch_size': 64}"
    assert refusal(regcli.UsageError, regcli.sweep, IRIS, set="a=1") == f"set: {message}"
    assert refusal(regcli.UsageError, regcli.sweep, IRIS, vary={"a.": 1}) == f"vary: {message}"


def test_values_of_a_path() -> None:
    asked = Asked(IRIS, "runs", None, None, None)
    assert asked.path_values("l1", "lin:0:1:3") == (0.0, 0.5, 1.0)
    assert asked.path_values("l1", np.array([0.5, 1])) == (0.5, 1.0)
    assert asked.path_values("l1", None) is None
    assert refusal(regcli.UsageError, regcli.path, IRIS, along="l2") == (
        "along: l2 requires values; only l1 has a largest useful strength to start from"
    )
    assert refusal(regcli.UsageError, regcli.path, IRIS, values=[-1]) == (
        "values: must be at least 0, got -1"
    )
    assert refusal(regcli.UsageError, regcli.path, IRIS, values="auto:3") == (
        "values: must be numbers or ranges; for auto, leave the values out, got 'auto:3'"
    )


def test_the_method_of_a_path_is_placed_by_its_key() -> None:
    given = {**IRIS, "regularization": {"method": "penalty"}}
    with pytest.raises(regcli.ConfigError) as caught:
        regcli.path(given, values=[0.1, 0.2], progress=False)
    assert str(caught.value) == (
        "config: regularization.method: must be proximal or left out for a path: penalty gives no "
        "exact zeros, got 'penalty'"
    )
