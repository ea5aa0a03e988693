"""The configs that come with regcli."""

from pathlib import Path

import pytest
from loading import Load

import regcli
from regcli.config.load import find_config, load_config
from regcli.config.shipped import DEFAULT, shipped_names, shipped_path, starter_text
from regcli.planning.members import plan_sweep


def test_the_shipped_configs() -> None:
    assert shipped_names() == (
        "breast-cancer", "diabetes", "digits-cnn", "logistic", "penguins", "quickstart",
        "seed", "smoke", "wine",
    )  # fmt: skip
    assert DEFAULT in shipped_names()


@pytest.mark.parametrize("name", shipped_names())
def test_a_shipped_config_is_found_by_its_name(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    loaded = load_config(name)
    assert loaded.config.name == name
    assert loaded.folder == shipped_path(name).parent
    assert len(plan_sweep(loaded).members) >= 1


def test_a_file_goes_before_a_shipped_config_and_a_folder_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("wine").mkdir()
    Path("smoke").write_text("dataset: {name: iris}\nname: mine\n")
    assert find_config("wine") == shipped_path("wine")
    assert load_config("smoke").config.name == "mine"


def test_the_textbook_example_regularizes_its_hidden_layer_alone() -> None:
    config = load_config("seed").config
    assert config.regularization.model_dump(exclude_none=True) == {
        "l1": 0.0,
        "l2": 0.01,
        "method": "penalty",
        "layers": "hidden",
    }
    assert [layer.arguments["units"] for layer in config.model.layers] == [32, 1]
    assert config.training.epochs == 5


def test_an_empty_stack_is_the_output_layer_alone() -> None:
    assert load_config("logistic").config.model.layers == ()


def test_the_starter_loads_and_points_editors_at_its_schema(load: Load) -> None:
    text = starter_text()
    assert text.splitlines()[0] == "# yaml-language-server: $schema=./regcli.schema.json"
    assert load(text).config.name == "starter"


def test_what_the_starter_comments_out_loads_too(load: Load) -> None:
    text = starter_text().replace("  name: digits ", "  # name: digits ")
    for key in ("file:", "target:", "early_stopping:"):
        text = text.replace(f"# {key}", key)
    config = load(text).config
    assert (config.dataset.file, config.dataset.target) == ("train.csv", "label")
    assert config.training.early_stopping is not None


def test_configs_are_where_the_wheel_takes_them_from() -> None:
    root = Path(regcli.__file__).parent.parent
    found = {path.stem for path in (root / "configs").glob("*.yaml")}
    assert found == set(shipped_names())
