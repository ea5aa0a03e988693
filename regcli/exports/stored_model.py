"""A stored run with its model, the rows it was trained on, and the test that a file gives both."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regcli.config.dataset_section import Dataset
from regcli.config.own_code import OwnCode
from regcli.config.schema import Config
from regcli.data.dataset import Splits, Table
from regcli.data.preparing.preparation import Preparation
from regcli.data.preparing.scaling import Scaling, lost_in_float32, most_lost_in_float32
from regcli.data.sources import load_table
from regcli.data.splits import split
from regcli.errors import DataError, ExportError, StoreError
from regcli.exports.fresh_keras import Rows
from regcli.metrics.predictions import Scale
from regcli.results.agreement import GPU_TOLERANCE, TOLERANCE, Disagreement, disagreement
from regcli.results.records import CENTER, WIDTH, DataSummary, RunRecord
from regcli.store.store import Store
from regcli.store.store_preparations import read_preparation
from regcli.store.store_weights import read_weights
from regcli.store.stored_configs import data_folder
from regcli.store.stored_own_models import config_with_model

_MOST_LOST = 1e-3
"""Largest rounding error of a column, in widths, that is not called the cause of anything."""


@dataclass(frozen=True)
class StoredModel:
    """A run's record, what it was trained on, and its model.

    The model takes rows as the data has them, and gives quantities in the target's own unit.

    Attributes:
        preparation: what makes rows of it from the table's columns.
        scale: what its outputs are.
        keras: a `keras.Sequential`; this module does not load Keras to say so.
    """

    record: RunRecord
    data: DataSummary
    config: Config
    scaling: Scaling
    preparation: Preparation
    scale: Scale
    keras: Any

    @property
    def id(self) -> str:
        """The run's id."""
        return self.record.id


def scaling_of(weights: Mapping[str, NDArray[Any]]) -> Scaling:
    """The scaling that is stored with a run's weights."""
    center, width = (weights[name].astype(np.float64) for name in (CENTER, WIDTH))
    return Scaling(center, width)


def load_model(store: Store, identity: str) -> StoredModel:
    """Build a stored run's model.

    Raises:
        StoreError: if the run's weights are not stored, or cannot be read.
        ModelError: if its config no longer builds with this Keras.
    """
    record = store.get(identity)
    weights = read_weights(store, identity)
    if record is None or record.data is None:
        raise StoreError(f"run {identity}: has no model to write")
    from regcli.models.export import rebuild_model
    from regcli.models.outputs import output_of
    from regcli.models.parts import make_loss, output_scale

    config, data = config_with_model(store, record), record.data
    model, preparation = rebuild_model(config, data, weights), read_preparation(store, record)
    output = output_of(model)
    scale = output_scale(data.task, make_loss(config.training.loss, data.task, output), output)
    return StoredModel(record, data, config, scaling_of(weights), preparation, scale, model)


def needed_code(stored: StoredModel) -> OwnCode | None:
    """The code without which a model's file does not load; None where Keras has all of it."""
    code = stored.config.model.code
    if code is None:
        return None
    from regcli.models.own_modules import PREFIX

    return code if PREFIX in stored.keras.to_json() else None


def rows_of_run(stored: StoredModel) -> Splits:
    """The parts that a run was trained and scored on, their rows prepared but not scaled.

    Raises:
        DataError: if the data cannot be read, or has changed.
    """
    dataset = stored.config.dataset
    return split(table_of_run(stored.record, stored.data, dataset), dataset, scaled=False)


def table_of_run(record: RunRecord, data: DataSummary, dataset: Dataset) -> Table:
    """The table that a run's rows are of.

    Args:
        data: of its record.
        dataset: of its config.

    Raises:
        DataError: if it cannot be read, or has changed.
    """
    try:
        table = load_table(dataset, data_folder(record))
    except DataError as error:
        advice = "; run it in the folder of the run's config" if dataset.file else ""
        if data.folder is not None:
            advice = "; put it there, or run this in the folder that it is in"
        raise DataError(f"its data cannot be read: {error.problems[0]}{advice}") from None
    if table.fingerprint != data.fingerprint:
        raise DataError(
            f"its data has changed: the fingerprint of {table.source} is {table.fingerprint}, it "
            f"was {data.fingerprint}"
        )
    return table


def require_scores(stored: StoredModel, splits: Splits, outputs: Rows) -> None:
    """Check that outputs score as the run did, on every part.

    Args:
        splits: as `rows_of_run` gives them.
        outputs: what the model in a file gives for the rows of each part, (rows, outputs); in the
            target's own unit.

    Raises:
        ExportError: they do not; names the column that is the cause where one is.
    """
    found = _disagreement(stored, splits, outputs)
    if found is not None:
        cause = _lossy_column(stored, splits)
        raise ExportError(f"run {stored.id}: {cause or _sentence(found)}; nothing was written")


def require_digits(stored: StoredModel) -> None:
    """Check, from the scaling only, that every column keeps its digits in float32.

    Raises:
        ExportError: it may lose digits; names the column.
    """
    lost = most_lost_in_float32(stored.scaling)
    if lost.max(initial=0.0) > _MOST_LOST:
        cause = _digits_sentence(stored, int(lost.argmax()))
        raise ExportError(f"run {stored.id}: {cause}; nothing was written")


def _disagreement(stored: StoredModel, splits: Splits, outputs: Rows) -> Disagreement | None:
    from regcli.models.outputs import output_of
    from regcli.models.parts import make_loss, output_scale
    from regcli.training.evaluation import score_outputs

    training = stored.config.training
    output = output_of(stored.keras)
    loss = make_loss(training.loss, splits.table.task, output)
    scale = output_scale(splits.table.task, loss, output)
    on_gpu = stored.record.environment.get("device", "").startswith("/GPU")
    for name, part in splits.parts():
        if part is None:
            continue
        own = splits.as_learnt(outputs[name]).astype(np.float32)
        found, of_zeros = (
            score_outputs(given, 0.0, loss, scale, splits, training, part)
            for given in (own, np.zeros_like(own))
        )
        before = stored.record.metrics.get(name, {})
        tolerance = GPU_TOLERANCE if on_gpu else TOLERANCE
        differs = disagreement(name, len(part), before, found, of_zeros, tolerance)
        if differs:
            return differs
    return None


def _lossy_column(stored: StoredModel, splits: Splits) -> str:
    """Which column loses so much in float32 that it is the cause; empty where none does."""
    inputs = splits.preparation.apply(splits.table.features)
    width = stored.scaling.width[: len(splits.columns) - splits.noise]
    lost = lost_in_float32(inputs, width)
    worst = int(lost.argmax())
    return _digits_sentence(stored, worst) if lost[worst] > _MOST_LOST else ""


def _digits_sentence(stored: StoredModel, column: int) -> str:
    return (
        f"column {stored.data.columns[column]!r} must keep its digits in float32, to which Keras "
        f"converts rows, its values are around {stored.scaling.center[column]:.6g} with a spread "
        f"of {stored.scaling.width[column]:.3g}; subtract a constant from it or change its unit, "
        "then train again"
    )


def _sentence(found: Disagreement) -> str:
    values = [
        "not a number" if value is None else f"{value:.6g}" for value in (found.found, found.stored)
    ]
    return (
        f"the model in the file must have the same scores as the run, its "
        f"{found.part}.{found.score} is {values[0]}, the run's is {values[1]}"
    )
