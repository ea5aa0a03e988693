"""Bringing the runs of several stores together, such as those of the shards of a sweep.

A run is known by its id, which follows from all that decides its numbers. So merging again changes
nothing, and a merge that was killed is finished by merging again.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from regcli.errors import StoreError
from regcli.results.records import RunRecord
from regcli.store.store import Findings, Store
from regcli.store.store_contents import WholeRun

RUNS_AT_ONCE = 200
"""Runs that are read and stored together: in one transaction, and in memory."""


@dataclass(frozen=True)
class Merged:
    """What a store was given of another one.

    Attributes:
        folder: of the other one.
        added: how many runs are new, or have taken the place of one that had not ended.
        equal: how many were there already with the same results.
        different: ids of runs that were there with other results; they stay as they were.
        damaged: ids of runs that cannot be read, with the reason; they are left out.
        sweeps: how many sweeps are new.
    """

    folder: Path
    added: int
    equal: int
    different: tuple[str, ...]
    damaged: tuple[tuple[str, str], ...]
    sweeps: int


def merge_store(source: Store, target: Store) -> Merged:
    """Store in one store what another one has: runs with all that belongs to them, and sweeps.

    Raises:
        StoreError: a store cannot be read or written; what is stored until then stays.
    """
    findings = source.findings()
    added = equal = 0
    different: list[str] = []
    damaged: list[tuple[str, str]] = []
    for ids in _portions(source.run_ids()):
        found, unreadable = source.find_readable(ids)
        damaged += [(damage.run_id, damage.sentence) for damage in unreadable]
        there = target.find_readable(found)[0]
        new = []
        for record in found.values():
            known = there.get(record.id)
            if known is not None and (known.state.is_final or not record.state.is_final):
                if same_results(known, record):
                    equal += 1
                else:
                    different.append(record.id)
                continue
            try:
                new.append(source.whole_run(record))
            except StoreError as error:
                damaged.append((record.id, str(error)))
        _store(new, target, findings)
        added += len(new)
    sweeps = _merge_sweeps(source, target)
    return Merged(source.folder, added, equal, tuple(different), tuple(damaged), sweeps)


def same_results(one: RunRecord, other: RunRecord) -> bool:
    """Whether two records of a run say the same; seconds, dates and machines may differ."""
    return all(
        getattr(one, name) == getattr(other, name)
        for name in ("state", "epochs", "metrics", "sparsity")
    )


def _portions(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for begin in range(0, len(ids), RUNS_AT_ONCE):
        yield ids[begin : begin + RUNS_AT_ONCE]


def _store(new: Iterable[WholeRun], target: Store, findings: Findings) -> None:
    runs = list(new)
    if runs:
        target.add_many(
            [(run.record, run.files) for run in runs],
            {run.record.id: run.blobs for run in runs},
            findings=findings,
        )


def _merge_sweeps(source: Store, target: Store) -> int:
    known = {sweep.id for sweep in target.sweeps()}
    new = [sweep for sweep in reversed(source.sweeps()) if sweep.id not in known]
    for sweep in new:
        target.add_sweep(sweep)
    return len(new)
