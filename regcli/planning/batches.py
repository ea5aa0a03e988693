"""Runs that one trainer takes together, as plain data that any process can be given."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from regcli.data.references import Datasets
from regcli.planning.graph import RunGraph
from regcli.planning.identity import content_hash
from regcli.planning.populations import population_key
from regcli.planning.run import Run


@dataclass(frozen=True)
class Batch:
    """Runs of one architecture, with as many rows in each part.

    Attributes:
        key: a name for the whole population, stored members included.
        runs: those that are to be trained, parents before their children.
        members: how many the whole population has: a sweep that is resumed must not change its
            trainer.
        at_once: how many of them need not wait for another one to end.
    """

    key: str
    runs: tuple[Run, ...]
    members: int
    at_once: int


def make_batches(
    graph: RunGraph[Run], pending: Collection[str], data: Datasets
) -> tuple[Batch, ...]:
    """The runs of a graph in their batches.

    Args:
        pending: ids of those that are to be trained; batches of the others are left out.
    """
    alike: dict[str, list[Run]] = {}
    for run in graph.runs.values():
        alike.setdefault(population_key(run.config, run.keep_zeros), []).append(run)
    groups = [group for runs in alike.values() for group in _with_equal_rows(runs, data)]
    batches = (_batch(group, pending) for group in groups)
    return tuple(batch for batch in batches if batch.runs)


def _with_equal_rows(runs: Sequence[Run], data: Datasets) -> Iterator[list[Run]]:
    """Runs grouped by the number of rows and columns of their splits."""
    groups: dict[object, list[Run]] = {}
    for run in runs:
        shapes = tuple(part and part.x.shape for _, part in data.of(run.data).parts())
        groups.setdefault(shapes, []).append(run)
    return iter(groups.values())


def _batch(group: Sequence[Run], pending: Collection[str]) -> Batch:
    ids = [run.id for run in group]
    own = frozenset(ids)
    return Batch(
        key=content_hash(["population", *ids]),
        runs=tuple(run for run in group if run.id in pending),
        members=len(group),
        at_once=sum(run.parent not in own for run in group),
    )
