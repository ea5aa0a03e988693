"""What a plan checks once is what checking every member by itself says."""

import itertools
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from loading import Load

from regcli.config.document import read_yaml, write_yaml
from regcli.config.load import LoadedConfig, check
from regcli.errors import ConfigError, UsageError
from regcli.planning.axes import MAX_KEYS
from regcli.planning.members import plan_sweep

BASE: dict[str, Any] = {
    "dataset": {"name": "digits"},
    "model": {"layers": [{"Dense": {"units": 4}}, {"Dropout": {"rate": 0.5}}]},
    "training": {"optimizer": "sgd"},
}
TOKENS = BASE | {
    "model": {
        "layers": [{"Embedding": {"input_dim": 9, "output_dim": 2}}, BASE["model"]["layers"][1]]
    }
}
AXES: dict[str, list[Any]] = {
    "regularization.l1": [0, 0.1, 1],
    "regularization.l2": [0, -1.0],
    "regularization.method": ["penalty", "proximal"],
    "regularization.group": ["inputs", None],
    "regularization.group_strength": [0.5, 0],
    "regularization.penalty": [None, "mcp", "mpc"],
    "regularization.gamma": [2, 3.0, 0.5],
    "regularization.layers": ["all", ["dense"], ["second"]],
    "regularization.bias": [None, {"l1": 0.1}, {"l3": 1}],
    "training.seed": [3, 4.0, 4.5],
    "training.epochs": [2, 3.0, 0],
    "training.batch_size": [16, 8.0, "x"],
    "training.polish": [0, 5, -1],
    "training.early_stopping": [None, {"monitor": "validation.accuracy"}],
    "training.optimizer": ["adam", "adamw", "newton"],
    "training.optimizer.name": ["sgd", "rmsprop"],
    "training.optimizer.momentum": [0, 0.5, 2],
    "training.optimizer.beta_1": [0.9],
    "training.optimizer.weight_decay": [0, 0.1],
    "training.optimizer.learning_rate": [1, 0.1, "fast", {"CosineDecay": {}}],
    "training.loss": ["mse", "huber"],
    "training.loss.name": ["Huber", "LogCosh"],
    "training.class_weight": ["balanced", {"0": 2}, 5],
    "model.layers.0.Dense.units": [8, 16.0, 2.5],
    "model.layers.0.Dense.activation": ["relu", "tahn"],
    "model.layers.0.Dense.kernel_constraint": [None, "non_neg"],
    "model.layers.0.Dense.name": ["second", "dense"],
    "model.layers.1.Dropout.rate": [0, 0.25, 7],
    "model.layers.1": ["Flatten", "Flaten"],
    "model.layers.7.Dense.units": [1],
    "dataset.validation": [0, 0.3, 0.9],
    "dataset.scale": ["none", "minmax", "minmx"],
    "dataset.noise_features": [0, 2.0, -1],
    "model.layers.0": ["Flatten", {"Embedding": {"input_dim": 9, "output_dim": 2}}],
    "dataset.seed": [0, 1],
    "zzz": [1],
}


def overlap(keys: list[str]) -> bool:
    pairs = itertools.permutations(keys, 2)
    return any(f"{other}.".startswith(f"{key}.") for key, other in pairs)


CHOICES = st.lists(st.sampled_from(sorted(AXES)), min_size=1, max_size=4, unique=True).filter(
    lambda keys: not overlap(keys)
)


def member_by_member(loaded: LoadedConfig, axes: dict[str, list[Any]]) -> Any:
    """The configs of all members by checking each whole, or the lines that refuse them."""
    configs, lines = [], set()
    places = {key: loaded.document.place(("sweep", "vary", key)) for key in axes}
    places["sweep"] = loaded.document.place(("sweep",))
    for values in itertools.product(*axes.values()):
        chosen = dict(zip(axes, values, strict=True))
        # A key that is varied takes along what the base has beside it, which is nothing here.
        if "regularization.group" in chosen:
            chosen = {"regularization.group_strength": None} | chosen
        if "regularization.penalty" in chosen:
            chosen = {"regularization.gamma": None} | chosen
        try:
            configs.append(loaded.with_values({"sweep": {}} | chosen, places))
        except ConfigError as error:
            lines.update(error.problems)
    return lines or configs


@settings(deadline=None, max_examples=80)
@given(CHOICES, st.data())
def test_members_are_those_that_are_checked_one_by_one(
    keys: list[str], draw: st.DataObject
) -> None:
    axes = {
        key: draw.draw(st.lists(st.sampled_from(AXES[key]), min_size=1, unique_by=repr))
        for key in keys
    }
    # Scaling must not be varied where an Embedding takes the inputs; that is said of the sweep.
    base = draw.draw(st.sampled_from([BASE] if "dataset.scale" in axes else [BASE, TOKENS]))
    document = read_yaml(write_yaml(base | {"sweep": {"vary": axes}}), "c.yaml")
    loaded = LoadedConfig(check(document), document, Path())
    if "training.seed" in axes:
        axes["training.seed"] = axes.pop("training.seed")
    expected = member_by_member(loaded, axes)
    if isinstance(expected, set):
        with pytest.raises(ConfigError) as caught:
            plan_sweep(loaded)
        # A member with a position that is not there says no more than that; the plan says all.
        assert expected <= set(caught.value.problems)
        assert len(set(caught.value.problems)) == len(caught.value.problems)
        return
    plan = plan_sweep(loaded)
    assert [m.config for m in plan.members] == [each.config for each in expected]
    assert [repr(m.config) for m in plan.members] == [repr(each.config) for each in expected]
    for member, single in zip(plan.members, expected, strict=True):
        assert member.source == single
        assert member.source.document.values == single.document.values


def test_numbers_are_of_the_types_that_their_keys_want(load: Load) -> None:
    loaded = load(
        "dataset: {name: digits}\n"
        "model: {layers: [{Dense: {units: 4}}, {Conv1D: {filters: 2, kernel_size: 3, l1: 0}}]}\n"
        "sweep:\n"
        "  vary:\n"
        "    training.batch_size: lin:16:64:4\n"
        "    training.epochs: [1.0, 2e0]\n"
        "    model.layers.0.Dense.units: log:1:100:3\n"
        "    model.layers.1.Conv1D.l1: [0, 1]\n"
        "    training.optimizer.learning_rate: [1, 0.1]\n"
    )
    plan = plan_sweep(loaded)
    assert repr(dict(plan.axes)) == repr(
        {
            "training.batch_size": (16, 32, 48, 64),
            "training.epochs": (1, 2),
            "model.layers.0.Dense.units": (1, 10, 100),
            "model.layers.1.Conv1D.l1": (0.0, 1.0),
            "training.optimizer.learning_rate": (1.0, 0.1),
        }
    )
    member = plan.members[-1]
    assert repr(member.config.training.batch_size) == "64"
    assert repr(member.settings["model.layers.0.Dense.units"]) == "100"
    assert repr(member.config.model.layers[0].arguments["units"]) == "100"


def test_ranges_that_do_not_come_out_whole_are_refused_with_the_values(load: Load) -> None:
    loaded = load("dataset: {name: digits}\nsweep: {vary: {training.batch_size: 'lin:16:64:6'}}\n")
    with pytest.raises(ConfigError) as caught:
        plan_sweep(loaded)
    assert caught.value.problems == tuple(
        f"c.yaml:2:37: training.batch_size: must be a whole number, got {value}"
        for value in (25.6, 35.2, 44.8, 54.4)
    )


@pytest.mark.parametrize(
    ("key", "values", "again"),
    [
        ("training.optimizer", "sgd,SGD", "SGD, as sgd"),
        ("training.optimizer", "[sgd, {name: Sgd}]", '{"name": "Sgd"}, as sgd'),
        ("training.optimizer.name", "adam,sgd,ADAM", "ADAM, as adam"),
        ("training.loss", "mse,mean_squared_error", "mean_squared_error, as mse"),
        ("model.layers.0.Dense.activation", "silu,relu,swish", "swish, as silu"),
        ("model.layers.0.Dense.activation", "linear,null", "null, as linear"),
        (
            "model.layers.0.Dense.kernel_initializer",
            "he_normal,HeNormal",
            "HeNormal, as he_normal",
        ),
        (
            "model.layers.0",
            "[Flatten, {Flatten: {}}, {Dense: {units: 3}}]",
            '{"Flatten": {}}, as Flatten',
        ),
        ("regularization.layers", "[[a, b], [b, a]]", '["b", "a"], as ["a", "b"]'),
    ],
)
def test_one_value_under_two_names_is_refused(
    key: str, values: str, again: str, load: Load
) -> None:
    text = values if values.startswith("[") else f"'{values}'"
    layers = "[{Dense: {units: 4, name: a}}, {Dense: {units: 4, name: b}}]"
    loaded = load(
        f"dataset: {{name: digits}}\nmodel: {{layers: {layers}}}\n"
        f"sweep:\n  vary:\n    {key}: {text}\n"
    )
    with pytest.raises(ConfigError) as caught:
        plan_sweep(loaded)
    assert caught.value.problems == (
        f"c.yaml:5:{len(key) + 7}: {key}: must not name a value twice, got {again}",
    )


def test_files_of_other_names_are_not_taken_for_one(load: Load) -> None:
    loaded = load(
        "dataset: {file: a.csv, target: y}\nsweep: {vary: {dataset.file: [a.csv, b.csv]}}\n"
    )
    assert len(plan_sweep(loaded).members) == 2


def test_members_are_counted_before_any_range_is_written_out(load: Load) -> None:
    keys = "\n".join(
        f"    model.layers.0.Dense.a{number}: log:1e-3:1:100000" for number in range(20)
    )
    loaded = load(f"dataset: {{name: digits}}\nsweep:\n  vary:\n{keys}\n")
    with pytest.raises(UsageError) as caught:  # and it ends, which writing them out would not
        plan_sweep(loaded)
    assert str(caught.value) == ("a sweep must have at most 100,000 runs, got 1e+100")


def test_so_many_keys_are_refused(load: Load) -> None:
    keys = "\n".join(f"    k{number}: 1" for number in range(MAX_KEYS + 1))
    with pytest.raises(UsageError) as caught:
        plan_sweep(load(f"dataset: {{name: digits}}\nsweep:\n  vary:\n{keys}\n"))
    assert str(caught.value) == "a sweep must vary at most 100 keys, got 101"


@pytest.mark.parametrize("bad", ["training.epoch: 1", "training.optimizer: newton", "l2: -1"])
def test_one_bad_key_beside_many_strengths_is_told_once(bad: str, load: Load) -> None:
    loaded = load(f"dataset: {{name: digits}}\nsweep: {{l1: 'lin:0:1:20000', vary: {{{bad}}}}}\n")
    with pytest.raises(ConfigError) as caught:
        plan_sweep(loaded)
    assert len(caught.value.problems) == 1


def test_many_members_share_what_they_have_in_common(load: Load) -> None:
    plan = plan_sweep(load("dataset: {name: digits}\nsweep: {l1: 'lin:0:1:2000', seeds: 5}\n"))
    assert len(plan.members) == 10_000
    for part in ("dataset", "model"):
        assert len({id(getattr(member.config, part)) for member in plan.members}) == 1
    assert len({id(member.config.training) for member in plan.members}) == 5
    assert len({id(member.config.regularization) for member in plan.members}) == 2000
