"""The one stored run that a person means: by id, by name, or as the best of a sweep."""

import glob
from collections.abc import Sequence
from difflib import get_close_matches
from functools import partial

from regcli.errors import UsageError
from regcli.results.conditions import read_number
from regcli.results.records import RunRecord, RunState, SweepRecord
from regcli.results.settings import (
    SettingSummary,
    best_setting,
    by_setting,
    choose_ranking,
    fold_of,
    validation_rows,
)
from regcli.results.verdict.judgement import judge
from regcli.store.store import Store
from regcli.store.store_prefix import UnknownRunError
from regcli.store.store_query import RunQuery
from regcli.store.store_row_values import read_row_values
from regcli.workflows.stored_sweeps import as_swept, find_sweep

BEST, USE = "best", "use"
"""Names of a run of the newest sweep: of its best setting, and of the one that its verdict uses."""

_NEAR = 0.6
"""How alike a name and a known one are, of 1, where that one is probably meant."""


def find_run(named: str, store: Store) -> tuple[RunRecord, str]:
    """The run that a text names, and in words how it was chosen; empty where the text is its id.

    A text is the beginning of a run's id; `best` or `use`, for a run of the newest sweep; the name
    or the beginning of the id of a sweep, which stands for its best run; or the name of runs, which
    stands for the newest.

    Raises:
        UsageError: it names none, or several ids begin so.
        StoreError: the store cannot be read.
    """
    if named in (BEST, USE):
        newest = next(iter(store.sweeps()), None)
        if newest is None:
            raise UsageError(f"{named}: there is no sweep in {store.folder}; name a run by its id")
        return _of_sweep(newest, store, named)
    try:
        (record,) = store.pick([named])
    except UnknownRunError as error:
        sweep = find_sweep(named, store)
        return _newest(named, error, store) if sweep is None else _of_sweep(sweep, store, BEST)
    return record, ""


def _of_sweep(sweep: SweepRecord, store: Store, which: str) -> tuple[RunRecord, str]:
    """A run of a setting of a sweep: the best one, or where its runs have rows of their own one."""
    settings = by_setting(as_swept(sweep, store))
    place = _place(settings, store, which)
    if place is None:
        raise UsageError(f"sweep {sweep.id}: has no best setting; name a run by its id")
    chosen = best_run(settings[place], settings)
    (run,) = store.pick([chosen.id])
    what = "the best run" if which == BEST else "the run to use"
    return run, f"{what} of sweep {sweep.id}{_of_a_fold(run)}"


def _of_a_fold(run: RunRecord) -> str:
    """That a run has not seen all rows that it could train on; empty where it is of no fold."""
    fold = fold_of(run)
    if fold is None or run.data is None:
        return ""
    train, others = run.data.rows["train"], run.data.rows.get("validation", 0)
    return f": one of {fold.of} folds, trained on {train:,} of {train + others:,} rows"


def _place(settings: Sequence[SettingSummary], store: Store, which: str) -> int | None:
    """The position of the setting that is meant; None where nothing tells which one is.

    A single setting is the best one, and the one to use, if only one of its runs has ended well.
    """
    if len(settings) == 1:
        return 0 if _finished(settings[0]) else None
    best = best_setting(settings)
    if which == BEST or best is None:
        return best
    verdict = judge(settings, partial(read_row_values, store))
    return None if verdict is None else verdict.use


def _finished(setting: SettingSummary) -> list[RunRecord]:
    return [run for run in setting.records if run.state is RunState.FINISHED]


def best_run(setting: SettingSummary, settings: Sequence[SettingSummary]) -> RunRecord:
    """The best run of a setting that has a rank; the first where each has rows of its own."""
    ranking = choose_ranking(settings)
    assert ranking is not None  # there is a best setting, or only one
    runs = _finished(setting)
    if len(set(map(validation_rows, runs))) > 1:
        return runs[0]
    sign = -1 if ranking.highest else 1
    return min(runs, key=lambda run: sign * (read_number(run, ranking.key) or 0.0))


def _newest(named: str, error: UnknownRunError, store: Store) -> tuple[RunRecord, str]:
    """The newest finished run with a name."""
    query = RunQuery(name=glob.escape(named), state=RunState.FINISHED, last=1)
    for run, _ in store.listed(query)[0]:
        return store.pick([run.id])[0], f"the newest run of the name {named}"
    raise _unknown_name(named, error.near, store)


def _unknown_name(name: str, near: str | None, store: Store) -> UsageError:
    """The error for a text that names no run and no sweep, with those that come near.

    Args:
        near: the id of a run that comes nearest, if one does.
    """
    sweeps = store.sweep_summaries()
    known = {sweep.name: sweep.name for sweep in sweeps}
    known |= {sweep.id[: len(name)]: sweep.id for sweep in sweeps}
    found = [known[key] for key in get_close_matches(name, known, n=1, cutoff=_NEAR)]
    found += [near] if near else []
    hint = (
        f"did you mean {' or '.join(found)}?"
        if found
        else "'regcli runs list' shows what is stored"
    )
    return UsageError(f"No run or sweep in {store.folder} has the id or name '{name}'; {hint}")
