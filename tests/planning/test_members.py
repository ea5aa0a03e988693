"""From `sweep` to the members of the grid."""

from typing import Any

import pytest
from loading import Load

from regcli.config.grid import GridError
from regcli.errors import ConfigError, UsageError
from regcli.planning.axes import MAX_MEMBERS, vary_values
from regcli.planning.members import Plan, plan_single, plan_sweep

BASE = """\
dataset: {name: digits}
model: {layers: [{Dense: {units: 4}}, Flatten]}
regularization: {l1: 0.5, l2: 0.25}
training: {optimizer: adam, seed: 7}
"""


def planned(load: Load, sweep: str) -> Plan:
    return plan_sweep(load(f"{BASE}sweep: {sweep}\n"))


def refused(load: Load, sweep: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        planned(load, sweep)
    return list(caught.value.problems)


def values(plan: Plan, *keys: str) -> list[tuple[Any, ...]]:
    return [tuple(member.settings[key] for key in keys) for member in plan.members]


def test_no_sweep_is_one_member(load: Load) -> None:
    plan = planned(load, "{}")
    assert dict(plan.axes) == {}
    (member,) = plan.members
    assert dict(member.settings) == {
        "l1": 0.5,
        "l2": 0.25,
        "seed": 7,
        "fold": None,
        "method": "penalty",
    }


def test_the_first_key_varies_slowest_and_the_seed_fastest(load: Load) -> None:
    plan = planned(load, "{seeds: 2, l2: '0,1', l1: 0.1, vary: {training.epochs: [5, 3]}}")
    assert dict(plan.axes) == {
        "regularization.l1": (0.1,),
        "regularization.l2": (0.0, 1.0),
        "training.epochs": (5, 3),
        "training.seed": (7, 8),
    }
    assert list(plan.axes)[-1] == "training.seed"
    assert values(plan, "l1", "l2", "training.epochs", "seed") == [
        (0.1, l2, epochs, seed) for l2 in (0.0, 1.0) for epochs in (5, 3) for seed in (7, 8)
    ]


def test_a_varied_seed_is_the_fastest_wherever_it_is_written(load: Load) -> None:
    plan = planned(load, "{vary: {seed: [3, 1], training.epochs: [1, 2]}}")
    assert values(plan, "training.epochs", "seed") == [(1, 3), (1, 1), (2, 3), (2, 1)]


def test_members_hold_their_own_configs(load: Load) -> None:
    plan = planned(
        load,
        "{l1: '0,1', vary: {model.layers.0.Dense.units: [4, 8], "
        "training.optimizer.learning_rate: 'log:1e-3:1e-1:3'}}",
    )
    assert len(plan.members) == 12
    for member in plan.members:
        config, settings = member.config, member.settings
        assert config.regularization.l1 == settings["l1"]
        assert config.regularization.l2 == settings["l2"] == 0.25
        units = settings["model.layers.0.Dense.units"]
        assert config.model.layers[0].arguments == {"units": units}
        rate = settings["training.optimizer.learning_rate"]
        assert config.training.optimizer.arguments == {"learning_rate": rate}
        assert config.sweep == planned(load, "{}").members[0].config.sweep
    assert len({repr(member.config) for member in plan.members}) == 12


def test_the_sweep_is_left_aside_by_a_single_run(load: Load) -> None:
    member = plan_single(load(f"{BASE}sweep: {{l1: '0,1', seeds: 3}}\n"))
    assert (member.settings["l1"], member.settings["seed"]) == (0.5, 7)
    assert member.config == planned(load, "{}").members[0].config


def grouped(load: Load, regularization: str, vary: str) -> Plan:
    return plan_sweep(
        load(
            "dataset: {name: digits}\n"
            f"regularization: {{method: proximal, {regularization}}}\n"
            f"sweep: {{vary: {{{vary}}}}}\n"
        )
    )


def groups(plan: Plan) -> list[tuple[Any, Any]]:
    found = [member.config.regularization for member in plan.members]
    return [(each.group, each.group_strength) for each in found]


def test_groups_have_the_strengths_that_are_varied(load: Load) -> None:
    plan = grouped(load, "group: inputs", "regularization.group_strength: [0, 0.01]")
    assert groups(plan) == [("inputs", 0), ("inputs", 0.01)]


def test_a_group_varied_to_null_is_none(load: Load) -> None:
    plan = grouped(load, "group_strength: 0.1", "regularization.group: [~, inputs]")
    assert groups(plan) == [(None, None), ("inputs", 0.1)]
    plan = grouped(load, "group_strength: 0.1", "regularization.group: [inputs, units, ~]")
    assert groups(plan) == [("inputs", 0.1), ("units", 0.1), (None, None)]
    assert groups(plan) == values(plan, "regularization.group", "regularization.group_strength")


def test_settings_name_the_groups(load: Load) -> None:
    plan = grouped(load, "group: units, group_strength: 0.5", "training.epochs: [1]")
    assert values(plan, "regularization.group", "regularization.group_strength") == [("units", 0.5)]


def test_members_need_a_strength_for_their_groups(load: Load) -> None:
    with pytest.raises(ConfigError) as caught:
        grouped(load, "l1: 0", "regularization.group: [inputs, ~]")
    assert caught.value.problems == (
        "c.yaml:2:17: regularization: group requires group_strength; got group: inputs without "
        "group_strength",
    )
    both = "regularization.group: [inputs, ~], regularization.group_strength: [0.1, 0.2]"
    with pytest.raises(ConfigError) as caught:
        grouped(load, "l1: 0", both)
    rule = "group_strength requires group: inputs or group: units"
    needs = f"c.yaml:2:17: regularization: {rule}; got"
    assert caught.value.problems == (f"{needs} 0.1 without group", f"{needs} 0.2 without group")


def test_short_keys_in_vary(load: Load) -> None:
    plan = planned(load, "{vary: {l1: '0,log:1e-2:1:3', seed: [0]}}")
    assert dict(plan.axes) == {
        "regularization.l1": (0.0, 0.01, 0.1, 1.0),
        "training.seed": (0,),
    }


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("relu,tanh", ("relu", "tanh")),
        ("[8, 8], [4]", ([8, 8], [4])),
        ("{name: sgd}, adam", ({"name": "sgd"}, "adam")),
        ("1, true, '1', ~, 1e-3", (1, True, "1", None, 0.001)),
        ("0,log:1e-2:1:3", (0, 0.01, 0.1, 1.0)),
        ("lin:1:3:3", (1.0, 2.0, 3.0)),
        ([1, "lin:2:3:2"], (1, 2.0, 3.0)),
        (5, (5,)),
        (None, (None,)),
        ({"rate": 1}, ({"rate": 1},)),
    ],
)
def test_what_vary_means(written: object, meant: tuple[Any, ...]) -> None:
    found = vary_values(written)
    assert found == meant
    assert [type(value) for value in found] == [type(value) for value in meant]


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("", "must have at least one value"),
        ([], "must have at least one value"),
        ("a,a", 'must not name a value twice, got "a" again'),
        ("1,1.0", "must not name a value twice, got 1.0 again"),
        ([0.0, -0.0], "must not name a value twice, got -0.0 again"),
        ([True, True], "must not name a value twice, got true again"),
        ("{a: 1, b: 2}, {b: 2, a: 1}", 'must not name a value twice, got {"a": 1, "b": 2} again'),
        ("0.1,log:1e-2:1:3", "must not name a value twice, got 0.1 again"),
        ("lin:1:1:3", "a range needs two different ends, got the text 'lin:1:1:3'"),
        (
            "a], [b: ]",
            "must be comma-separated values (values:1:4: must be valid YAML: "
            "expected '<document start>', but found ',')",
        ),
        (
            "{a: 1, a: 2}",
            "must be comma-separated values (values:1:9: must not be given twice; it is first "
            "given on line 1)",
        ),
    ],
)
def test_what_vary_refuses(written: object, message: str) -> None:
    with pytest.raises(GridError) as caught:
        vary_values(written)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("sweep", "lines"),
    [
        (
            "{l1: 0, vary: {l1: 1}}",
            ["5:27: sweep.vary.l1: must not be varied twice, got regularization.l1"],
        ),
        (
            "{vary: {l1: 1, regularization.l1: 2}}",
            ["5:42: sweep.vary.regularization.l1: must not be varied twice, got regularization.l1"],
        ),
        (
            "{seeds: 2, vary: {training.seed: 1}}",
            ["5:16: sweep.seeds: must not be varied twice, got training.seed"],
        ),
        (
            "{vary: {training.optimizer: [sgd], training.optimizer.learning_rate: 1}}",
            [
                "5:77: sweep.vary.training.optimizer.learning_rate: must not be varied in the "
                "same sweep as training.optimizer, got training.optimizer.learning_rate"
            ],
        ),
        (
            "{vary: {model.layers.0.Dense.units: 1, model.layers.00.Dense.units: 2}}",
            [
                "5:76: sweep.vary.model.layers.00.Dense.units: must not be varied twice, "
                "got model.layers.00.Dense.units"
            ],
        ),
        (
            "{vary: {name: a, sweep.l1: 1}}",
            [
                "5:22: sweep.vary.name: must be a key that changes a run, got name",
                "5:35: sweep.vary.sweep.l1: must be a key that changes a run, got sweep.l1",
            ],
        ),
        (
            "{vary: {l1: '0,0', l2: x}}",
            [
                "5:20: sweep.vary.l1: must not name a value twice, got 0 again",
                "5:31: sweep.vary.l2: must be numbers or ranges, like 0,0.01 or log:1e-5:1e-1:9, "
                "got the text 'x'",
            ],
        ),
        ("{vary: {l2: '0,-1'}}", ["5:20: regularization.l2: must be at least 0, got -1.0"]),
        (
            "{l1: '0,1', vary: {training.epoch: 1, training.batch_size: [0, 8, '8']}}",
            [
                "5:43: training.epoch: unknown key; did you mean 'epochs'?",
                "5:67: training.batch_size: must be at least 1, got 0",
                "5:67: training.batch_size: must be a whole number, got the text '8'; "
                "remove the quotes",
            ],
        ),
        (
            "{vary: {model.layers.0.Dense.activation: 'relu,tahn'}}",
            [
                "5:49: model.layers.0.Dense.activation: there is no activation 'tahn'; "
                "did you mean 'tanh'?"
            ],
        ),
        (
            "{vary: {model.layers.5.Dense.units: 1}}",
            ["5:44: model.layers: must be followed by a position from 0 to 1, got '5'"],
        ),
    ],
)
def test_mistakes_are_placed_where_the_values_stand(
    sweep: str, lines: list[str], load: Load
) -> None:
    assert refused(load, sweep) == [f"c.yaml:{line}" for line in lines]


def test_mistakes_of_an_option_are_placed_at_it(load: Load) -> None:
    path = ("sweep", "vary", "training.epochs")
    loaded = load(BASE, [(path, "--vary training.epochs=0,1", "0,1")])
    with pytest.raises(ConfigError) as caught:
        plan_sweep(loaded)
    assert str(caught.value) == (
        "--vary training.epochs=0,1: training.epochs: must be at least 1, got 0"
    )


@pytest.mark.parametrize(
    ("key", "text", "rule"),
    [
        (
            "model.layers.0.Dense.kernel_regularizer",
            "[null, {OrthogonalRegularizer: {factor: 0.1}}]",
            "must be one regularizer with its arguments, got a list",
        ),
        (
            "model.layers.0.Dense.kernel_regularizer",
            "[null, {name: OrthogonalRegularizer, factor: 0.1}]",
            "must be one regularizer with its arguments, got a list",
        ),
        (
            "model.layers.0.Dense.activation",
            "[relu,tanh]",
            "must be an activation's name, got a list",
        ),
        (
            "training.optimizer.learning_rate",
            "[0,0.1]",
            "must be a number or a learning-rate schedule, got a list",
        ),
        ("training.optimizer.weight_decay", "[0,0.1]", "must be a number, got a list"),
    ],
)
def test_brackets_around_all_values_are_explained(
    key: str, text: str, rule: str, load: Load
) -> None:
    loaded = load(BASE, [(("sweep", "vary", key), f"--vary {key}={text}", text)])
    with pytest.raises(ConfigError) as caught:
        plan_sweep(loaded)
    assert str(caught.value) == (
        f"--vary {key}={text}: {key}: {rule}; write the values comma-separated, without "
        "brackets around them"
    )


def test_a_list_may_be_the_one_value_of_a_key(load: Load) -> None:
    key = "regularization.layers"
    plan = plan_sweep(load(BASE, [(("sweep", "vary", key), f"--vary {key}=[dense]", "[dense]")]))
    assert dict(plan.axes) == {key: (["dense"],)}


def test_a_grid_that_is_too_large_is_refused_rather_than_cut(load: Load) -> None:
    with pytest.raises(UsageError) as caught:
        planned(load, "{l1: 'lin:0:1:1000', l2: 'lin:0:1:101'}")
    assert str(caught.value) == (f"a sweep must have at most {MAX_MEMBERS:,} runs, got 101,000")


def test_nothing_is_left_out_of_a_grid(load: Load) -> None:
    plan = planned(load, "{l1: 'lin:0:1:20', l2: 'lin:0:1:10', seeds: 2}")
    assert len(set(values(plan, "l1", "l2", "seed"))) == len(plan.members) == 400


def test_folds_and_their_repetitions_come_before_the_seed(load: Load) -> None:
    plan = planned(load, "{l1: '0,1', folds: 3, repeats: 2, seeds: 2}")
    assert list(plan.axes) == ["regularization.l1", "dataset.fold", "training.seed"]
    assert values(plan, "l1", "repeat", "fold", "seed") == [
        (l1, repeat, fold, seed)
        for l1 in (0.0, 1.0)
        for repeat in range(2)
        for fold in range(3)
        for seed in (7, 8)
    ]
    for member in plan.members:
        fold = member.config.dataset.fold
        assert fold is not None
        assert (fold.number, fold.of, fold.repeat) == (
            member.settings["fold"],
            3,
            member.settings["repeat"],
        )
    sections = {id(member.config.dataset) for member in plan.members}
    assert len(sections) == 6, "members of a fold share its rows"


@pytest.mark.parametrize(
    ("sweep", "message"),
    [
        ("{repeats: 2}", "5:8: sweep: repeats requires folds; got repeats: 2"),
        ("{folds: 1}", "5:16: sweep.folds: must be at least 2, got 1"),
        ("{folds: 2.5}", "5:16: sweep.folds: must be a whole number, got 2.5"),
        (
            "{folds: 2, vary: {dataset.fold: [{number: 0, of: 2}]}}",
            "5:16: sweep.folds: must not be varied twice, got dataset.fold",
        ),
        (
            "{vary: {dataset.fold: [{number: 2, of: 2}]}}",
            "5:30: dataset.fold: number must be below of, because folds are counted from "
            "0, got 2 of 2",
        ),
    ],
)
def test_folds_that_cannot_be(load: Load, sweep: str, message: str) -> None:
    assert refused(load, sweep) == [f"c.yaml:{message}"]


def test_folds_are_validation_rows(load: Load) -> None:
    """Where there are none of their own, early stopping and ranking have the fold."""
    base = BASE.replace("{name: digits}", "{name: digits, validation: 0}")
    base = base.replace("seed: 7}", "seed: 7, early_stopping: {}}")
    plan = plan_sweep(load(f"{base}select_by: validation.accuracy\nsweep: {{folds: 2}}\n"))
    assert len(plan.members) == 2
    with pytest.raises(ConfigError):
        load(base)


def test_variants_are_grids_side_by_side(load: Load) -> None:
    plan = planned(
        load,
        """
  l2: 0.1
  seeds: 2
  variants:
    - {name: none, l1: 0}
    - {name: both, l1: '1,2', l2: '0,3'}
    - {name: sgd, l1: 0, training.optimizer: [sgd], method: proximal}
""",
    )
    keys = ("variant", "l1", "l2", "method", "training.optimizer", "seed")
    adam = {"name": "adam"}
    assert values(plan, *keys) == [
        (*setting, seed)
        for setting in [
            ("none", 0.0, 0.1, "penalty", adam),
            *[("both", l1, l2, "penalty", adam) for l1 in (1.0, 2.0) for l2 in (0.0, 3.0)],
            ("sgd", 0.0, 0.1, "proximal", "sgd"),
        ]
        for seed in (7, 8)
    ]
    assert plan.axes["variant"] == ("none", "both", "sgd")
    for member in plan.members:
        assert member.config.sweep.variants is None
        assert member.config.training.optimizer.name == (
            "sgd" if member.settings["variant"] == "sgd" else "adam"
        )


@pytest.mark.parametrize(
    ("variant", "message"),
    [
        ("{name: a}", "6:3: sweep: variants must have different names, got a twice"),
        ("{l1: 3}", "6:3: sweep: every variant needs a name; got nothing"),
        ("{name: 5}", "6:3: sweep: every variant needs a name; got 5"),
        ("5", "9:7: sweep.variants.1: must be a mapping, got 5"),
        ("{name: b, l1: -1}", "9:21: sweep.l1: must be at least 0, got -1"),
        ("{name: b, trainin.epochs: 3}", "9:33: trainin: unknown key; did you mean 'training'?"),
        (
            "{name: b, method: proximl}",
            "9:25: regularization.method: must be 'penalty' or 'proximal', got the text "
            "'proximl'; did you mean 'proximal'?",
        ),
        ("{name: b, seeds: 3}", "9:17: seeds: must stand under sweep, for all variants alike"),
        ("{name: b, folds: 3}", "9:17: folds: must stand under sweep, for all variants alike"),
        (
            "{name: b, sweep.seeds: 3}",
            "9:30: sweep.vary.sweep.seeds: must be a key that changes a run, got sweep.seeds",
        ),
    ],
)
def test_a_variant_that_breaks_a_rule_is_told_with_its_place(
    load: Load, variant: str, message: str
) -> None:
    text = f"{BASE}sweep:\n  seeds: 2\n  variants:\n    - {{name: a}}\n    - {variant}\n"
    with pytest.raises(ConfigError) as caught:
        plan_sweep(load(text))
    assert list(caught.value.problems) == [f"c.yaml:{message}"]
