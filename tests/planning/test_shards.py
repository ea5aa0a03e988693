"""Parts of a grid: every run is in exactly one, with the run that it starts from."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regcli.planning.shards import Shard
from regcli.results.stops import Stop


@dataclass(frozen=True)
class Point:
    id: str
    parent: str | None = None
    stop: Stop | None = None


@st.composite
def graphs(draw: st.DrawFn) -> list[Point]:
    runs: list[Point] = []
    for number in range(draw(st.integers(0, 40))):
        parent = draw(st.none() | st.sampled_from([run.id for run in runs])) if runs else None
        runs.append(Point(f"r{number}", parent))
    return runs


@given(runs=graphs(), count=st.integers(1, 9))
def test_parts_are_whole_and_do_not_overlap(runs: list[Point], count: int) -> None:
    parts = [Shard(number, count).of(runs) for number in range(1, count + 1)]
    assert sorted(run.id for part in parts for run in part) == sorted(run.id for run in runs)
    for part in parts:
        ids = [run.id for run in part]
        assert ids == [run.id for run in runs if run.id in ids]  # in the order of the grid
        assert all(run.parent is None or run.parent in ids for run in part)
    roots = [sum(run.parent is None for run in part) for part in parts]
    assert max(roots) - min(roots) <= 1


def test_a_run_that_is_named_twice_stays_in_one_part() -> None:
    runs = [Point("a"), Point("b"), Point("a")]
    assert [run.id for run in Shard(1, 2).of(runs)] == ["a", "a"]
    assert [run.id for run in Shard(2, 2).of(runs)] == ["b"]


@pytest.mark.parametrize(("text", "shard"), [("1/1", Shard(1, 1)), ("003/8", Shard(3, 8))])
def test_how_a_part_is_written(text: str, shard: Shard) -> None:
    assert Shard.parse(text) == shard


def test_a_part_is_shown_as_it_is_written() -> None:
    assert str(Shard(3, 8)) == "3/8"


@pytest.mark.parametrize("text", ["0/8", "9/8", "3", "3/0", "-1/8", "3/8/2", "a/b", "", "1/10001"])
def test_what_is_no_part(text: str) -> None:
    with pytest.raises(ValueError, match="must be a part of at most 10,000 parts") as refused:
        Shard.parse(text)
    assert str(refused.value) == f"must be a part of at most 10,000 parts, like 3/8; got '{text}'"
