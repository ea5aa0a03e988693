"""A stored run as a program reads it."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from regcli.results.records import RunRecord

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

    from regcli.results.row_predictions import RowPredictions


class Run:
    """One run: what it was trained with, what came out, and its model.

    Attributes:
        record: everything that is stored of it.
    """

    def __init__(self, record: RunRecord, folder: Path) -> None:
        self.record = record
        self._folder = folder

    @property
    def id(self) -> str:
        """Its id."""
        return self.record.id

    @property
    def name(self) -> str:
        """The name of its config."""
        return self.record.name

    @property
    def state(self) -> str:
        """`finished`, `diverged`, `failed` or `interrupted`."""
        return self.record.state.value

    @property
    def message(self) -> str:
        """Why it is not finished; empty where it is."""
        return self.record.message

    @property
    def settings(self) -> Mapping[str, Any]:
        """What tells it from the others of its sweep: l1, l2, seed, fold, the varied keys."""
        return self.record.settings

    @property
    def config(self) -> Mapping[str, Any]:
        """Its whole config; a call takes it as it is."""
        return self.record.own_config

    @property
    def metrics(self) -> Mapping[str, Mapping[str, float | None]]:
        """Losses and metrics by part: `run.metrics["test"]["accuracy"]`."""
        return self.record.metrics

    def history(self) -> dict[str, list[float | None]]:
        """What Keras's `fit` logs: a number an epoch by name."""
        return {name: list(values) for name, values in self.record.history.items()}

    def model(self) -> Any:
        """The Keras model: it takes rows as the data has them, and gives the target's own unit.

        Raises:
            StoreError: the run has no weights.
            ModelError: its config no longer builds with this Keras.
        """
        from regcli.api.runs_folder import reading
        from regcli.exports.stored_model import load_model

        with reading(self._folder) as store:
            return load_model(store, self.id).keras

    def predict(self, rows: Any) -> "NDArray[Any]":
        """The class or the quantity of each row, as the command `regcli predict`.

        Args:
            rows: arrays, a frame of polars or pandas with the columns of training, or the path of a
                file.

        Returns:
            (rows,): whole numbers or truths where all classes are such, else text; quantities as
            floats.
            A row that training would have left out has None, or NaN.

        Raises:
            DataError: the columns are not those of training.
            StoreError: the run has no weights.
        """
        from regcli.api.predicted_values import labels_of

        return labels_of(self._predictions(rows))

    def predict_proba(self, rows: Any) -> "NDArray[np.float64]":
        """The probability of each class, (rows, classes), in the order of `classes`.

        Raises:
            UsageError: the model's outputs are no probabilities.
            DataError, StoreError: as `predict`.
        """
        from regcli.errors import UsageError

        found = self._predictions(rows).probabilities
        if found is None:
            raise UsageError(f"run {self.id}: its outputs are not probabilities of classes")
        return found

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the target's classes; empty for a quantity."""
        return () if self.record.data is None else self.record.data.classes

    def row_losses(self) -> "pl.DataFrame":
        """As `Sweep.row_losses`, of this run."""
        from regcli.api.run_frames import row_losses_frame

        return row_losses_frame([self.record], self._folder)

    def _predictions(self, rows: Any) -> "RowPredictions":
        from regcli.api.own_rows import as_file
        from regcli.api.runs_folder import reading
        from regcli.config.home import from_home
        from regcli.exports.predict_rows import predict_file

        with reading(self._folder) as store:
            if isinstance(rows, str | os.PathLike):
                return predict_file(store, self.record, from_home(Path(rows)))[0]
            with as_file(rows) as path:
                return predict_file(store, self.record, path)[0]

    def _repr_html_(self) -> str:
        from regcli.report.notebook_views import run_html

        return run_html(self._title, self.record)

    @property
    def _title(self) -> str:
        from regcli.report.progress import setting_text

        return f"Run {self.id}: {setting_text(self.settings)}; {self.state}"

    def __repr__(self) -> str:
        return f"<{self._title}>"
