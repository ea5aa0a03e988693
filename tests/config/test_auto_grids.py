"""`auto:N` in a grid: what is told apart before anything is known of the data."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from loading import Load, Problems

from regcli.config.grid import GridError, auto_range, parse_auto, parse_grid
from regcli.errors import ConfigError
from regcli.planning.members import plan_sweep

from .test_grid import JUNK

LARGEST = st.floats(min_value=1e-6, max_value=1e6)
COUNTS = st.integers(2, 60)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("auto:9", ([], 9)),
        ("0,auto:4", (["0"], 4)),
        (" auto:4 , 0", (["0"], 4)),
        ([0, "auto:4", "1,2"], ([0, "1", "2"], 4)),
        ("0,log:1e-3:1:4,auto:5", (["0", "log:1e-3:1:4"], 5)),
        ("0,0.1", None),
        (0.5, None),
        ([], None),
    ],
)
def test_what_is_beside_auto(written: object, meant: object) -> None:
    assert parse_auto(written) == meant


@given(largest=LARGEST, points=COUNTS)
def test_a_range_goes_down_to_a_thousandth_in_equal_ratios(largest: float, points: int) -> None:
    values = auto_range(largest, points)
    assert (len(values), values[0], values[-1]) == (points, largest, largest / 1000)
    assert list(values) == sorted(set(values), reverse=True)
    ratios = [after / before for before, after in pairwise(values)]
    assert ratios == pytest.approx([1000 ** (-1 / (points - 1))] * (points - 1), rel=1e-9)


@given(numbers=st.lists(st.integers(0, 99), unique=True), points=COUNTS, place=st.integers(0, 99))
def test_it_is_found_wherever_it_stands(numbers: list[int], points: int, place: int) -> None:
    items: list[Any] = [str(number) for number in numbers]
    items.insert(place % (len(items) + 1), f"auto:{points}")
    expected = (list(map(str, numbers)), points)
    assert parse_auto(",".join(items)) == parse_auto(items) == expected


@given(JUNK)
def test_junk_is_a_grid_with_auto_or_without_or_a_grid_error(junk: Any) -> None:
    try:
        found = parse_auto(junk)
    except GridError:
        return
    if found is not None:
        assert 2 <= found[1] <= 100_000


@pytest.mark.parametrize(
    ("grid", "problem"),
    [
        ("auto", "auto needs a number of points, like auto:9, got the text 'auto'"),
        ("auto:x", "auto needs a number of points, like auto:9, got the text 'auto:x'"),
        ("auto:-3", "auto needs a number of points, like auto:9, got the text 'auto:-3'"),
        ("auto:1", "the number of points must be from 2 to 100,000, got the text 'auto:1'"),
        (
            "auto:100001",
            "the number of points must be from 2 to 100,000, got the text 'auto:100001'",
        ),
        ("auto:3,auto:4", "must not have auto twice, got the text 'auto:4' again"),
        ("-1,auto:3", "must be at least 0, got -1"),
        ("0,0,auto:3", "must not name a value twice, got 0 again"),
        (
            "x,auto:3",
            "must be numbers or ranges, like 0,0.01 or log:1e-5:1e-1:9, got the text 'x'",
        ),
    ],
)
def test_what_is_refused(grid: str, problem: str, problems: Problems) -> None:
    text = f"dataset: {{name: iris}}\nsweep: {{l1: '{grid}'}}\n"
    assert problems(text) == [f"c.yaml:2:13: sweep.l1: {problem}"]


ALONE = (
    "auto is only for l1, which has a largest useful strength; "
    "write numbers or a range, like 0,0.01 or log:1e-5:1e-1:9"
)


@pytest.mark.parametrize("grid", ["'auto:3'", "auto", "'0,auto:3'", "[0, auto:3]"])
def test_only_l1_has_a_largest_strength_to_begin_with(grid: str, problems: Problems) -> None:
    text = f"dataset: {{name: iris}}\nsweep: {{l2: {grid}}}\n"
    got = "auto" if grid == "auto" else "auto:3"
    assert problems(text) == [f"c.yaml:2:13: sweep.l2: {ALONE}, got the text '{got}'"]


@pytest.mark.parametrize(
    "key", ["l1", "regularization.l2", "regularization.group_strength", "training.epochs"]
)
@pytest.mark.parametrize("values", ["'auto:3'", "[0, 'auto:3']"])
def test_nor_has_a_varied_key(key: str, values: str, load: Load) -> None:
    loaded = load(f"dataset: {{name: iris}}\nsweep:\n  vary: {{{key}: {values}}}\n")
    with pytest.raises(ConfigError) as refused:
        plan_sweep(loaded)
    where = f"c.yaml:3:{12 + len(key)}: sweep.vary.{key}"
    assert refused.value.problems == (f"{where}: {ALONE}, got the text 'auto:3'",)


def test_a_config_keeps_it_as_text_that_reads_back_the_same(load: Load) -> None:
    loaded = load("dataset: {name: iris}\nsweep: {l1: [0, 1.0e-05, 'auto:3']}\n")
    written = loaded.config.resolved()["sweep"]["l1"]
    again = loaded.with_values({"sweep.l1": written})
    assert again.config == loaded.config
    found = parse_auto(written)
    assert found is not None
    assert (parse_grid(found[0]), found[1]) == ((0.0, 1e-05), 3)
