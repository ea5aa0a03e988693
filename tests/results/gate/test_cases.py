"""Checks carried out: of every run, of what the verdict names, of one setting."""

import numpy as np
import pytest
from judged import Grid, right

from regcli.config.check_grammar import parse_check
from regcli.errors import UsageError
from regcli.report.check_words import CheckWords
from regcli.results.gate.cases import carry_out, refuse_unknown_setting
from regcli.results.records import RunState
from regcli.results.settings import by_setting


def grid() -> Grid:
    """Three settings of two seeds: the middle one is the one to use, the first is the best."""
    made = Grid()
    losses = np.random.default_rng(0).normal(0.3, 0.2, (2, 1000))
    made.add(losses, right(100, 2), l1=0.0)
    made.add(losses + 0.001, right(101, 2), nonzero=120, l1=0.01)
    made.add(losses + 0.5, np.vstack([right(300, 1), right(500, 1)]), nonzero=10, l1=0.1)
    return made


def problems(text: str, made: Grid) -> list[str]:
    settings = by_setting(made.records)
    ((*cases,),) = carry_out([parse_check(text)], settings, made.judge())
    return [line for case in cases for line in CheckWords(settings).problems(case)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("validation.accuracy<0.4", []),
        (
            "validation.accuracy<0.7",
            ["run 000000000005 (l1 0.1, seed 1): validation.accuracy is 0.5"],
        ),
        (
            "validation.accuracy<0.9",
            [
                "run 000000000002 (l1 0.01, seed 0): validation.accuracy is 0.899",
                "run 000000000003 (l1 0.01, seed 1): validation.accuracy is 0.899",
                "run 000000000004 (l1 0.1, seed 0): validation.accuracy is 0.7",
                "run 000000000005 (l1 0.1, seed 1): validation.accuracy is 0.5",
            ],
        ),
        ("best:validation.accuracy<0.9", []),
        (
            "best:validation.accuracy<0.95",
            ["best setting (l1 0): validation.accuracy is 0.9, the mean over 2 seeds"],
        ),
        (
            "use:validation.accuracy<0.9",
            ["setting to use (l1 0.01): validation.accuracy is 0.899, the mean over 2 seeds"],
        ),
        (
            "l1=0.1:validation.accuracy<0.65",
            ["setting l1 0.1: validation.accuracy is 0.6, the mean over 2 seeds"],
        ),
        ("l1=0.1:validation.accuracy<0.55", []),
        ("use:test.r2<0", ["setting to use (l1 0.01): test.r2 is missing"]),
        ("l1=0.2:epochs>1", ["setting l1=0.2: was not trained"]),
    ],
)
def test_what_a_check_finds(text: str, found: list[str]) -> None:
    assert problems(text, grid()) == found


def test_the_only_setting_is_the_best_and_the_one_to_use() -> None:
    made = Grid()
    made.add(np.full((1, 50), 0.5), right(10, 1, 50), l1=0.01)
    settings = by_setting(made.records)
    for subject, words in (("best", "best setting"), ("use", "setting to use")):
        check = parse_check(f"{subject}:validation.accuracy<0.9")
        ((case,),) = carry_out([check], settings, None)
        assert CheckWords(settings).problems(case) == (f"{words}: validation.accuracy is 0.8",)


def test_where_nothing_ranks_the_best_setting_is_not_known() -> None:
    made = grid()
    made.records = [run.model_copy(update={"metrics": {}}) for run in made.records]
    settings = by_setting(made.records)
    ((case,),) = carry_out([parse_check("best:gap>1")], settings, None)
    assert CheckWords(settings).problems(case) == (
        "best setting: not known, no run has validation.data_loss",
    )


def test_a_mean_needs_all_runs_and_a_check_of_every_run_speaks_of_those_that_ended_well() -> None:
    made = grid()
    gone = made.records[1].model_copy(update={"state": RunState.DIVERGED, "metrics": {}})
    made.records[1] = gone
    assert problems("validation.accuracy<0.4", made) == []
    assert problems("l1=0:validation.accuracy<0.4", made) == [
        "setting l1 0: validation.accuracy is missing"
    ]


def test_folds_are_counted() -> None:
    made = grid()
    made.records = [
        run.model_copy(update={"settings": {**run.settings, "fold": place % 2}})
        for place, run in enumerate(made.records)
    ]
    (line,) = problems("best:validation.accuracy<0.95", made)
    assert line.endswith("the mean over 2 folds × 2 seeds")


PLAN = [{"l1": l1, "l2": l2, "seed": seed} for l1 in (0.0, 0.1) for l2 in (0, 1) for seed in (0, 1)]


@pytest.mark.parametrize("text", ["gap>0", "best:gap>0", "l1=0,l2=1:gap>0", "l2=0,l1=0.1:gap>0"])
def test_a_plan_has_the_setting(text: str) -> None:
    refuse_unknown_setting(parse_check(text), PLAN)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("l1=0.2:gap>0", "must name a setting of the grid; none has l1=0.2"),
        (
            "l1=0:gap>0",
            "must name one setting; 2 of 4 have l1=0: write more of its values",
        ),
        ("l3=0:gap>0", "there is no setting 'l3'; known: l1, l2"),
        ("seed=0:gap>0", "there is no setting 'seed'; known: l1, l2"),
    ],
)
def test_a_plan_without_the_setting(text: str, message: str) -> None:
    with pytest.raises(UsageError) as refused:
        refuse_unknown_setting(parse_check(text), PLAN)
    assert str(refused.value) == message
