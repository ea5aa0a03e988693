"""The one stored run that a person means: by id, by name, or as the best of a sweep."""

from collections.abc import Sequence
from difflib import get_close_matches

from regcli.errors import UsageError
from regcli.results.conditions import read_number
from regcli.results.records import RunRecord, RunState, SweepRecord
from regcli.results.settings import (
    SettingSummary,
    best_setting,
    by_setting,
    choose_ranking,
    validation_rows,
)
from regcli.store.store import Store
from regcli.workflows.stored_sweeps import as_swept, find_sweep

BEST = "best"
"""The name of the best run of the newest sweep."""


def find_run(named: str, store: Store) -> tuple[RunRecord, str]:
    """The run that a text names, and in words how it was chosen; empty where the text is its id.

    A text is the beginning of a run's id; `best`; the name or the beginning of the id of a sweep,
    which stands for its best run; or the name of runs, which stands for the newest.

    Raises:
        UsageError: it names none, or several ids begin so.
        StoreError: the store cannot be read.
    """
    if named == BEST:
        newest = next(iter(store.sweeps()), None)
        if newest is None:
            raise UsageError(f"{BEST}: there is no sweep in {store.folder}; name a run by its id")
        return _best_of(newest, store)
    try:
        (record,) = store.pick([named])
    except UsageError:
        sweep = find_sweep(named, store)
        return _newest(named, store) if sweep is None else _best_of(sweep, store)
    return record, ""


def _best_of(sweep: SweepRecord, store: Store) -> tuple[RunRecord, str]:
    """The best run of a sweep's best setting; of runs that have rows of their own, the first."""
    settings = by_setting(as_swept(sweep, store))
    best = best_setting(settings)
    if best is None:
        raise UsageError(f"sweep {sweep.id}: has no best setting; name a run by its id")
    chosen = _best_run(settings[best], settings)
    (run,) = store.pick([chosen.id])
    return run, f"the best of sweep {sweep.id}"


def _best_run(setting: SettingSummary, settings: Sequence[SettingSummary]) -> RunRecord:
    ranking = choose_ranking(settings)
    assert ranking is not None  # there is a best setting
    if len(set(map(validation_rows, setting.records))) > 1:
        return setting.records[0]
    sign = -1 if ranking.highest else 1
    return min(setting.records, key=lambda run: sign * (read_number(run, ranking.key) or 0.0))


def _newest(named: str, store: Store) -> tuple[RunRecord, str]:
    """The newest finished run with a name."""
    found = store.summaries()
    same = [run for run in found if run.name == named and run.state is RunState.FINISHED]
    if same:
        return store.pick([same[0].id])[0], f"the newest run of the name {named}"
    known = dict.fromkeys([BEST, *(run.name for run in found), *(run.id for run in found)])
    near = get_close_matches(named, known, n=1)
    hint = f"did you mean {near[0]}?" if near else "'regcli runs list' shows what there is"
    raise UsageError(f"No run or sweep in {store.folder} has the id or name {named!r}; {hint}")
