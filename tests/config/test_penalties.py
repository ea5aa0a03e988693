"""A penalty by its name, and what shapes it: rules, members, ids, and names elsewhere."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from loading import Load, Problems

from regcli.config.counterparts import counterparts
from regcli.config.named_strengths import read_named_strengths, translate
from regcli.config.objective import Basis
from regcli.config.schema import Config
from regcli.errors import ConfigError
from regcli.penalties.mcp import MCP
from regcli.penalties.registry import NAMED
from regcli.planning.identity import run_id
from regcli.planning.members import Plan, plan_sweep
from regcli.planning.populations import population_key

WITH_GAMMA = [name for name, penalty in NAMED.items() if penalty.shape_parameters]
LOGISTIC = Basis(rows=200, outputs=1, batch_size=32, family="logistic", penalty=MCP)
SQUARED = replace(LOGISTIC, family="squared", deviation=4.0)


@pytest.mark.parametrize(
    ("regularization", "line"),
    [
        (
            "{gamma: 3}",
            "2:17: regularization: gamma requires penalty: {known}; got 3 without penalty",
        ),
        (
            "{penalty: elastic_net, gamma: 3}",
            "2:17: regularization: gamma requires penalty: {known}; got 3 with penalty: "
            "elastic_net",
        ),
        (
            "{penalty: mcp, gamma: 1}",
            "2:39: regularization.gamma: must be above 1 for penalty: mcp, got 1",
        ),
        (
            "{penalty: mcp, gamma: .nan}",
            "2:39: regularization.gamma: must be a finite number, got nan",
        ),
        (
            "{penalty: mcp, group: inputs, group_strength: 1}",
            "2:17: regularization: group requires penalty: elastic_net; got group: inputs with "
            "penalty: mcp",
        ),
    ],
)
def test_rules(regularization: str, line: str, problems: Problems) -> None:
    text = f"dataset: {{name: digits}}\nregularization: {regularization}\n"
    assert problems(text) == [f"c.yaml:{line.format(known=' or '.join(WITH_GAMMA))}"]


def test_a_wrong_name_is_told_which_there_are(problems: Problems) -> None:
    (line,) = problems("dataset: {name: digits}\nregularization: {penalty: elasticnet}\n")
    assert line.startswith("c.yaml:2:27: regularization.penalty: must be elastic_net")
    assert line.endswith("got the text 'elasticnet'; did you mean 'elastic_net'?")


def planned(load: Load, regularization: str, vary: str) -> Plan:
    text = (
        "dataset: {name: digits}\n"
        f"regularization: {{l1: 0.1, {regularization}}}\n"
        f"sweep: {{vary: {{{vary}}}}}\n"
    )
    return plan_sweep(load(text))


def test_members_differ_in_penalty_and_settings_say_so(load: Load) -> None:
    plan = planned(load, "gamma: 5", "regularization.penalty: [elastic_net, mcp]")
    given = [member.config.regularization for member in plan.members]
    assert [(each.penalty, each.gamma) for each in given] == [("elastic_net", None), ("mcp", 5)]
    shown = [dict(member.settings) for member in plan.members]
    keys = ("regularization.penalty", "regularization.gamma")
    assert [[each.get(key) for key in keys] for each in shown] == [
        ["elastic_net", None],
        ["mcp", 5],
    ]


def test_a_gamma_that_is_left_out_is_the_penalty_s_own(load: Load) -> None:
    (plain,) = planned(load, "penalty: mcp", "training.epochs: [1]").members
    (given,) = planned(load, "penalty: mcp, gamma: 3", "training.epochs: [1]").members
    assert plain.settings == given.settings
    assert plain.settings["regularization.gamma"] == 3
    assert run_id(plain.config, "") == run_id(given.config, "")


def test_members_with_other_gammas_are_one_population(load: Load) -> None:
    plan = planned(load, "penalty: mcp", "regularization.gamma: [2, 3, 1e6]")
    configs = [member.config for member in plan.members]
    assert len(set(map(population_key, configs))) == 1
    assert len({run_id(config, "") for config in configs}) == 3


def test_members_must_keep_the_rules_of_their_own_penalty(load: Load) -> None:
    vary = "regularization.penalty: [elastic_net, mcp], regularization.gamma: [0.5, 2]"
    with pytest.raises(ConfigError) as caught:
        planned(load, "l2: 0", vary)
    alone = f"c.yaml:2:17: regularization: gamma requires penalty: {' or '.join(WITH_GAMMA)}; got"
    assert caught.value.problems == (
        f"{alone} 0.5 with penalty: elastic_net",
        f"{alone} 2 with penalty: elastic_net",
        "c.yaml:3:82: regularization.gamma: must be above 1 for penalty: mcp, got 0.5",
    )


def test_the_elastic_net_by_name_is_what_is_meant_without(load: Load) -> None:
    named, plain = (
        Config.model_validate({"dataset": {"name": "iris"}, "regularization": given})
        for given in ({"penalty": "elastic_net", "l1": 0.1}, {"l1": 0.1})
    )
    assert run_id(named, "") == run_id(plain, "")
    assert population_key(named) == population_key(plain)
    with pytest.raises(ConfigError) as caught:
        planned(load, "l2: 0", "regularization.penalty: [~, elastic_net]")
    assert caught.value.problems == (
        "c.yaml:3:40: regularization.penalty: must not name a value twice, got elastic_net, as "
        "null",
    )


NAMES: dict[str, tuple[Basis, tuple[float, float, float]]] = {
    "skglm:alpha=0.1,gamma=4": (LOGISTIC, (0.1, 0.0, 4.0)),
    "mcpenalty:alpha=0.1,gamma=4": (SQUARED, (0.2, 0.0, 2.0)),
    "ncvreg:lambda=0.1": (LOGISTIC, (0.1, 0.0, 3.0)),
    "ncvreg:lambda=0.1,alpha=0.5,gamma=4": (LOGISTIC, (0.05, 0.025, 4.0)),
    "ncvreg:lambda=0.2,alpha=0.5,gamma=8": (SQUARED, (0.2, 0.1, 4.0)),
}


@pytest.mark.parametrize("text", NAMES)
def test_names_elsewhere_there_and_back(text: str) -> None:
    basis, expected = NAMES[text]
    found = translate(*read_named_strengths(text), counterparts(basis))
    assert tuple(found.strengths) == ("l1", "l2", "gamma")
    assert tuple(found.strengths.values()) == pytest.approx(expected)
    back = found.counterpart.convert(**found.strengths)
    assert back == pytest.approx(tuple(found.values.values()))


@pytest.mark.parametrize("basis", [LOGISTIC, SQUARED], ids=["logistic", "squared"])
def test_the_objectives_of_both_are_the_same_but_for_a_factor(basis: Basis) -> None:
    """By skglm's own formula of its penalty, beside a data loss divided by 1 or 2."""
    (skglm, *_), w = counterparts(basis), np.linspace(-3, 3, 61)
    alpha, gamma = skglm.convert(0.4, 0.0, 2.5) or (0.0, 0.0)
    size = np.abs(w)
    theirs = np.where(
        size <= gamma * alpha, alpha * size - size**2 / (2 * gamma), gamma * alpha**2 / 2
    )
    ours = MCP.terms(w, {"l1": 0.4, "l2": 0.0, "gamma": 2.5})
    np.testing.assert_allclose(theirs, ours / (2 if basis is SQUARED else 1), atol=1e-12)


def names(basis: Basis) -> list[str]:
    return [counterpart.name for counterpart in counterparts(basis)]


@pytest.mark.parametrize(
    ("changes", "known"),
    [
        ({}, ["skglm", "ncvreg", "torch"]),
        ({"has_bias": False}, ["skglm", "torch"]),
        ({"hidden": (8,)}, ["torch"]),
        ({"outputs": 3}, ["torch"]),
        ({"family": "two_scores", "outputs": 2}, ["torch"]),
        ({"family": None, "reason": "no Conv2D layer"}, ["torch"]),
    ],
)
def test_which_libraries_know_it(changes: dict[str, Any], known: list[str]) -> None:
    assert names(replace(LOGISTIC, **changes)) == known


def test_what_they_cannot_have() -> None:
    skglm, ncvreg, torch = counterparts(LOGISTIC)
    assert skglm.convert(0.1, 0.2, 3.0) is None  # it has no l2
    assert ncvreg.convert(0.0, 0.2, 3.0) is None  # alpha is above 0
    assert torch.convert(l1=0.1, l2=0.2, gamma=3.0) == (0.4,)
