"""Stored runs' models as files that other programs load: as they were trained, or made smaller.

Every file is loaded by a process that has only Keras, and must score there as the run did, before
it takes its place.
"""

import shutil
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from math import isnan
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regcli.data.dataset import Splits
from regcli.errors import DataError, ExportError, ShrinkError
from regcli.exports.fresh_keras import FreshKeras, Rows
from regcli.exports.model_columns import (
    WORDS,
    columns_path,
    columns_text,
    given_words,
    taken_words,
)
from regcli.exports.stored_model import (
    StoredModel,
    load_model,
    needed_code,
    require_digits,
    require_scores,
    rows_of_run,
)
from regcli.exports.written_code import code_folder, write_code
from regcli.metrics.predictions import Predictions, Scale
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

_MOST_APART = 1e-6
"""What float32 may change of a probability."""

_ACTIVATIONS = {
    Scale.LOGITS: ("softmax", Scale.PROBABILITIES),
    Scale.SEPARATE_LOGITS: ("sigmoid", Scale.SEPARATE_PROBABILITIES),
}
"""What makes probabilities of the outputs of a model with several outputs."""


@dataclass(frozen=True)
class Exported:
    """What was written.

    Attributes:
        not_compared: why scores could not be compared, because the data is not there any more;
            else nothing.
        takes, gives: in words, what the model does.
        needs: the folder of the code that has to be imported before the file is loaded; None where
            Keras has all that is in it.
    """

    not_compared: str
    takes: str
    gives: str
    needs: Path | None = None


def export_model(
    store: Store,
    identity: str,
    path: Path,
    *,
    probabilities: bool = False,
    fresh: FreshKeras | None = None,
) -> Exported:
    """Write a stored run's trained model as a Keras file that loads without regcli.

    The model takes rows as they are prepared: it scales them itself. A target that was scaled or
    logged for training comes out in its own unit. What prepares rows, and what comes out, is
    written beside it, to `columns_path(path)`. Both files take their places whole, once the model
    gives the run's own scores on every part of the data.

    Args:
        probabilities: whether outputs that are logits become probabilities.
        fresh: the process that loads the file, where several are written; None for one of its own.

    Raises:
        StoreError: if the run's weights are not stored, or cannot be read.
        ModelError: if its config no longer builds with this Keras.
        ExportError: if the file would not give what the run gave, or outputs can be no
            probabilities. Nothing is written then.
    """
    with ExitStack() as finished:
        if fresh is None:
            fresh = finished.enter_context(FreshKeras())
        stored = load_model(store, identity)
        unfinished = finished.enter_context(replacing(path))
        beside = finished.enter_context(replacing(columns_path(path)))
        stored.keras.save(unfinished)
        rows, splits, not_compared = comparable_rows(stored)
        code = needed_code(stored)
        outputs = fresh.outputs(unfinished, rows, code)
        if splits is not None:
            require_scores(stored, splits, outputs)
        scale = stored.scale
        if probabilities:
            model, scale = _with_probabilities(stored)
            model.save(unfinished)
            _require_probabilities(stored, outputs, fresh.outputs(unfinished, rows, code))
        dataset = stored.config.dataset
        text = columns_text(stored.id, stored.data, stored.preparation, scale, dataset=dataset)
        beside.write_text(text, encoding="utf-8")
        if code is not None:
            write_code(code, code_folder(path))
    takes = taken_words(stored.data, stored.preparation)
    needs = None if code is None else code_folder(path)
    return Exported(not_compared, takes, given_words(stored.data, scale), needs)


def comparable_rows(stored: StoredModel) -> tuple[Rows, Splits | None, str]:
    """Rows to compare outputs on: those of the run, or where they are not there, one of zeros.

    Returns:
        Rows by part; their split; and why there is none, else nothing.
    """
    try:
        splits = rows_of_run(stored)
    except DataError as error:
        require_digits(stored)
        return {"train": np.zeros((1, *stored.data.input_shape), np.float32)}, None, str(error)
    return _rows(splits), splits, ""


def _with_probabilities(stored: StoredModel) -> tuple[Any, Scale]:
    """The model with its outputs as probabilities, and what they are.

    Raises:
        ExportError: the run's outputs make no probabilities.
    """
    from regcli.models.export import with_activation

    if stored.scale not in _ACTIVATIONS:
        raise ExportError(
            f"run {stored.id}: probabilities need outputs that are logits, these are "
            f"{WORDS[stored.scale]}; nothing was written"
        )
    activation, made = _ACTIVATIONS[stored.scale]
    if stored.keras.output_shape[-1] == 1:
        activation = "sigmoid"
    return with_activation(stored.keras, activation), made


def _require_probabilities(stored: StoredModel, logits: Rows, found: Rows) -> None:
    """Check that a file gives the probabilities that the run's outputs stand for."""
    for part, given in found.items():
        expected = Predictions(np.zeros(0), logits[part][np.newaxis], stored.scale)
        if stored.scale is Scale.LOGITS:
            wanted = expected.probabilities[0][:, -given.shape[1] :]
        else:
            wanted = 1 / (1 + np.exp(-logits[part].astype(np.float64)))
        if not np.abs(given - wanted).max() <= _MOST_APART:
            raise ExportError(
                f"run {stored.id}: the model in the file must give the run's probabilities, on "
                f"the {part} rows some differ by more than {_MOST_APART:g}; nothing was written"
            )


def shrink_model(store: Store, identity: str, output: Path, drop_inputs: bool) -> Shrinkage:
    """Write a stored run's model without its dead parts, once its outputs are known to be the same.

    The file that is compared and measured is the one that is written. With `drop_inputs` the inputs
    that the model takes are written as well, to `columns_path(output)`.

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
                given = (stored.id, stored.data, stored.preparation, stored.scale)
                text = columns_text(*given, smaller.kept_inputs, dataset=stored.config.dataset)
                path.write_text(text, encoding="utf-8")
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


def _names(stored: StoredModel, chosen: NDArray[np.bool_]) -> tuple[str, ...]:
    names = zip(stored.data.columns, chosen, strict=True)
    return tuple(name for name, is_chosen in names if is_chosen)
