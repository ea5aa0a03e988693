"""Runs that one trainer takes together, as plain data that any process can be given."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from regcli.data.dataset import Splits
from regcli.data.references import DataReference, Datasets
from regcli.planning.graph import RunGraph
from regcli.planning.identity import content_hash
from regcli.planning.populations import population_key
from regcli.planning.run import Run

MOST_FILLING = 2
"""How many times the rows that its members have a population may compute at most.

Each member computes as many rows as the longest split has. A training part that grows from fold to
fold, as in rolling-origin validation, comes to less than twice: 2K/(K + 1) times with K folds.
"""

Sizes = tuple[int, ...]
"""How many rows the parts of a split have, 0 for one that is not there."""


@dataclass(frozen=True)
class Batch:
    """Runs of one architecture, on rows with the same columns.

    Their splits may have unequally many rows: see `MOST_FILLING`.

    Attributes:
        key: a name for the whole population, or for this process's share of it, stored members
            included.
        runs: those that are to be trained, parents before their children.
        members: how many the whole population has: a sweep that is resumed must not change its
            trainer.
        at_once: how many of them need not wait for another one to end.
        data: every split of the whole population, once each: a sweep that is resumed must not
            change the shape of its programs.
    """

    key: str
    runs: tuple[Run, ...]
    members: int
    at_once: int
    data: tuple[DataReference, ...]


def make_batches(
    graph: RunGraph[Run],
    pending: Collection[str],
    data: Datasets,
    share: Collection[str] | None = None,
) -> tuple[Batch, ...]:
    """The runs of a graph in their batches.

    Args:
        pending: ids of those that are to be trained; batches of the others are left out.
        share: ids of those that are this process's to train, stored ones included; None for all.
            The trainer is chosen by the whole graph, so that shares have the numbers of the whole.
    """
    alike: dict[str, list[Run]] = {}
    for run in graph.runs.values():
        alike.setdefault(population_key(run.config, run.keep_zeros), []).append(run)
    groups = [group for runs in alike.values() for group in _on_like_rows(runs, data)]
    batches = (_batch(group, pending, data, share) for group in groups)
    return tuple(batch for batch in batches if batch.runs)


def _on_like_rows(runs: Sequence[Run], data: Datasets) -> Iterator[list[Run]]:
    """Runs grouped by the columns and parts of their splits, then as `rooms` has it."""
    forms: dict[object, list[Run]] = {}
    for run in runs:
        forms.setdefault(_form(data.of(run.data)), []).append(run)
    for alike in forms.values():
        sizes = [_sizes(data.of(run.data)) for run in alike]
        room_of = rooms(Counter(sizes))
        groups: dict[int, list[Run]] = {}
        for run, own in zip(alike, sizes, strict=True):
            groups.setdefault(room_of[own], []).append(run)
        yield from groups.values()


def _form(splits: Splits) -> object:
    """What members of a population have in common of their rows."""
    present = tuple(part is not None for _, part in splits.parts())
    # Rows in files stay there: those of several splits are not put side by side.
    own = id(splits) if splits.is_scanned else None
    return splits.train.x.shape[1:], splits.columns, splits.columns_of_inputs, present, own


def _sizes(splits: Splits) -> Sizes:
    return tuple(0 if part is None else len(part) for _, part in splits.parts())


def rooms(members: Mapping[Sizes, int]) -> dict[Sizes, int]:
    """Which population the splits of each size go to, by number, so that filling is bounded.

    From the smallest size on, the next one joins the last population unless its members would then
    compute more than `MOST_FILLING` times the rows that they have, over all parts.

    Args:
        members: how many there are of each size.
    """
    found: dict[Sizes, int] = {}
    room, together = 0, dict[Sizes, int]()
    for sizes in sorted(members):
        together[sizes] = members[sizes]
        if _filling(together) > MOST_FILLING:
            room, together = room + 1, {sizes: members[sizes]}
        found[sizes] = room
    return found


def _filling(members: Mapping[Sizes, int]) -> float:
    """How many times the rows that they have members compute where all have the longest parts."""
    longest: int = sum(max(rows) for rows in zip(*members, strict=True))
    own = sum(sum(sizes) * count for sizes, count in members.items())
    return longest * sum(members.values()) / own


def _batch(
    group: Sequence[Run],
    pending: Collection[str],
    data: Datasets,
    share: Collection[str] | None,
) -> Batch:
    shared = [run for run in group if share is None or run.id in share]
    ids = [run.id for run in shared]
    own = frozenset(ids)
    distinct: dict[int, DataReference] = {}
    for run in shared:
        distinct.setdefault(id(data.of(run.data)), run.data)
    return Batch(
        key=content_hash(["population", *ids]),
        runs=tuple(run for run in group if run.id in pending),
        members=len(group),
        at_once=sum(run.parent not in own for run in shared),
        data=tuple(distinct.values()),
    )
