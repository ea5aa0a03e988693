"""The grid syntax: what it means, and what it refuses in which words."""

import math
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from regcli.config.grid import MAX_POINTS, GridError, lin_range, log_range, parse_grid

EXAMPLES = "like 0,0.01 or log:1e-5:1e-1:9"
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
POSITIVE = st.floats(min_value=1e-300, max_value=1e300)
COUNTS = st.integers(2, 60)
SMALLEST = 5e-324
"""The next number after zero."""


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (0.5, (0.5,)),
        (3, (3.0,)),
        ("0,0.01", (0.0, 0.01)),
        (" 1e-3 , .5, 5. ,+2 ", (0.001, 0.5, 5.0, 2.0)),
        ([0, 0.01], (0.0, 0.01)),
        (["0", 1, "2,3"], (0.0, 1.0, 2.0, 3.0)),
        ("2,1", (2.0, 1.0)),
        ("-1,1", (-1.0, 1.0)),
        ("lin:0:0.1:5", (0.0, 0.025, 0.05, 0.075, 0.1)),
        ("lin:0:0.3:4", (0.0, 0.1, 0.2, 0.3)),
        ("lin:1:0:3", (1.0, 0.5, 0.0)),
        ("log:1e-5:1e-1:5", (1e-5, 1e-4, 1e-3, 1e-2, 1e-1)),
        ("log:100:1:3", (100.0, 10.0, 1.0)),
        ("log:1:4:2", (1.0, 4.0)),
        ("0,log:1e-2:1:3", (0.0, 0.01, 0.1, 1.0)),
        (["log:1e-2:1:3", 0], (0.01, 0.1, 1.0, 0.0)),
        ("log: 1 : 4 : 3", (1.0, 2.0, 4.0)),
    ],
)
def test_what_a_grid_means(written: object, meant: tuple[float, ...]) -> None:
    assert parse_grid(written) == meant


def test_minus_zero_is_zero() -> None:
    (zero,) = parse_grid("-0.0")
    assert math.copysign(1, zero) == 1


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("", f"must be numbers or ranges, {EXAMPLES}, got the text ''"),
        ([], f"must have at least one value, {EXAMPLES}, got an empty list"),
        (None, f"must be numbers or ranges, {EXAMPLES}, got nothing"),
        (True, f"must be numbers or ranges, {EXAMPLES}, got true"),
        ([0, False], f"must be numbers or ranges, {EXAMPLES}, got false"),
        ([[0]], f"must be numbers or ranges, {EXAMPLES}, got a list"),
        ({"l1": 0}, f"must be numbers or ranges, {EXAMPLES}, got a mapping"),
        ("0,", f"must be numbers or ranges, {EXAMPLES}, got the text ''"),
        ("0,,1", f"must be numbers or ranges, {EXAMPLES}, got the text ''"),
        ("abc", f"must be numbers or ranges, {EXAMPLES}, got the text 'abc'"),
        ("nan", f"must be numbers or ranges, {EXAMPLES}, got the text 'nan'"),
        ("1_000", f"must be numbers or ranges, {EXAMPLES}, got the text '1_000'"),
        ("٣", f"must be numbers or ranges, {EXAMPLES}, got the text '٣'"),
        ("0x10", f"must be numbers or ranges, {EXAMPLES}, got the text '0x10'"),
        ("0 1", f"must be numbers or ranges, {EXAMPLES}, got the text '0 1'"),
        ("1e999", "must be a finite number, got the text '1e999'"),
        (math.inf, "must be a finite number, got inf"),
        ([math.nan], "must be a finite number, got nan"),
        (10**400, "must be a finite number, got 1" + "0" * 58 + "…"),
        pytest.param(
            10**5000,
            "must be a finite number, got a number of very many digits",
            id="an integer that Python does not print",
        ),
        ("0,0.0", "must not name a value twice, got 0 again"),
        ("0,-0", "must not name a value twice, got 0 again"),
        ([1, "1e0"], "must not name a value twice, got 1 again"),
        ("0.1,log:1e-2:1:3", "must not name a value twice, got 0.1 again"),
        ("0.1234567,0.1234567", "must not name a value twice, got 0.1234567 again"),
        (
            "geo:1:2:3",
            "ranges are log:first:last:points or lin:first:last:points, got the text 'geo:1:2:3'",
        ),
        (
            "log:1:2",
            "a range needs first, last and number of points, like log:1e-5:1e-1:9, "
            "got the text 'log:1:2'",
        ),
        (
            "lin:1:2:3:4",
            "a range needs first, last and number of points, like lin:1e-5:1e-1:9, "
            "got the text 'lin:1:2:3:4'",
        ),
        ("log:a:2:3", f"must be numbers or ranges, {EXAMPLES}, got the text 'a'"),
        ("lin:1:1:3", "a range needs two different ends, got the text 'lin:1:1:3'"),
        (
            "log:0:1:3",
            "a log range needs ends above 0; to include 0, write it before the range, like "
            "0,log:1e-5:1e-1:9, got the text 'log:0:1:3'",
        ),
        (
            "log:1:-1:3",
            "a log range needs ends above 0; to include 0, write it before the range, like "
            "0,log:1e-5:1e-1:9, got the text 'log:1:-1:3'",
        ),
        ("lin:0:1:1", "the number of points must be from 2 to 100,000, got the text 'lin:0:1:1'"),
        (
            "lin:0:1:2.0",
            "the number of points must be from 2 to 100,000, got the text 'lin:0:1:2.0'",
        ),
        (
            "lin:0:1:100001",
            "the number of points must be from 2 to 100,000, got the text 'lin:0:1:100001'",
        ),
        (
            "lin:0:1:" + "9" * 5000,
            "the number of points must be from 2 to 100,000, got the text 'lin:0:1:"
            + "9" * 51
            + "…'",
        ),
    ],
)
def test_what_a_grid_refuses(written: object, message: str) -> None:
    with pytest.raises(GridError) as caught:
        parse_grid(written)
    assert str(caught.value) == message


def test_many_ranges_are_refused_before_they_fill_the_memory() -> None:
    many = ",".join(f"lin:{start}:{start + 1}:30000" for start in range(0, 20_000, 2))
    with pytest.raises(GridError) as caught:
        parse_grid(many)
    message = "must not have more than 100,000 values, got the text 'lin:0:1:30000,"
    assert str(caught.value).startswith(message)


def test_a_wider_log_range_holds_the_values_of_a_narrower_one() -> None:
    assert set(parse_grid("log:1e-4:1e-1:4")) < set(parse_grid("log:1e-6:1:7"))
    assert set(parse_grid("log:1e-4:1e-1:7")) < set(parse_grid("log:1e-6:1:13"))


@given(first=POSITIVE, last=POSITIVE, points=COUNTS)
def test_log_ranges(first: float, last: float, points: int) -> None:
    values = log_range(first, last, points)
    assert len(values) == points
    assert (values[0], values[-1]) == (first, last)
    assert list(values) == sorted(values, reverse=first > last)
    gap = (math.log(last) - math.log(first)) / (points - 1)
    for step, value in enumerate(values):
        assert math.log(value) == pytest.approx(math.log(first) + gap * step, rel=1e-9, abs=1e-9)


@given(first=NUMBERS, last=NUMBERS, points=COUNTS)
@example(first=0.0, last=1e308, points=5)
@example(first=-1.7e308, last=1.7e308, points=4)
@example(first=0.0, last=5e-324, points=3)
def test_lin_ranges(first: float, last: float, points: int) -> None:
    values = lin_range(first, last, points)
    assert len(values) == points
    assert (values[0], values[-1]) == (first, last)
    assert list(values) == sorted(values, reverse=first > last)
    for step, value in enumerate(values):
        share = step / (points - 1)
        wanted = first * (1 - share) + last * share
        slack = 1e-12 * max(abs(first), abs(last)) + 1e-323  # the smallest numbers have no half
        assert value == pytest.approx(wanted, rel=1e-9, abs=slack)


@given(first=NUMBERS, last=NUMBERS, points=COUNTS, kind=st.sampled_from(["log", "lin"]))
def test_a_written_range_is_the_range_or_refused(
    first: float, last: float, points: int, kind: str
) -> None:
    written = f"{kind}:{first!r}:{last!r}:{points}"
    make = log_range if kind == "log" else lin_range
    if first == last or (kind == "log" and min(first, last) <= 0):
        with pytest.raises(GridError):
            parse_grid(written)
        return
    values = make(first, last, points)
    if len(set(values)) < points:  # the ends are neighbours
        with pytest.raises(GridError, match="must not name a value twice, got "):
            parse_grid(written)
    else:
        assert parse_grid(written) == values


@given(st.lists(NUMBERS.map(lambda number: number + 0.0), min_size=1, unique=True))
def test_text_list_and_numbers_agree(numbers: list[float]) -> None:
    texts = [repr(number) for number in numbers]
    assert parse_grid(numbers) == tuple(numbers)
    assert parse_grid(texts) == tuple(numbers)
    assert parse_grid(",".join(texts)) == tuple(numbers)
    assert parse_grid(tuple(numbers)) == tuple(numbers)
    assert parse_grid(numbers[0]) == parse_grid(texts[0]) == (numbers[0],)


@given(st.lists(st.integers(-9, 9), min_size=1, unique=True), st.data())
def test_any_duplicate_is_refused_by_name(numbers: list[int], data: st.DataObject) -> None:
    again = data.draw(st.sampled_from(numbers))
    spelt = data.draw(st.sampled_from([again, float(again), f"{again}e0", f" {again}.0 "]))
    with pytest.raises(GridError) as caught:
        parse_grid([*numbers, spelt])
    assert str(caught.value) == f"must not name a value twice, got {again} again"


PIECES = st.sampled_from(
    ["log", "lin", ":", ",", "0", "1", "-", "+", ".", "e", "9", " ", "nan", "inf", "²", "1e-3"]
)
JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.lists(PIECES, max_size=12).map("".join)
    | st.binary(max_size=4),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)


@given(JUNK)
@example([10**400])
@example("lin:0:1:²")
def test_junk_is_a_grid_or_a_grid_error(junk: Any) -> None:
    try:
        values = parse_grid(junk)
    except GridError:
        return
    else:
        assert 1 <= len(values) <= MAX_POINTS
        assert all(type(value) is float and math.isfinite(value) for value in values)
        assert len(set(values)) == len(values)
