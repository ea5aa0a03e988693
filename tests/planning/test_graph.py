"""Runs that start from each other: what may begin, and what lies behind an end."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regcli.planning.graph import Frontier, RunGraph
from regcli.results.records import RunState, Sparsity
from regcli.results.stops import Stop


@dataclass(frozen=True)
class Point:
    id: str
    parent: str | None = None
    stop: Stop | None = None


@dataclass(frozen=True)
class End:
    state: RunState
    sparsity: Sparsity | None


def end(nonzero: int = 9, state: RunState = RunState.FINISHED) -> End:
    kept = Sparsity(
        exact=0,
        near=0,
        threshold=0,
        nonzero=nonzero,
        total=9,
        active_inputs=None,
        live_units={},
        layers=(),
    )
    return End(state, kept)


def path(*ids: str, stop: Stop | None = None) -> list[Point]:
    return [Point(own, before, stop) for before, own in zip((None, *ids), ids, strict=False)]


def ids(points: object) -> list[str]:
    return [point.id for point in points]  # type: ignore[attr-defined]


TREE = [*path("a", "b", "c", stop=Stop()), Point("d", "a", Stop()), *path("x", "y", stop=Stop())]


def test_roots_wait_for_no_other_run() -> None:
    graph = RunGraph.of([*TREE, Point("s", parent="stored before")])
    assert ids(graph.roots) == ["a", "x", "s"]
    assert ids(graph.after("a")) == ["b", "c", "d"]
    assert ids(graph.after("c")) == []


def test_a_run_that_is_named_twice_is_one() -> None:
    graph = RunGraph.of([*TREE, *TREE])
    assert list(graph.runs) == ["a", "b", "c", "d", "x", "y"]
    assert ids(graph.children["a"]) == ["b", "d"]


def test_a_run_may_begin_once_the_one_before_it_has_ended() -> None:
    frontier = Frontier(RunGraph.of(TREE))
    assert ids(frontier.end("a", end())) == ["b", "d"]
    assert frontier.waits_for("b")
    assert ids(frontier.end("b", end())) == ["c"]
    assert not frontier.waits_for("c")
    assert list(frontier.left) == ["c", "d", "x", "y"]


@pytest.mark.parametrize(
    "how",
    [end(0), *(end(9, state) for state in RunState if state is not RunState.FINISHED)],
    ids=["empty", "diverged", "failed", "interrupted"],
)
def test_nothing_behind_an_end_may_begin(how: End) -> None:
    frontier = Frontier(RunGraph.of(TREE))
    assert frontier.end("a", how) == ()
    assert list(frontier.left) == ["x", "y"]


def test_a_failed_run_is_tried_again_and_what_follows_it_is_still_asked_for() -> None:
    graph = RunGraph.of(TREE)
    assert ids(graph.reached({"a": end(9, RunState.FAILED)})) == list(graph.runs)
    assert ids(graph.reached({"a": end(9, RunState.DIVERGED)})) == ["a", "x", "y"]
    assert ids(graph.reached({"b": end(0)})) == ["a", "b", "d", "x", "y"]


def test_stored_points_behind_an_end_are_not_reached() -> None:
    """The path went further once, with a later end."""
    graph = RunGraph.of(path("a", "b", "c", "d", stop=Stop(max_nonzero=3)))
    assert ids(graph.reached({"a": end(5), "b": end(3), "c": end(2), "d": end(1)})) == ["a", "b"]


def test_a_path_of_very_many_points_has_an_end() -> None:
    names = [f"{number}" for number in range(5_000)]
    graph = RunGraph.of(path(*names, stop=Stop()))
    assert ids(graph.after("0")) == names[1:]
    frontier = Frontier(graph)
    frontier.end("0", end(0))
    assert not frontier.left


@given(st.lists(st.integers(0, 9), max_size=9), st.lists(st.integers(0, 3), max_size=9))
def test_every_run_ends_or_lies_behind_an_end(parents: list[int], left: list[int]) -> None:
    """In whatever order ready runs end, those that ended are the ones that are reached."""
    points = [
        Point(str(n), str(parent) if parent < n else None, Stop(1))
        for n, parent in enumerate(parents)
    ]
    graph = RunGraph.of(points)
    frontier, ready, ended = Frontier(graph), list(graph.roots), dict[str, End]()
    while ready:
        run = ready.pop()
        ended[run.id] = end(left[int(run.id) % len(left)] if left else 0)
        ready += frontier.end(run.id, ended[run.id])
    assert not frontier.left
    assert set(ended) == set(ids(graph.reached(ended)))
