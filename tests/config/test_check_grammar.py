"""Checks: what may be written, of which setting they speak, and which numbers meet them."""

import operator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from loading import Load, Problems

from regcli.config.check_grammar import Subject, parse_check, parse_condition
from regcli.config.result_keys import KEYS
from regcli.errors import ConfigError, UsageError
from regcli.planning.identity import run_id
from regcli.planning.members import plan_sweep
from regcli.planning.populations import population_key

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
def test_a_number_meets_what_it_is_compared_with(
    value: float, comparison: str, bound: float
) -> None:
    condition = parse_condition(f"validation.accuracy{comparison}{bound!r}")
    assert condition.is_met_by(value) == COMPARISONS[comparison](value, bound)


@given(st.floats(-1e300, 1e300), NUMBERS)
def test_a_number_is_shown_on_its_side_of_the_bound(value: float, bound: float) -> None:
    text = parse_condition(f"validation.accuracy<{bound!r}").number_text(value)
    shown = float(text)
    assert (shown < bound, shown == bound) == (value < bound, value == bound)
    if shown != value:
        assert shown == pytest.approx(value, rel=1e-3)


@pytest.mark.parametrize(
    ("value", "bound", "text"),
    [
        (0.9333333333333333, 0.95, "0.9333"),
        (0.89999999, 0.9, "0.89999999"),
        (0.899996, 0.9, "0.899996"),
        (0.9, 0.9, "0.9"),
        (2 / 3, 2 / 3, "0.6666666666666666"),
        (1234567.0, 1e6, "1.235e+06"),
        (3, 2, "3"),
    ],
)
def test_as_many_digits_as_it_takes(value: float, bound: float, text: str) -> None:
    assert parse_condition(f"validation.accuracy<{bound!r}").number_text(value) == text


@pytest.mark.parametrize(
    ("text", "subject", "values"),
    [
        ("gap>0.1", Subject.EVERY_RUN, {}),
        (" best : gap > 0.1 ", Subject.BEST, {}),
        ("use:gap>0.1", Subject.USE, {}),
        ("l1=0.01,l2=0:gap>0.1", Subject.SETTING, {"l1": 0.01, "l2": 0}),
        ("l1 = 1e-3 : gap>0.1", Subject.SETTING, {"l1": 0.001}),
        ("group=null,method=proximal:gap>0.1", Subject.SETTING,
         {"group": None, "method": "proximal"}),
        ("optimizer={name: sgd, momentum: 0.9}:gap>0.1", Subject.SETTING,
         {"optimizer": {"name": "sgd", "momentum": 0.9}}),
        ("layers=[a, b],l1=0:gap>0.1", Subject.SETTING, {"layers": ["a", "b"], "l1": 0}),
    ],
)  # fmt: skip
def test_of_what_a_check_speaks(text: str, subject: Subject, values: dict[str, object]) -> None:
    check = parse_check(text)
    assert (check.subject, dict(check.values)) == (subject, values)
    assert str(check.condition) == "gap>0.1"
    assert check.text == text.strip()


SETTINGS = {"l1": 0.01, "l2": 0.0, "training.batch_size": 16, "regularization.group": None}


@pytest.mark.parametrize(
    ("named", "is_meant"),
    [
        ("l1=0.01", True),
        ("l1=0.010,l2=0", True),
        ("regularization.l1=1e-2", True),
        ("batch_size=16", True),
        ("training.batch_size=16.0", True),
        ("group=null", True),
        ("l1=0.02", False),
        ("l1=0.01,l2=0.1", False),
        ("l2=false", False),
        ("batch_size=sixteen", False),
    ],
)
def test_a_setting_by_its_values(named: str, is_meant: bool) -> None:
    assert parse_check(f"{named}:gap>0").names(SETTINGS) is is_meant


def test_a_name_for_two_keys_is_refused() -> None:
    check = parse_check("units=8:gap>0")
    layers = {"model.layers.0.Dense.units": 8, "model.layers.1.Dense.units": 8}
    with pytest.raises(UsageError) as refused:
        check.refuse_unknown_keys(layers)
    assert not check.names(layers)
    assert str(refused.value) == (
        "'units' may be model.layers.0.Dense.units or model.layers.1.Dense.units; write one of them"
    )


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
    for subject in ("", "best:", "l1=0:"):
        with pytest.raises(UsageError) as refused:
            parse_check(f"{subject}{text}")
        assert str(refused.value) == message


SUBJECT = "must speak of best, use, or a setting by its values, like l1=0.01,l2=0; got "


@pytest.mark.parametrize(
    ("subject", "message"),
    [
        ("bset", f"{SUBJECT}'bset'; did you mean 'best'?"),
        ("worst", f"{SUBJECT}'worst'"),
        ("", f"{SUBJECT}''"),
        ("l1=0,", f"{SUBJECT}'l1=0,'"),
        ("=0", f"{SUBJECT}'=0'"),
        ("l1=0,l1=1", "must not name a key twice, got 'l1' again"),
        ("optimizer={name: sgd", "must name a setting by values of YAML, got '{name: sgd'"),
    ],
)
def test_what_names_no_setting(subject: str, message: str) -> None:
    with pytest.raises(UsageError) as refused:
        parse_check(f"{subject}:gap>0.1")
    assert str(refused.value) == message


DATA = "dataset: {name: digits}\n"


def test_checks_of_a_config(load: Load) -> None:
    config = load(f"{DATA}checks:\n  - best:gap>0.1\n  - l1=0,l2=0:epochs<2\n").config
    assert config.checks == ("best:gap>0.1", "l1=0,l2=0:epochs<2")
    assert load(f"{DATA}checks: validation.accuracy<0.9\n").config.checks == (
        "validation.accuracy<0.9",
    )


def test_they_change_no_run(load: Load) -> None:
    without, asked = (load(text).config for text in (DATA, f"{DATA}checks: gap>0.1\n"))
    assert run_id(without, "f") == run_id(asked, "f")
    assert population_key(without) == population_key(asked)
    assert "checks" not in without.resolved()


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (
            "checks:\n  - epochs<2\n  - best:validation.auc<0.9",
            "4:5: checks.1: there is no result 'validation.auc'; "
            "did you mean 'validation.roc_auc'?",
        ),
        ("checks: [bset:gap>1]", f"2:10: checks.0: {SUBJECT}'bset'; did you mean 'best'?"),
        (
            "checks:\n  - best: gap>1",
            "3:5: checks.0: must be text; remove the space after the colon, or put quotes around "
            "it, got a mapping",
        ),
        ("checks: 3", "2:9: checks: must be a list, got 3"),
        ("checks: [3]", "2:10: checks.0: must be text, got 3"),
        ("check: [gap>1]", "2:1: check: unknown key; did you mean 'checks'?"),
    ],
)
def test_checks_that_break_a_rule(problems: Problems, lines: str, message: str) -> None:
    assert problems(f"{DATA}{lines}\n") == [f"c.yaml:{message}"]


def test_they_do_not_vary(load: Load) -> None:
    loaded = load(f"{DATA}sweep: {{vary: {{checks: [[gap>1]]}}}}\n")
    with pytest.raises(ConfigError) as refused:
        plan_sweep(loaded)
    assert refused.value.problems == (
        "c.yaml:2:24: sweep.vary.checks: must be a key that changes a run, got checks",
    )
