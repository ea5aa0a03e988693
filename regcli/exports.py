"""Stored runs' models as files that other programs load: as they were trained, or made smaller."""

import json
import shutil
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from regcli.config.schema import Config
from regcli.data.sources import load_table
from regcli.data.splits import split
from regcli.errors import DataError, ShrinkError, StoreError
from regcli.results.records import DataSummary, RunRecord
from regcli.results.shrinkage import (
    TOLERANCE,
    Check,
    Cost,
    Shrinkage,
    UnitCount,
    relative_difference,
)
from regcli.results.store import Store
from regcli.results.store_weights import read_weights
from regcli.results.stored_configs import config_of
from regcli.whole_files import replacing

if TYPE_CHECKING:
    from regcli.nets.smaller import SmallerModel


def export_model(store: Store, identity: str, path: Path) -> None:
    """Write a stored run's trained model as a Keras file that loads without regcli.

    The model takes rows as they are in the data: it scales them itself. The file takes its place
    whole or not at all.

    Raises:
        StoreError: if the run's weights are not stored, or cannot be read.
        ModelError: if its config no longer builds with this Keras.
    """
    model = _stored_model(store, identity).keras
    with replacing(path) as unfinished:
        model.save(unfinished)


def shrink_model(store: Store, identity: str, output: Path, drop_inputs: bool) -> Shrinkage:
    """Write a stored run's model without its dead parts, once its outputs are known to be the same.

    The file that is compared and measured is the one that is written. With `drop_inputs` the names
    of the columns that the model takes are written as well, to `columns_path(output)`.

    Raises:
        StoreError: if the run's weights are not stored.
        ModelError: if its config no longer builds with this Keras.
        DataError: if the run's data cannot be read, or is no longer what it was trained on.
        ShrinkError: if a layer cannot be made smaller, or the outputs differ by more than
            `TOLERANCE`. Nothing is written then.
    """
    stored = _stored_model(store, identity)
    from regcli.nets.export import save_and_load
    from regcli.nets.smaller import make_smaller, take_inputs

    smaller = make_smaller(stored.keras, drop_inputs)
    part, rows = _rows_to_compare(stored)
    taken = take_inputs(rows, smaller)
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / "before.keras", Path(folder) / "after.keras"]
        before = save_and_load(stored.keras, files[0])
        after = save_and_load(smaller.model, files[1])
        difference = relative_difference(_outputs(before, rows), _outputs(after, taken))
        check = Check(part, len(rows), difference)
        _require_equal(identity, check)
        costs = _costs([(before, rows), (after, taken)], files)
        with ExitStack() as finished:
            shutil.copyfile(files[1], finished.enter_context(replacing(output)))
            if drop_inputs:
                path = finished.enter_context(replacing(columns_path(output)))
                path.write_text(_columns_text(stored, smaller), encoding="utf-8")
    return Shrinkage(
        run=identity,
        inputs=UnitCount("inputs", smaller.live_inputs.size, int(smaller.live_inputs.sum())),
        units=smaller.units,
        columns=_names(stored, smaller.kept_inputs if drop_inputs else smaller.live_inputs),
        takes_all_columns=not drop_inputs,
        before=costs[0],
        after=costs[1],
        check=check,
    )


def columns_path(output: Path) -> Path:
    """The file beside `small.keras` that says which columns it takes: `small.columns.json`."""
    return output.with_suffix(".columns.json")


@dataclass(frozen=True)
class _StoredModel:
    """A run's record, what it was trained on, and its model, which takes rows as the data has them.

    `keras` is a `keras.Sequential`; this module does not load Keras to say so.
    """

    record: RunRecord
    data: DataSummary
    config: Config
    keras: Any


def _stored_model(store: Store, identity: str) -> _StoredModel:
    record = store.get(identity)
    weights = read_weights(store, identity)
    if record is None or record.data is None:
        raise StoreError(f"run {identity}: has no model to write")
    from regcli.nets.export import rebuild_model

    config = config_of(record)
    model = rebuild_model(config, record.data, weights)
    return _StoredModel(record, record.data, config, model)


def _rows_to_compare(stored: _StoredModel) -> tuple[str, NDArray[np.float32]]:
    """The test rows as they are in the data, or the train rows where there are none; which part.

    Raises:
        DataError: if the data cannot be read, or has changed.
    """
    identity, dataset = stored.record.id, stored.config.dataset
    where = "shrink compares outputs on the data that a run was trained on"
    try:
        table = load_table(dataset, Path())
    except DataError as error:
        advice = "; run it in the folder of the run's config" if dataset.file else ""
        raise DataError(f"run {identity}: {where}, and cannot read it: {error}{advice}") from None
    if table.fingerprint != stored.data.fingerprint:
        raise DataError(
            f"run {identity}: {where}, and {table.source} has changed since: its fingerprint is "
            f"{table.fingerprint}, it was {stored.data.fingerprint}"
        )
    splits = split(table, dataset)
    name, part = ("train", splits.train) if splits.test is None else ("test", splits.test)
    flat = part.x.reshape(len(part), -1) * splits.width + splits.center
    return name, flat.astype(np.float32).reshape(part.x.shape)


def _outputs(model: Any, rows: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(model.predict(rows, batch_size=1024, verbose=0))


def _require_equal(identity: str, check: Check) -> None:
    """Raise ShrinkError where outputs differ, or are no numbers that could be compared."""
    if check.difference <= TOLERANCE:
        return
    found = f"they differ by {check.difference:.2g}"
    raise ShrinkError(
        f"run {identity}: outputs must stay equal to {TOLERANCE:g} of their largest on the "
        f"{check.part} rows, {'and some are not finite' if isnan(check.difference) else found}; "
        "nothing was written"
    )


def _costs(models: list[tuple[Any, NDArray[np.float32]]], files: list[Path]) -> list[Cost]:
    from regcli.nets.cost import BATCH_SIZES, call_seconds, model_size

    seconds = {count: call_seconds(models, count) for count in BATCH_SIZES}
    return [
        Cost(
            **vars(model_size(model)),
            bytes=file.stat().st_size,
            seconds={count: medians[number] for count, medians in seconds.items()},
        )
        for number, ((model, _), file) in enumerate(zip(models, files, strict=True))
    ]


def _columns_text(stored: _StoredModel, smaller: "SmallerModel") -> str:
    document = {
        "run": stored.record.id,
        "columns": _names(stored, smaller.kept_inputs),
        "positions": np.flatnonzero(smaller.kept_inputs).tolist(),
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _names(stored: _StoredModel, chosen: NDArray[np.bool_]) -> tuple[str, ...]:
    names = zip(stored.data.columns, chosen, strict=True)
    return tuple(name for name, is_chosen in names if is_chosen)
