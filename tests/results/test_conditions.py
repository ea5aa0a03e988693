"""Conditions of `--fail-if`: what may be written, and when a run meets one."""

import math
import operator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stored_examples import a_run

from regcli.errors import UsageError
from regcli.results.conditions import KEYS, failures, parse_condition, read_number

COMPARISONS = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
SPACES = st.text(" \t", max_size=3)


@given(st.sampled_from(KEYS), st.sampled_from(sorted(COMPARISONS)), NUMBERS, SPACES, SPACES)
def test_every_condition_reads_back_from_its_own_text(
    key: str, comparison: str, bound: float, before: str, after: str
) -> None:
    condition = parse_condition(f"{before}{key}{after}{comparison}{before}{bound!r}{after}")
    assert (condition.key, condition.comparison, condition.bound) == (key, comparison, bound)
    assert parse_condition(str(condition)) == condition


@given(NUMBERS, st.sampled_from(sorted(COMPARISONS)), NUMBERS)
def test_a_run_meets_what_its_number_meets(value: float, comparison: str, bound: float) -> None:
    run = a_run("aaaa", metrics={"validation": {"accuracy": value}})
    condition = parse_condition(f"validation.accuracy{comparison}{bound!r}")
    assert condition.holds(run) == COMPARISONS[comparison](value, bound)


@pytest.mark.parametrize("key", KEYS)
def test_every_key_can_be_read_from_a_run(key: str) -> None:
    part, _, name = key.partition(".")
    metrics = {part: {name: 0.75}} if part in {"train", "validation", "test"} else {}
    value = read_number(a_run("aaaa", metrics=metrics), key)
    expected = {"epochs": 50, "seconds": 0.05, "sparsity.exact": 0.25, "sparsity.near": 0.5}
    expected |= {"sparsity.nonzero": 480, "sparsity.total": 640, "sparsity.active_inputs": 60}
    expected |= {"sparsity.live_units": 4, "sparsity.gzip_bytes": 1200}
    expected |= {"sparsity.norm": 5.0, "sparsity.largest": 3.0}
    expected |= {"sparsity.precision": 0.05, "sparsity.recall": 1, "sparsity.f1": 0.1}
    expected |= {"after_zeroing.nonzero": 320, "after_zeroing.active_inputs": 4}
    expected |= {"after_zeroing.precision": 0.75, "after_zeroing.recall": 1}
    expected |= {"sparsity.active_noise": 57, "after_zeroing.active_noise": 1}
    expected |= {"after_zeroing.f1": 6 / 7, "after_zeroing.live_units": 3}
    assert value == expected.get(key, None if "after_zeroing.t" in key else 0.75)


def test_the_gap_is_that_of_the_losses() -> None:
    run = a_run("aaaa", metrics={"train": {"data_loss": 0.25}, "validation": {"data_loss": 0.75}})
    assert read_number(run, "gap") == 0.5
    assert [parse_condition(f"gap>{bound}").holds(run) for bound in (0.4, 0.5)] == [True, False]
    assert read_number(a_run("aaaa", metrics={"train": {"data_loss": 0.25}}), "gap") is None
    assert "gap" not in KEYS


@pytest.mark.parametrize("missing", [None, math.nan, math.inf])
def test_a_number_that_is_not_there_meets_every_condition(missing: float | None) -> None:
    run = a_run("aaaa", metrics={"test": {"r2": missing}}, sparsity=None)
    for text in ("test.r2<0", "test.r2>=0", "sparsity.exact>0.5", "train.mae==1"):
        assert parse_condition(text).holds(run)
    condition = parse_condition("test.r2 < 0.5")
    assert failures([run], [condition]) == [(condition, run)]
    assert condition.explain(run) == "run aaaa: test.r2 is missing"


def test_failures_name_run_number_and_condition() -> None:
    runs = [
        a_run("aaaa", metrics={"validation": {"accuracy": 0.8999999}}),
        a_run("bbbb", metrics={"validation": {"accuracy": 0.95}}),
    ]
    conditions = [parse_condition("validation.accuracy<0.9"), parse_condition("epochs>=1234567")]
    assert failures(runs, conditions) == [(conditions[0], runs[0])]
    assert conditions[0].explain(runs[0]) == "run aaaa: validation.accuracy is 0.8999999"
    assert str(conditions[1]) == "epochs>=1234567"


FORM = "must be a key, one of < <= > >= == !=, and a number, like 'validation.accuracy<0.9', got "


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", FORM + "''"),
        ("validation.accuracy", FORM + "'validation.accuracy'"),
        ("accuracy = 0.9", FORM + "'accuracy = 0.9'"),
        ("0.9 > ", FORM + "'0.9 > '"),
        ("test.r2 < 0.1 0.2", FORM + "'test.r2 < 0.1 0.2'"),
        (
            "validation.acuracy<0.9",
            "there is no result 'validation.acuracy'; did you mean 'validation.accuracy'?",
        ),
        (
            "validation.auc<0.9",
            "there is no result 'validation.auc'; did you mean 'validation.roc_auc'?",
        ),
        (
            "after_zeroing.test.mse>1",
            "there is no result 'after_zeroing.test.mse'; did you mean 'after_zeroing.test.rmse'?",
        ),
        ("zzz<0.9", "there is no result 'zzz'; use a key of a result, like validation.accuracy"),
        ("test.r2<high", "must compare test.r2 with a finite number, got 'high'"),
        ("test.r2<nan", "must compare test.r2 with a finite number, got 'nan'"),
        ("test.r2<-inf", "must compare test.r2 with a finite number, got '-inf'"),
        ("test.r2<1e999", "must compare test.r2 with a finite number, got '1e999'"),
        ("test.r2<=>0", "must compare test.r2 with a finite number, got '>0'"),
    ],
)
def test_what_is_no_condition(text: str, message: str) -> None:
    with pytest.raises(UsageError) as refused:
        parse_condition(text)
    assert str(refused.value) == message
