"""Everything that the store has of some runs: what a report of them is made from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

from numpy.typing import NDArray

from regcli.config.document import value_at
from regcli.data.preparing.preparation import Preparation
from regcli.errors import StoreError, UsageError
from regcli.results.kept_predictions import KeptPredictions
from regcli.results.records import RunRecord, SweepRecord
from regcli.results.settings import SettingSummary, by_setting
from regcli.results.verdict.judgement import MARGIN, Verdict, judge
from regcli.results.verdict.samples import Samples
from regcli.store.store import Store
from regcli.store.store_predictions import read_predictions
from regcli.store.store_preparations import read_preparation
from regcli.store.store_row_values import read_row_values
from regcli.store.store_weights import read_weights
from regcli.workflows.named_runs import BEST, USE, find_run
from regcli.workflows.stored_sweeps import as_swept, find_sweep_or_path, with_same_keys
from regcli.workflows.sweep_verdict import strength_along, with_all_splits

Weights = Mapping[str, NDArray[Any]]


@dataclass(frozen=True)
class Evidence:
    """Stored runs, gathered by setting, with what the store knows of them.

    Attributes:
        sweeps: those that the runs are of; none where runs were named.
        settings: each with its runs.
        left_out: how many points of a path are not among them, since not every fold reached them.
        refits: runs that were trained again on another one's support, by that one's id.
        along: the strength that varies along a path; empty for a grid.
        verdict: None where nothing ranks the settings.
    """

    store: Store
    sweeps: tuple[SweepRecord, ...]
    settings: tuple[SettingSummary, ...]
    left_out: int
    refits: Mapping[str, RunRecord]
    along: str
    verdict: Verdict | None

    @property
    def records(self) -> list[RunRecord]:
        """The runs of all settings, in their order."""
        return [run for setting in self.settings for run in setting.records]

    @property
    def chosen(self) -> SettingSummary:
        """The setting to use; the first one where nothing says which."""
        return self.settings[0] if self.verdict is None else self.settings[self.verdict.use]

    @cached_property
    def samples(self) -> Samples:
        """Results of settings with their uncertainty."""
        return Samples(partial(read_row_values, self.store), len(self.records))

    def rows(self, run: RunRecord) -> Mapping[str, Mapping[str, NDArray[Any]]]:
        """What a run did with each row by part; nothing where that was not stored."""
        return read_row_values(self.store, run.id) or {}

    def predictions(self, run: RunRecord) -> KeptPredictions | None:
        """What a run predicts row by row; None where that was not stored, or is damaged."""
        try:
            return read_predictions(self.store, run.id)
        except StoreError:
            return None

    def weights(self, run: RunRecord) -> Weights | None:
        """A run's weights by name; None where they were not stored, or are damaged."""
        try:
            return read_weights(self.store, run.id)
        except StoreError:
            return None

    def preparation(self, run: RunRecord) -> Preparation | None:
        """What made inputs of the table's columns; None where that cannot be read."""
        try:
            return read_preparation(self.store, run)
        except StoreError:
            return None


def find_evidence(names: Sequence[str], store: Store, *, path_first: bool = False) -> Evidence:
    """What the store has of the sweeps and runs that are named; of none, of the newest sweep.

    Args:
        path_first: where a sweep and a path have a name, it stands for the path.

    Raises:
        UsageError: a name is of nothing, or nothing is stored.
        StoreError: what is stored cannot be read.
    """
    sweeps, records = _with_points(*_found(names, store, path_first), store)
    unique = {record.id: record for record in records}
    points = [record for record in unique.values() if record.refit_of is None] or [*unique.values()]
    refits = {
        record.refit_of: record
        for record in unique.values()
        if record.refit_of is not None and record not in points
    }
    if not points:
        raise UsageError("none of the runs of this sweep is stored any more")
    settings = by_setting(with_same_keys(points))
    along = strength_along(points)
    margin = _margin(sweeps, points)
    kept = with_all_splits(settings) if along else settings
    verdict = judge(kept, partial(read_row_values, store), margin, along)
    return Evidence(store, sweeps, kept, len(settings) - len(kept), refits, along, verdict)


def _found(
    names: Sequence[str], store: Store, path_first: bool
) -> tuple[tuple[SweepRecord, ...], list[RunRecord]]:
    """Sweeps and runs by their names; what a name stands for is the whole sweep, not its best."""
    if not names:
        newest = next(iter(store.sweeps()), None)
        if newest is None:
            raise UsageError(f"there is no sweep in {store.folder} yet; name runs by their ids")
        return (newest,), as_swept(newest, store)
    sweeps: list[SweepRecord] = []
    records: list[RunRecord] = []
    for name in names:
        special = name in (BEST, USE)
        sweep = None if special else find_sweep_or_path(name, store, path_first=path_first)
        if sweep is None:
            records.append(find_run(name, store)[0])
        else:
            sweeps.append(sweep)
            records += as_swept(sweep, store)
    return tuple(sweeps), records


def _with_points(
    sweeps: tuple[SweepRecord, ...], records: list[RunRecord], store: Store
) -> tuple[tuple[SweepRecord, ...], list[RunRecord]]:
    """The path that runs are refits of, with these, where all of them are; a sweep of its own."""
    points = {run.refit_of for run in records}
    if None in points or not points:
        return sweeps, records
    for sweep in store.sweeps():
        if points <= set(sweep.run_ids):
            return (sweep,), [*as_swept(sweep, store), *records]
    return sweeps, records


def _margin(sweeps: Sequence[SweepRecord], runs: Sequence[RunRecord]) -> float:
    """The margin of the first sweep, else of the config of the first run."""
    for sweep in sweeps:
        if sweep.margin is not None:
            return sweep.margin
    stored = value_at(runs[0].config, "verdict.margin")
    return MARGIN if stored is None else float(stored)
