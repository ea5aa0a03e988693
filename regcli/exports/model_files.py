"""Stored runs' models as files that other programs load: as they were trained, or made smaller.

Every file is loaded by a process that has only Keras, and must score there as the run did, before
it takes its place.
"""

import json
import shutil
import tempfile
from contextlib import ExitStack
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from regcli.data.dataset import Splits
from regcli.errors import DataError, ShrinkError
from regcli.exports.fresh_keras import FreshKeras, Rows
from regcli.exports.stored_model import (
    StoredModel,
    load_model,
    require_digits,
    require_scores,
    rows_of_run,
)
from regcli.results.shrinkage import (
    TOLERANCE,
    Check,
    Cost,
    Shrinkage,
    UnitCount,
    relative_difference,
)
from regcli.store.store import Store
from regcli.whole_files import replacing

if TYPE_CHECKING:
    from regcli.models.smaller import SmallerModel


def export_model(store: Store, identity: str, path: Path) -> str:
    """Write a stored run's trained model as a Keras file that loads without regcli.

    The model takes rows as they are in the data: it scales them itself. A target that was scaled or
    logged for training comes out in its own unit. The file takes its place whole, once it gives the
    run's own scores on every part of the data.

    Returns:
        Why the scores could not be compared, because the data is not there any more; else nothing.

    Raises:
        StoreError: if the run's weights are not stored, or cannot be read.
        ModelError: if its config no longer builds with this Keras.
        ExportError: if the file would not give what the run gave. Nothing is written then.
    """
    with FreshKeras() as fresh:
        stored = load_model(store, identity)
        with replacing(path) as unfinished:
            stored.keras.save(unfinished)
            return _compare(stored, unfinished, fresh)


def _compare(stored: StoredModel, file: Path, fresh: FreshKeras) -> str:
    try:
        splits = rows_of_run(stored)
    except DataError as error:
        require_digits(stored)
        one_row = np.zeros((1, *stored.data.input_shape), np.float32)
        fresh.outputs(file, {"train": one_row})
        return str(error)
    require_scores(stored, splits, fresh.outputs(file, _rows(splits)))
    return ""


def shrink_model(store: Store, identity: str, output: Path, drop_inputs: bool) -> Shrinkage:
    """Write a stored run's model without its dead parts, once its outputs are known to be the same.

    The file that is compared and measured is the one that is written. With `drop_inputs` the names
    of the columns that the model takes are written as well, to `columns_path(output)`.

    Raises:
        StoreError: if the run's weights are not stored.
        ModelError: if its config no longer builds with this Keras.
        DataError: if the run's data cannot be read, or is no longer what it was trained on.
        ExportError: if the files would not score as the run did.
        ShrinkError: if a layer cannot be made smaller, or the outputs differ by more than
            `TOLERANCE`. Nothing is written then.
    """
    with FreshKeras() as fresh:
        return _shrink(load_model(store, identity), output, drop_inputs, fresh)


def _shrink(stored: StoredModel, output: Path, drop_inputs: bool, fresh: FreshKeras) -> Shrinkage:
    from regcli.models.export import save_and_load
    from regcli.models.smaller import make_smaller, take_inputs

    smaller = make_smaller(stored.keras, drop_inputs)
    splits = _rows_to_compare(stored)
    rows = _rows(splits)
    taken = {part: take_inputs(given, smaller) for part, given in rows.items()}
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / "before.keras", Path(folder) / "after.keras"]
        before = save_and_load(stored.keras, files[0])
        after = save_and_load(smaller.model, files[1])
        outputs = fresh.outputs(files[0], rows), fresh.outputs(files[1], taken)
        require_scores(stored, splits, outputs[0])
        part = "test" if "test" in rows else "train"
        difference = relative_difference(*(given[part] for given in outputs))
        check = Check(part, len(rows[part]), difference)
        _require_equal(stored.id, check)
        require_scores(stored, splits, outputs[1])
        costs = _costs([(before, rows[part]), (after, taken[part])], files)
        with ExitStack() as finished:
            shutil.copyfile(files[1], finished.enter_context(replacing(output)))
            if drop_inputs:
                path = finished.enter_context(replacing(columns_path(output)))
                path.write_text(_columns_text(stored, smaller), encoding="utf-8")
    return Shrinkage(
        run=stored.id,
        inputs=UnitCount("inputs", smaller.live_inputs.size, int(smaller.live_inputs.sum())),
        units=smaller.units,
        columns=_names(stored, smaller.kept_inputs if drop_inputs else smaller.live_inputs),
        takes_all_columns=not drop_inputs,
        before=costs[0],
        after=costs[1],
        check=check,
    )


def columns_path(output: Path) -> Path:
    """The file next to `small.keras` that names the columns it takes: `small.columns.json`."""
    return output.with_suffix(".columns.json")


def _rows_to_compare(stored: StoredModel) -> Splits:
    """The run's parts.

    Raises:
        DataError: if the data cannot be read, or has changed.
    """
    try:
        return rows_of_run(stored)
    except DataError as error:
        what = "shrink compares outputs on the data of the run"
        raise DataError(f"run {stored.id}: {what}, and {error}") from None


def _rows(splits: Splits) -> Rows:
    return {name: part.x for name, part in splits.parts() if part is not None}


def _require_equal(identity: str, check: Check) -> None:
    """Raise ShrinkError where outputs differ, or are not finite and cannot be compared."""
    if check.difference <= TOLERANCE:
        return
    found = f"they differ by {check.difference:.2g}"
    raise ShrinkError(
        f"run {identity}: outputs on the {check.part} rows must stay equal within {TOLERANCE:g} of "
        f"the largest, {'some are not finite' if isnan(check.difference) else found}; "
        "nothing was written"
    )


def _costs(models: list[tuple[Any, NDArray[np.float32]]], files: list[Path]) -> list[Cost]:
    from regcli.models.cost import BATCH_SIZES, call_seconds, model_size

    seconds = {count: call_seconds(models, count) for count in BATCH_SIZES}
    return [
        Cost(
            **vars(model_size(model)),
            bytes=file.stat().st_size,
            seconds={count: medians[number] for count, medians in seconds.items()},
        )
        for number, ((model, _), file) in enumerate(zip(models, files, strict=True))
    ]


def _columns_text(stored: StoredModel, smaller: "SmallerModel") -> str:
    document = {
        "run": stored.id,
        "columns": _names(stored, smaller.kept_inputs),
        "positions": np.flatnonzero(smaller.kept_inputs).tolist(),
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _names(stored: StoredModel, chosen: NDArray[np.bool_]) -> tuple[str, ...]:
    names = zip(stored.data.columns, chosen, strict=True)
    return tuple(name for name, is_chosen in names if is_chosen)
