"""What is wrong with a store, in sentences."""

from collections.abc import Iterator, Sequence

from regcli.results.trouble import Grade, Trouble
from regcli.store import store_errors
from regcli.store.migrations import LATEST
from regcli.store.store_errors import DATABASE_NAME
from regcli.store.store_health import StoreHealth

_MOST = 5
"""Things that a sentence names."""


def troubles(health: StoreHealth) -> Iterator[Trouble]:
    """What is wrong with a store, the worst first."""
    database = health.folder / DATABASE_NAME
    if health.reason:
        yield Trouble(
            Grade.BROKEN,
            f"{database} cannot be used: {health.reason}",
            is_mendable=health.is_corrupt,
        )
    if health.damaged:
        yield Trouble(Grade.BROKEN, store_errors.damaged_runs(health.damaged))
    if health.lost:
        yield Trouble(Grade.BROKEN, _lost_words(health), is_mendable=True)
    if health.blobs:
        yield Trouble(Grade.BROKEN, _blob_words(health.blobs))
    if health.unknown:
        count = _count(len(health.unknown), "folder of a run has", "folders of runs have")
        shown = _shown(health.unknown)
        yield Trouble(Grade.BROKEN, f"{count} no record: {shown}", is_mendable=True)
    yield from _leftover_troubles(health)


def _leftover_troubles(health: StoreHealth) -> Iterator[Trouble]:
    left = health.leftovers
    if left.stale:
        count = _count(left.stale, "run is", "runs are")
        yield Trouble(Grade.LEFT_OVER, f"{count} claimed by processes that ended", True)
    if left.folders:
        count = _count(len(left.folders), "folder", "folders")
        yield Trouble(Grade.LEFT_OVER, f"{count} of processes that were killed while storing", True)
    if left.checkpoints:
        count = _count(len(left.checkpoints), "checkpoint", "checkpoints")
        yield Trouble(Grade.LEFT_OVER, f"{count} of runs that are stored, or cut off", True)
    if health.version is not None and 0 <= health.version < LATEST and not health.reason:
        yield Trouble(
            Grade.NOTE,
            f"{health.folder / DATABASE_NAME} has version {health.version}; the next command on "
            f"this store brings it to version {LATEST}",
        )


def _lost_words(health: StoreHealth) -> str:
    missing = [f"{lost.run_id}/{lost.name}" for lost in health.lost if not lost.is_there]
    changed = [f"{lost.run_id}/{lost.name}" for lost in health.lost if lost.is_there]
    parts = []
    if missing:
        parts.append(f"{_count(len(missing), 'file', 'files')} missing: {_shown(missing)}")
    if changed:
        parts.append(f"{_count(len(changed), 'file', 'files')} changed: {_shown(changed)}")
    return "; ".join(parts)


def _blob_words(blobs: Sequence[tuple[str, str]]) -> str:
    runs = list(dict.fromkeys(run_id for run_id, _ in blobs))
    kinds = " and ".join(sorted({name for _, name in blobs}))
    return (
        f"the {kinds} of {_count(len(runs), 'run', 'runs')} were changed after they were stored: "
        f"{_shown(runs)}; remove them with 'regcli runs rm {' '.join(runs[:_MOST])}', then train "
        "them again"
    )


def _shown(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST:,} more" if len(names) > _MOST else ""
    return f"{', '.join(names[:_MOST])}{more}"


def _count(number: int, one: str, several: str) -> str:
    return f"{number:,} {one if number == 1 else several}"
