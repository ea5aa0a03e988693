"""Stored runs and sweeps beside each other: which settings match, and how they differ."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from regcli.config.document import value_at
from regcli.errors import UsageError
from regcli.results.records import RunRecord, SweepRecord
from regcli.results.settings import SettingSummary, best_setting, by_setting
from regcli.results.verdict.judgement import MARGIN
from regcli.results.verdict.matching import (
    Matches,
    common_score,
    compared,
    match_settings,
    with_findings,
)
from regcli.store.store import Store
from regcli.store.store_row_values import read_row_values
from regcli.workflows.named_runs import BEST, USE, find_run
from regcli.workflows.stored_sweeps import as_swept, find_sweep, with_same_keys

Side = SweepRecord | RunRecord


def find_side(named: str, store: Store) -> tuple[Side, str]:
    """The sweep or run that a text names, and in words how a run was chosen, where by no id.

    Raises:
        UsageError: it names neither, or several ids begin so.
        StoreError: the store cannot be read.
    """
    sweep = None if named in (BEST, USE) else find_sweep(named, store)
    return find_run(named, store) if sweep is None else (sweep, "")


def compare_sweeps(sides: Sequence[Side], store: Store) -> Matches:
    """The settings of two sweeps side by side; of a run and a sweep, that and the best setting.

    Differences are judged with the margin of the first.

    Raises:
        UsageError: they are not two, or the same twice; they share no setting, or there is no
            result to compare them by.
        StoreError: what is stored cannot be read.
    """
    if len(sides) != 2:
        raise UsageError(f"compare takes two sweeps, or a run and a sweep; got {len(sides)} names")
    first, second = sides
    if first.id == second.id:
        raise UsageError(f"compare takes two different sweeps, got {first.id} twice")
    rows_of = partial(read_row_values, store)
    if isinstance(first, SweepRecord) and isinstance(second, SweepRecord):
        own, other = _settings_of(first, second, store)
    else:
        own, best = [_best(first, store)], _best(second, store)
        other = [SettingSummary(own[0].settings, best.records)]
    matches = match_settings(own, other, rows_of, _margin(first, own))
    if matches is None:
        raise UsageError("these have no result in common that they could be compared by")
    if not matches.found:
        raise UsageError("these sweeps share no setting; compare single runs of them by their ids")
    return replace(matches, second_margin=_margin(second, other))


def beside_first(records: Sequence[RunRecord], store: Store) -> Matches | None:
    """Each of some runs beside the first; None where there is no result to compare them by.

    Differences are judged with the margin of the first.
    """
    settings = [SettingSummary({"run": run.id}, (run,)) for run in records]
    score = common_score(settings)
    if score is None:
        return None
    rows_of = partial(read_row_values, store)
    margin = _margin(records[0], settings)
    found = [compared(settings[0], each, score, rows_of) for each in settings[1:]]
    return Matches(score, margin, with_findings(found, score, margin), 0, 0)


def _margin(side: Side, settings: Sequence[SettingSummary]) -> float:
    """The margin of a side's verdict: that of its sweep, else of the config of its first run."""
    if isinstance(side, SweepRecord) and side.margin is not None:
        return side.margin
    stored = [value_at(run.config, "verdict.margin") for each in settings for run in each.records]
    return float(stored[0]) if stored and stored[0] is not None else MARGIN


def _settings_of(
    first: SweepRecord, second: SweepRecord, store: Store
) -> tuple[Sequence[SettingSummary], Sequence[SettingSummary]]:
    """The settings of two sweeps, all with the keys that either varies."""
    own, others = as_swept(first, store), as_swept(second, store)
    together = with_same_keys([*own, *others])
    return by_setting(together[: len(own)]), by_setting(together[len(own) :])


def _best(side: Side, store: Store) -> SettingSummary:
    """A run alone, or the best setting of a sweep."""
    if isinstance(side, RunRecord):
        return SettingSummary({}, (side,))
    settings = by_setting(as_swept(side, store))
    best = best_setting(settings)
    if best is None:
        raise UsageError(f"sweep {side.id}: has no best setting; compare single runs by their ids")
    return settings[best]
