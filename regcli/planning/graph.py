"""Runs that start from each other: which may begin, and which come after an end of a path.

The one place that knows what comes after what: trainers ask a `Frontier` for the runs that have
become ready, and whoever shows a path asks the graph which of its points are reached.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Generic, Protocol, TypeVar

from regcli.results.records import RunState
from regcli.results.stops import Ended, Stop


class Node(Protocol):
    """What a graph knows of a run."""

    @property
    def id(self) -> str:
        """Its id."""

    @property
    def parent(self) -> str | None:
        """The id of the run that it starts from; None for none."""

    @property
    def stop(self) -> Stop | None:
        """Where the path ends that it is a point of, if it is one."""


N = TypeVar("N", bound=Node)


@dataclass(frozen=True)
class RunGraph(Generic[N]):
    """Runs by id, each once, parents before their children.

    A parent that is not among them has ended before.
    """

    runs: Mapping[str, N]
    children: Mapping[str, Sequence[N]]

    @classmethod
    def of(cls, runs: Iterable[N]) -> "RunGraph[N]":
        """The graph of some runs; one that is named twice is one.

        Args:
            runs: parents before their children.
        """
        by_id: dict[str, N] = {}
        children: dict[str, list[N]] = {}
        for run in runs:
            if run.id not in by_id:
                by_id[run.id] = run
                if run.parent in by_id and run.parent is not None:
                    children.setdefault(run.parent, []).append(run)
        return cls(MappingProxyType(by_id), MappingProxyType(children))

    @property
    def roots(self) -> tuple[N, ...]:
        """The runs that need not wait for another one of the graph."""
        return tuple(run for run in self.runs.values() if run.parent not in self.runs)

    def reached(self, ended: Mapping[str, Ended]) -> tuple[N, ...]:
        """The runs that do not come after the end of their path, finished or not.

        A path that once went further has stored points after an end that is requested later.

        Args:
            ended: runs that have ended, by id.
        """
        behind: set[str] = set()
        found = []
        for run in self.runs.values():
            parent = None if run.parent is None else self.runs.get(run.parent)
            if parent is not None and (parent.id in behind or _ends_for_good(parent, ended)):
                behind.add(run.id)
            else:
                found.append(run)
        return tuple(found)

    def after(self, identity: str) -> Iterator[N]:
        """Every run that comes after another one, each before its own children."""
        waiting = list(self.children.get(identity, ()))
        while waiting:
            run = waiting.pop(0)
            yield run
            waiting[:0] = self.children.get(run.id, ())


def _ends_for_good(run: Node, ended: Mapping[str, Ended]) -> bool:
    """Whether a run has ended, and its path with it, in a way that is not tried again."""
    how = ended.get(run.id)
    return how is not None and how.state.is_final and _ends_path(run, how)


def _ends_path(run: Node, how: Ended) -> bool:
    """Whether no run is to be started from one that has ended so."""
    if how.state is not RunState.FINISHED:
        return True
    return run.stop is not None and run.stop.ends_with(how)


class Frontier(Generic[N]):
    """The runs of a graph that may begin, as others end.

    Attributes:
        left: the runs that have neither ended nor been left out, by id, in the graph's order.
    """

    def __init__(self, graph: RunGraph[N]) -> None:
        self.graph = graph
        self.left: dict[str, N] = dict(graph.runs)

    def end(self, identity: str, how: Ended) -> tuple[N, ...]:
        """Note that a run has ended; the runs that may begin with that.

        Runs after the end of a path are left out.
        """
        run = self.left.pop(identity)
        if not _ends_path(run, how):
            return tuple(self.graph.children.get(identity, ()))
        for follower in self.graph.after(identity):
            self.left.pop(follower.id, None)
        return ()

    def waits_for(self, identity: str | None) -> bool:
        """Whether a run that is left starts from a certain one."""
        return any(child.id in self.left for child in self.graph.children.get(identity or "", ()))
