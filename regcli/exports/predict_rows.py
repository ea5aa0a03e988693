"""What a stored run's model says of the rows of a file, and how well it does.

The training data is not needed: what was fitted on it is stored with the run.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regcli.config.schema import Config
from regcli.data.asked_training import lowest_loss
from regcli.data.files.regular_files import locate_all
from regcli.data.new_rows import NewRows, read_new_rows
from regcli.data.preparing.scaling import Scaling
from regcli.data.target.target_transform import TargetTransform
from regcli.data.trained_on import TrainedOn
from regcli.errors import DataError, StoreError
from regcli.exports.stored_model import scaling_of
from regcli.metrics.predictions import Predictions, Scale
from regcli.metrics.registry import kind_of
from regcli.results.constant_predictions import one_class_note
from regcli.results.dense_outputs import dense_stack
from regcli.results.file_scores import FileScores, score_file
from regcli.results.records import DataSummary, RunRecord
from regcli.results.row_predictions import RowPredictions
from regcli.store.store import Store
from regcli.store.store_preparations import read_preparation, read_ranges
from regcli.store.store_weights import read_weights
from regcli.store.stored_configs import data_folder
from regcli.store.stored_own_models import config_with_model

_CELLS_AT_ONCE = 2**22
"""Inputs of rows that are prepared at a time."""


@dataclass(frozen=True)
class _Run:
    """What a stored run predicts with."""

    record: RunRecord
    data: DataSummary
    config: Config
    trained: TrainedOn
    weights: dict[str, NDArray[Any]]

    @property
    def scaling(self) -> Scaling:
        return scaling_of(self.weights)


def predict_file(
    store: Store, record: RunRecord, path: Path, *, scored: bool = False
) -> tuple[RowPredictions, FileScores | None]:
    """Predictions of every row of a file; with `scored` also the scores against its target.

    Raises:
        StoreError: the run has no weights, or what is stored of it cannot be read.
        DataError: the file cannot be read, or its columns are not those of training.
        ModelError: if its config no longer builds with this Keras.
    """
    run = _stored(store, record)
    rows = read_new_rows(path, run.trained, with_truth=scored)
    if scored and not rows.has_truth.any():
        raise DataError(f"{path}: must have a row without gaps to be scored")
    transform = _transform(run.data)
    truth = _truth_of_every_row(rows)
    learnt = truth if transform is None else transform.apply(truth)
    values, scale, losses = _outputs(run, rows, learnt if scored else None)
    outputs = values if transform is None else transform.invert(values)
    given = Predictions(truth, outputs[np.newaxis], scale, _positive(run.data))
    scores = _scores(run, rows, given, losses) if scored else None
    predicted = _of_every_row(run, rows, given)
    found = (*_notes(run), *(_caution(run, path) if scored else ()), *one_class_note(predicted))
    return replace(predicted, notes=(*rows.notes, *found)), scores


def _outputs(
    run: _Run, rows: NewRows, truth: NDArray[Any] | None
) -> tuple[NDArray[np.float32], Scale, NDArray[np.floating] | None]:
    """Outputs of rows (rows, outputs), what they are, and the loss of each where truth is given."""
    blocks = _inputs(run, rows)
    stack = dense_stack(run.config, run.data, run.weights) if truth is None else None
    if stack is not None:
        return stack.outputs(blocks), stack.scale, None
    from regcli.training.row_outputs import row_outputs

    found = row_outputs(run.config, run.data, run.weights, blocks, truth)
    return found.values, found.scale, found.losses


def _truth_of_every_row(rows: NewRows) -> NDArray[Any]:
    """The truth, with one of those that are known in place of those that are not."""
    if rows.truth is None:
        return np.zeros(len(rows.rows))
    truth = np.full(len(rows.rows), rows.truth[0])
    truth[rows.has_truth] = rows.truth
    return truth


def _scores(
    run: _Run, rows: NewRows, given: Predictions, losses: NDArray[np.floating] | None
) -> FileScores:
    """How well the rows with a target are predicted."""
    known = rows.has_truth
    of_known = replace(given, truth=given.truth[known], outputs=given.outputs[:, known])
    own = None if losses is None else losses[known]
    lowest = lowest_loss(run.config.training.loss)
    return score_file(run.record, kind_of(run.data.task), of_known, own, lowest)


def _stored(store: Store, record: RunRecord) -> _Run:
    weights = read_weights(store, record.id)
    if record.data is None:
        raise StoreError(f"run {record.id}: has no model to predict with")
    config, data = config_with_model(store, record), record.data
    preparation = read_preparation(store, record)
    trained = TrainedOn(
        config.dataset,
        preparation,
        data.classes,
        data.input_shape,
        data.dialect or {},
        read_ranges(store, record),
    )
    return _Run(record, data, config, trained, weights)


def _transform(data: DataSummary) -> TargetTransform | None:
    plain = data.target_transform
    return None if plain is None else TargetTransform.from_plain(plain)


def _positive(data: DataSummary) -> int:
    return data.classes.index(data.positive) if data.positive in data.classes else 1


def _inputs(run: _Run, rows: NewRows) -> Iterator[NDArray[np.float32]]:
    """What the model takes, prepared and scaled, a block of rows at a time.

    Noise columns, which no file has, are at the mean of the training rows.
    """
    scaling, names = run.scaling, run.data.columns
    for features in rows.batches(max(_CELLS_AT_ONCE // max(len(names), 1), 1)):
        x = run.trained.preparation.apply(features)
        noise = len(scaling.center) - x[0].size
        if noise:
            mean = np.broadcast_to(scaling.center[-noise:], (len(x), noise))
            x = np.concatenate([x, mean], axis=1)
        yield scaling.apply(x, names)


def _of_every_row(run: _Run, rows: NewRows, given: Predictions) -> RowPredictions:
    """Predictions in the file's order, with none for rows that the model was not given."""
    classes = run.data.classes
    values: NDArray[Any]
    probabilities = None
    if classes:
        values = np.full(rows.count, -1)
        values[rows.rows] = given.predicted[0]
        if given.scale.has_probabilities:
            probabilities = np.full((rows.count, len(classes)), np.nan)
            probabilities[rows.rows] = given.probabilities[0]
    else:
        values = np.full(rows.count, np.nan)
        values[rows.rows] = given.outputs[0, :, 0]
    return RowPredictions(
        run.record.id, rows.source, classes, values, probabilities, names=rows.names
    )


def _caution(run: _Run, path: Path) -> list[str]:
    """A word where rows that the run learnt from are scored among others."""
    file = run.config.dataset.file
    try:
        owned = () if file is None else locate_all(file, data_folder(run.record))
        is_own = any(path.samefile(own) for own in owned)
    except (DataError, OSError):  # the training data need not be there any more
        return []
    if not is_own:
        return []
    trained = run.data.rows["train"]
    return [
        f"{path.name}: holds the {trained:,} rows that the run was trained on, which it predicts "
        "better than new rows"
    ]


def _notes(run: _Run) -> list[str]:
    noise = len(run.data.columns) - len(run.trained.preparation.inputs)
    if not noise:
        return []
    columns = "1 noise column is" if noise == 1 else f"{noise:,} noise columns are"
    return [f"{columns} at the mean of training: new rows have none"]
