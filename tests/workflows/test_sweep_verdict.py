"""The command that trains the setting that a verdict names, as a shell takes it."""

import shlex
from typing import Any

import pytest
from loading import Load

from regcli.cli.overrides import make_overrides
from regcli.config.load import LoadedConfig, load_config
from regcli.planning.members import plan_single, plan_sweep
from regcli.report.train_command import OPTIONS, train_command
from regcli.workflows.sweep_verdict import retraining

ON_ALL = " --set dataset.train_on_validation=true"

OVERRIDES: dict[str, Any] = {
    "training.epochs": 3,
    "regularization.method": "proximal",
    "dataset.scale": "none",
}


def loaded(*sweep: tuple[str, object], **overrides: object) -> LoadedConfig:
    given = [(("sweep", *key.split("/")), "--option", value) for key, value in sweep]
    given += [(tuple(key.split(".")), "--set", value) for key, value in overrides.items()]
    return load_config("breast-cancer", given)


def commands(config: LoadedConfig) -> list[str]:
    """The command for each member of a sweep."""
    members = plan_sweep(config).members
    return [train_command(retraining(config, member.config.resolved())) for member in members]


def test_it_sets_what_the_sweep_s_options_and_the_setting_change() -> None:
    config = loaded(("l1", "0,0.003"), ("l2", "0"), **OVERRIDES)
    assert commands(config)[1] == (
        "regcli train breast-cancer --epochs 3 --method proximal --set dataset.scale=none "
        "--l1 0.003"
    )


def test_it_says_nothing_of_what_the_config_has_already() -> None:
    config = loaded(("l1", "0,0.003"))
    assert commands(config)[0] == "regcli train breast-cancer"


@pytest.mark.parametrize(
    ("key", "values"),
    [
        ("model.layers.0.Dense.activation", "relu,tanh"),
        ("training.optimizer", "adam, {name: sgd, momentum: 0.9}"),
        ("training.early_stopping", "null, {monitor: validation.data_loss, patience: 3}"),
        ("training.batch_size", "16,32"),
        (
            "model.layers",
            "[{Dense: {units: 4}}], [{Dense: {units: 4}}, {Dropout: {rate: 0.5}}]",
        ),
        ("regularization.group_strength", "0,0.01"),
        ("method", "penalty,proximal"),
    ],
)
def test_the_command_makes_the_run_of_the_setting(key: str, values: str) -> None:
    """Read by a shell and by the options of `regcli train`, it has the member's whole config.

    It trains on the validation rows too, unless early stopping watches them.
    """
    grouped = {"regularization.group": "inputs"} if "group" in key else {}
    proximal = {} if key == "method" else {"regularization.method": "proximal"}
    overrides = {"training.epochs": 3, **proximal, **grouped}
    config = loaded(("l1", "0.5,1e-05"), (f"vary/{key}", values), **overrides)
    keys = {option: key for key, option in OPTIONS.items()}
    members = plan_sweep(config).members
    assert len(members) == 8  # with those of the config's own grid of l2
    for member, text in zip(members, commands(config), strict=True):
        command, train, name, *options = shlex.split(text)
        assert (command, train, name) == ("regcli", "train", "breast-cancer")
        given = [
            value if option == "--set" else f"{keys[option]}={value}"
            for option, value in zip(options[::2], options[1::2], strict=True)
        ]
        config = plan_single(load_config(name, make_overrides(given, {}))).config
        is_watched = member.config.training.early_stopping is not None
        assert config.dataset.train_on_validation is (None if is_watched else True)
        dataset = config.dataset.model_copy(update={"train_on_validation": None})
        assert config.model_copy(update={"dataset": dataset}) == member.config


def test_a_name_with_blanks_is_quoted(load: Load) -> None:
    folder = load("dataset: {name: iris}").folder
    (folder / "my iris.yaml").write_text("dataset: {name: iris}\nsweep: {l1: 0.1}\n")
    config = load_config("my iris.yaml")
    command = commands(config)[0]
    assert command == f"regcli train 'my iris.yaml' --l1 0.1{ON_ALL}"
