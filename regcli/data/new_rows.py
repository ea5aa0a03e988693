"""Rows to predict, from a person's file: read as the rows that a run was trained on were."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from regcli.config.dialect_keys import is_text_file
from regcli.data.features import Features, Floats
from regcli.data.files import archives
from regcli.data.files.regular_files import is_folder, require_regular_file
from regcli.data.images.image_files import all_images, classified_images, is_image, shown_name
from regcli.data.images.pillow import require_pillow
from regcli.data.preparing.scaling import require_new_pixels
from regcli.data.preparing.steps.categories import OTHER, CategoryStep
from regcli.data.target.known_classes import truth_of_array
from regcli.data.trained_on import TrainedOn
from regcli.data.unlike_training import unlike_training
from regcli.data.wording import listed, quoted
from regcli.errors import DataError

_ENDINGS = (".parquet", ".xlsx", ".npz")
_NAMED = 3
"""Categories or columns that a note names."""
_ROWS_AT_ONCE = 4096
"""Rows that are looked at together."""


@dataclass(frozen=True)
class NewRows:
    """Rows of a file, in its order.

    Attributes:
        source: the file's name.
        count: how many rows the file has.
        rows: numbers of those that can be predicted, from 0: all but those with gaps that rows
            were left out of training for.
        features: of these, under the names of the columns of training.
        has_truth: which of these have a target, (predicted rows,): all, unless rows without one
            were left out of training.
        truth: class numbers or quantities of those that have one, as `Table.y`; None where they
            were not asked for.
        notes: what a person should know of how the rows were read, a sentence each.
        names: of all rows, (count,), where each is a file of its own; else nothing.
    """

    source: str
    count: int
    rows: NDArray[np.int64]
    features: Features
    has_truth: NDArray[np.bool_]
    truth: NDArray[np.float32] | NDArray[np.int32] | None
    notes: tuple[str, ...]
    names: tuple[str, ...] = ()

    def batches(self, size: int) -> Iterator[Features]:
        """Some rows at a time."""
        whole = self.features
        for begin in range(0, len(whole.x), size):
            yield Features(whole.x[begin : begin + size], whole.columns, whole.kinds)


def read_new_rows(path: Path, trained: TrainedOn, *, with_truth: bool) -> NewRows:
    """The rows of a file of columns or of arrays, or of images.

    Columns that a run has no inputs for are left out: the target, those with another role, and
    those that its config drops or does not name.

    Args:
        with_truth: whether the target has to be there, and is read.

    Raises:
        DataError: the file cannot be read, or its columns are not those of training; a line for
            each fault.
    """
    if is_folder(path) or is_image(path):
        return _of_images(path, trained, with_truth)
    require_regular_file(path)
    ending = path.suffix.lower()
    if ending not in _ENDINGS and not is_text_file(path.name):
        raise DataError(
            f"{path}: must end in .csv, .tsv, .txt, .parquet, .xlsx or .npz, or be a folder of "
            f"images; got {quoted(path.suffix)}"
        )
    if ending == ".npz":
        return _of_arrays(path, trained, with_truth)
    if len(trained.shape) != 1:
        what = "images or an NPZ file" if trained.takes_images else "an NPZ file"
        raise DataError(
            f"{path}: must be {what}, the run was trained on rows of the shape {trained.shape}"
        )
    # Imported here because polars takes a quarter of a second, which only these files need.
    from regcli.data.files.new_tables import read_new_table

    read = read_new_table(path, trained, with_truth=with_truth)
    rows = np.flatnonzero(read.is_complete)
    x = read.features.x if len(rows) == len(read.is_complete) else read.features.x[rows]
    features = Features(x, read.features.columns, read.features.kinds)
    truth = None if read.truth is None else read.truth[read.is_complete[read.has_truth]]
    said = (
        *_notes_on_gaps(read.is_complete),
        *_notes_on_filled_gaps(features),
        *_notes_on_targets(read.has_truth),
        *_notes_on_categories(features, trained),
        *_notes_on_ranges(features, trained),
    )
    notes = (*read.notes, *(f"{path.name}: {note}" for note in said))
    has_truth = read.has_truth[rows]
    found = NewRows(path.name, len(read.is_complete), rows, features, has_truth, truth, notes)
    _require_pixels(found, path, trained)
    return found


def _require_pixels(found: NewRows, path: Path, trained: TrainedOn) -> None:
    """Refuse values that the run's scale divides by 255 once too often."""
    if trained.dataset.scale == "pixels" and len(found.rows):
        batches = found.batches(_ROWS_AT_ONCE)
        require_new_pixels((trained.preparation.apply(each) for each in batches), str(path))


def _of_arrays(path: Path, trained: TrainedOn, with_truth: bool) -> NewRows:
    columns = trained.preparation.columns
    if not trained.takes_arrays:
        raise DataError(
            f"{path}: must be a table, such as CSV or Parquet, the run was trained on columns with "
            f"names: {listed(columns)}"
        )
    x, y = archives.read_arrays(path, trained.row_shape, columns, with_y=with_truth)
    truth = None if y is None else truth_of_array(y, trained.classes, f"{path}: array y")
    every = np.arange(len(x))
    features = Features(x, columns)
    notes = tuple(f"{path.name}: {note}" for note in _notes_on_ranges(features, trained))
    found = NewRows(path.name, len(x), every, features, every >= 0, truth, notes)
    _require_pixels(found, path, trained)
    return found


def _notes_on_ranges(features: Features, trained: TrainedOn) -> Iterator[str]:
    if note := unlike_training(features, trained.ranges):
        yield note


def _of_images(path: Path, trained: TrainedOn, with_truth: bool) -> NewRows:
    """An image file, or those of a folder; with truth, of one with a sub-folder for each class."""
    if not trained.takes_images:
        given = "a folder" if is_folder(path) else "an image"
        raise DataError(
            f"{path}: must be a file like that of training, it is {given}; the run was not trained "
            "on images"
        )
    if with_truth and not is_folder(path):
        raise DataError(f"{path}: must be a folder with a sub-folder for each class to be scored")
    require_pillow(path)
    # Imported here because Pillow need not be installed.
    from regcli.data.images.image_tables import read_new_images

    found = classified_images(path) if with_truth else all_images(path)
    x, notes = read_new_images(found, trained.row_shape)
    truth = None
    if with_truth:
        labels = np.array([file.label for file in found.files])
        truth = truth_of_array(labels, trained.classes, f"{path}: sub-folders")
    every, columns = np.arange(len(x)), trained.preparation.columns
    names = tuple(file.name for file in found.files)
    features = Features(x, columns)
    source = shown_name(path)
    return NewRows(source, len(x), every, features, every >= 0, truth, notes, names)


def _notes_on_gaps(is_complete: NDArray[np.bool_]) -> Iterator[str]:
    return _note_on_rows(is_complete, "no prediction: rows with gaps")


def _notes_on_filled_gaps(features: Features) -> Iterator[str]:
    """In which columns gaps are filled, those with the most first, and in how many rows."""
    counts = np.isnan(features.x).sum(axis=0)
    most_first = [place for place in np.argsort(-counts, kind="stable") if counts[place]]
    if not most_first:
        return
    named = [
        f"{quoted(features.columns[place])} in {counts[place]:,} of {len(features.x):,} rows"
        for place in most_first[:_NAMED]
    ]
    rest = len(most_first) - len(named)
    more = f" and {rest:,} more {'column' if rest == 1 else 'columns'}" if rest else ""
    yield f"gaps filled as in training: {', '.join(named)}{more}"


def _notes_on_targets(has_truth: NDArray[np.bool_]) -> Iterator[str]:
    return _note_on_rows(has_truth, "no score: rows without a target")


def _note_on_rows(kept: NDArray[np.bool_], lack: str) -> Iterator[str]:
    """What rows lack that are like those that were left out of training."""
    count = len(kept) - int(kept.sum())
    if count:
        has = "has" if count == 1 else "have"
        yield (
            f"{count:,} of {len(kept):,} rows {has} {lack} were left out of training (missing: "
            f"drop), the first is row {int(kept.argmin()) + 1}"
        )


def _notes_on_categories(features: Features, trained: TrainedOn) -> Iterator[str]:
    """Which categories have no input of their own, and how many rows have one of them."""
    for place, column in enumerate(features.columns):
        step = trained.preparation.steps.get(column)
        if isinstance(step, CategoryStep):
            values = features.kind(column).values
            counts = _counts(features.x[:, place], len(values))
            new = [
                (value, count)
                for value, count in zip(values, counts, strict=True)
                if value not in step.values and count
            ]
            if new:
                yield _note_on_categories(column, [value for value, _ in new], new, step)


def _counts(codes: Floats, values: int) -> list[int]:
    found: list[int] = np.bincount(
        codes[~np.isnan(codes)].astype(np.int64), minlength=values
    ).tolist()
    return found


def _note_on_categories(
    column: str, names: list[str], new: list[tuple[str, int]], step: CategoryStep
) -> str:
    count = sum(count for _, count in new)
    rows = "row has" if count == 1 else "rows have"
    taken = (
        f"they count as {OTHER!r}" if OTHER in step.values else "they count as the mean of training"
    )
    return (
        f"column {quoted(column)}: {count:,} {rows} categories without an input of their own "
        f"({listed(names, _NAMED)}); {taken}"
    )
