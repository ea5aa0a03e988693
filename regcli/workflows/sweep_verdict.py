"""The verdict on a sweep that has ended, from what the store has of its runs."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from regcli.config.problems import Path, dotted
from regcli.results.records import STRENGTHS, RunRecord, SweepRecord
from regcli.results.settings import SettingSummary, by_setting, validation_rows
from regcli.results.verdict.judgement import MARGIN, Retraining, Verdict, judge
from regcli.store.store import Store
from regcli.store.store_row_values import read_row_values

if TYPE_CHECKING:  # what is stored is judged without what trains
    from regcli.config.load import LoadedConfig
    from regcli.workflows.graph_training import SweepResult

SECTIONS = ("dataset", "model", "regularization", "training")
"""Sections of a config that decide what a run is trained with."""
REPLICATED = frozenset({"dataset.fold", "dataset.seed", "training.seed"})
"""Keys in which the runs of one setting differ."""


def judge_sweep(
    loaded: "LoadedConfig", result: "SweepResult", store: Store, along: str = ""
) -> Verdict | None:
    """The verdict on a sweep; None on one that was interrupted, or where nothing ranks settings.

    Args:
        along: the strength that varies along a path, of which the runs are the points.

    Raises:
        StoreError: what was stored of a run's rows cannot be read.
    """
    if result.interrupted:
        return None
    settings = by_setting(result.records)
    if along:
        settings = with_all_splits(settings)
    verdict = judge(settings, partial(read_row_values, store), loaded.config.margin, along)
    if verdict is None or along:  # a point of a path starts from the one before it
        return verdict
    use = verdict.settings[verdict.use].records[0]
    return replace(verdict, retraining=retraining(loaded, use.config))


def judge_stored(sweep: SweepRecord, records: Sequence[RunRecord], store: Store) -> Verdict | None:
    """The verdict on the runs of a stored sweep, without how to train again; as `judge_sweep`.

    Args:
        records: those of its runs that are stored.

    Raises:
        StoreError: what was stored of a run's rows cannot be read.
    """
    along = strength_along(records)
    settings = by_setting(records)
    if along:
        settings = with_all_splits(settings)
    margin = MARGIN if sweep.margin is None else sweep.margin
    return judge(settings, partial(read_row_values, store), margin, along)


def strength_along(records: Sequence[RunRecord]) -> str:
    """The strength along which runs of a path start from one another; empty for a grid."""
    ids = {record.id for record in records}
    if not any(record.parent in ids and not record.keep_zeros for record in records):
        return ""
    settings = [record.settings for record in records]
    for key in dict.fromkeys(key for each in settings for key in each):
        values = {repr(each.get(key)) for each in settings}
        if key.rpartition(".")[-1] in STRENGTHS and len(values) > 1:
            return key.rpartition(".")[-1]
    return ""


def with_all_splits(points: Sequence[SettingSummary]) -> tuple[SettingSummary, ...]:
    """The points that every fold and split of a path has reached: some end before others."""
    splits = [frozenset(map(validation_rows, point.records)) for point in points]
    every = frozenset[Hashable]().union(*splits)
    return tuple(p for p, own in zip(points, splits, strict=True) if own == every)


def retraining(loaded: "LoadedConfig", config: Mapping[str, Any]) -> Retraining:
    """How to train a setting of a sweep on all rows but the test rows, which stay the same.

    Where early stopping watches validation rows these are kept, by the config's own split.

    Set is what options of the sweep's command changed in the config, and what the setting has in
    place of that.

    Args:
        config: of any run of the setting, as its record has it.
    """
    typed = {
        dotted(path): loaded.document.get(path)
        for path in loaded.document.values
        if path and path[0] in SECTIONS and loaded.document.option(path)
    }
    own = loaded.config.resolved()
    changed = {
        dotted(path): value
        for section in SECTIONS
        for path, value in _changes(own.get(section) or {}, config.get(section) or {}, (section,))
        if dotted(path) not in REPLICATED
    }
    early = (config.get("training") or {}).get("early_stopping") or {}
    watches = early.get("monitor", "").startswith("validation.")
    on_all = {} if watches else {"dataset.train_on_validation": True}
    return Retraining(loaded.document.source, {**typed, **changed, **on_all})


def _changes(old: Any, new: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    """The values to set in order to make new data of old, each at its path.

    Keys that a section no longer has are set to null. Of any other mapping, and of a list of
    another length, all is set at once.
    """
    if (
        isinstance(old, Mapping)
        and isinstance(new, Mapping)
        and (len(path) == 1 or old.keys() <= new.keys())
    ):
        for key in dict.fromkeys([*old, *new]):
            yield from _changes(old.get(key), new.get(key), (*path, key))
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for place, pair in enumerate(zip(old, new, strict=True)):
            yield from _changes(*pair, (*path, place))
    elif old != new:
        yield path, new
