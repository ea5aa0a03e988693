"""Predictions of the runs that a verdict names, kept for the pictures of a page.

The store has the weights of every run, and the values of its rows; what it predicts row by row is
kept of few: that of thousands of runs would take longer than to train them.
"""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from regcli.data.dataset import Part, Splits
from regcli.errors import StoreError
from regcli.metrics.predictions import Predictions
from regcli.planning.events import Noted
from regcli.planning.run import Run
from regcli.results.dense_outputs import dense_stack
from regcli.results.kept_predictions import KeptPredictions, kept_predictions, sampled_rows
from regcli.results.records import RunRecord, RunState
from regcli.results.rows_once import rows_once
from regcli.results.settings import SettingSummary, by_setting
from regcli.results.verdict.judgement import Verdict
from regcli.store.store import Store
from regcli.store.store_predictions import read_predictions, store_predictions
from regcli.store.store_weights import has_weights, read_weights
from regcli.workflows.graph_training import SweepResult
from regcli.workflows.workspace import Workspace


def keep_predictions_of_named(
    result: SweepResult, verdict: Verdict | None, workspace: Workspace
) -> None:
    """Keep those of the settings that a verdict names; without one, of the first setting.

    Of each setting these are the runs that have each row once. What is kept already stays.
    """
    if result.interrupted or not result.records:
        return
    named = by_setting(result.records)[:1] if verdict is None else _named(verdict)
    records = [run for setting in named for run in rows_once(setting.records)]
    keep_predictions(records, result.runs, workspace)


def _named(verdict: Verdict) -> Sequence[SettingSummary]:
    places = dict.fromkeys([verdict.use, verdict.best, verdict.reference])
    return [verdict.settings[place] for place in places if place is not None]


def keep_predictions(
    records: Iterable[RunRecord], runs: Iterable[Run], workspace: Workspace
) -> None:
    """Keep the predictions of runs that are stored and have none yet.

    A run whose predictions cannot be made or stored goes without them, which is told of: nobody
    loses the results of a training for a picture.

    Args:
        runs: those that the records are of, among others.
    """
    planned = {run.id: run for run in runs}
    try:
        kept = {run.id: own for run, own in _missing(records, planned, workspace)}
        store_predictions(workspace.store, kept)
    except Exception as error:  # of Keras, the disk, the weights: whatever they like
        lost = "a page of these runs has no confusion matrix, curves or residuals"
        workspace.tell(Noted(f"{lost}: {error}"))


def _missing(
    records: Iterable[RunRecord], planned: dict[str, Run], workspace: Workspace
) -> Iterator[tuple[RunRecord, KeptPredictions]]:
    for record in records:
        run = planned.get(record.id)
        if run is None or record.state is not RunState.FINISHED or record.data is None:
            continue
        store = workspace.store
        if has_weights(store, record.id) and not _are_kept(record.id, store):
            found = _predicted(record, run, workspace.data.of(run.data), store)
            if found is not None:
                yield record, found


def _are_kept(run_id: str, store: Store) -> bool:
    """Whether a run has predictions that can be read: damaged ones are made again."""
    try:
        return read_predictions(store, run_id) is not None
    except StoreError:
        return False


def _predicted(record: RunRecord, run: Run, splits: Splits, store: Store) -> KeptPredictions | None:
    """What a run predicts for validation rows, else for test rows; None without either."""
    shown = _shown(splits)
    if shown is None:
        return None
    name, part = shown
    rows = sampled_rows(len(part), int(np.prod(part.x.shape[1:])))
    given = _outputs(record, run, splits, part.x[rows], part.y[rows], store)
    return kept_predictions(name, len(part), given, len(splits.table.classes))


def _shown(splits: Splits) -> tuple[str, Part] | None:
    parts = (("validation", splits.validation), ("test", splits.test))
    return next(((name, part) for name, part in parts if part is not None and len(part)), None)


def _outputs(
    record: RunRecord,
    run: Run,
    splits: Splits,
    x: np.ndarray[tuple[int, ...], np.dtype[np.float32]],
    truth: np.ndarray[tuple[int, ...], np.dtype[np.generic]],
    store: Store,
) -> Predictions:
    """Outputs of a stored run's model, by NumPy where that can, which needs no TensorFlow."""
    assert record.data is not None
    weights = read_weights(store, record.id)
    stack = dense_stack(run.config, record.data, weights)
    if stack is not None:
        values, scale = stack.outputs([x]), stack.scale
    else:
        from regcli.training.row_outputs import row_outputs

        found = row_outputs(run.config, record.data, weights, [x], None)
        values, scale = found.values, found.scale
    return Predictions(truth, splits.in_own_unit(values)[np.newaxis], scale, splits.positive)
