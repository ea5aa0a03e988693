"""Predictions as files of the kinds that data comes in, and as JSON."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from regcli.report.formats import Format
from regcli.report.prediction_view import predictions_view
from regcli.report.sink import as_file
from regcli.report.writers.spreadsheet_cells import safe_csv
from regcli.results.row_predictions import FILE, PREDICTION, RowPredictions
from regcli.whole_files import replacing

if TYPE_CHECKING:
    import polars as pl


def write_predictions(predictions: RowPredictions, path: Path) -> None:
    """Write a file of one of `FILES`, by its ending; it appears whole or not at all.

    Raises:
        OSError: it cannot be written.
    """
    with replacing(path) as unfinished:
        FILES[path.suffix](predictions, unfinished)


def as_csv(predictions: RowPredictions) -> str:
    """Comma-separated values: a row a row, numbers at full precision, nothing for no prediction.

    A class that a spreadsheet would take for a formula has an apostrophe before it.
    """
    return safe_csv(_frame(predictions))


def _write_csv(predictions: RowPredictions, path: Path) -> None:
    path.write_text(as_csv(predictions), encoding="utf-8", newline="")


def _write_parquet(predictions: RowPredictions, path: Path) -> None:
    _frame(predictions).write_parquet(path)


def _write_npz(predictions: RowPredictions, path: Path) -> None:
    arrays: dict[str, Any] = {PREDICTION: _labels(predictions)}
    if predictions.names:
        arrays["files"] = np.array(predictions.names)  # "file" is a parameter of numpy.savez
    if predictions.classes:
        arrays["classes"] = np.array(predictions.classes)
    if predictions.probabilities is not None:
        arrays["probabilities"] = predictions.probabilities
    with path.open("wb") as file:
        np.savez(file, **arrays)


def _write_json(predictions: RowPredictions, path: Path) -> None:
    path.write_text(as_file(predictions_view(predictions), Format.JSON), encoding="utf-8")


FILES: Mapping[str, Callable[[RowPredictions, Path], None]] = {
    ".csv": _write_csv,
    ".parquet": _write_parquet,
    ".npz": _write_npz,
    ".json": _write_json,
}
"""What writes a file, by its ending."""


def _frame(predictions: RowPredictions) -> "pl.DataFrame":
    """A column a name of `RowPredictions.columns`; null where a row has no prediction."""
    import polars as pl

    name, *names = predictions.columns
    values = pl.Series(name, predictions.values)
    if predictions.classes:
        numbers = dict(enumerate(predictions.classes))
        values = values.replace_strict(numbers, default=None, return_dtype=pl.String)
    shares = predictions.probabilities
    columns = [] if shares is None else [*zip(names, shares.T, strict=True)]
    names_of_rows = [pl.Series(FILE, predictions.names)] if predictions.names else []
    series = [
        *names_of_rows,
        values,
        *(pl.Series(name, np.ascontiguousarray(own)) for name, own in columns),
    ]
    return pl.DataFrame([each.fill_nan(None) if each.dtype.is_float() else each for each in series])


def _labels(predictions: RowPredictions) -> NDArray[Any]:
    """Class names, empty for none, or quantities; (rows,)."""
    if not predictions.classes:
        return predictions.values
    return np.array([*predictions.classes, ""])[predictions.values]
