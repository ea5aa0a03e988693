"""Between records and rows: what is stored of a run, and what a list of runs shows of it."""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from regcli.errors import StoreError
from regcli.results.records import RunRecord, RunState

_PLAIN_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
_LARGEST_INTEGER = 2**63 - 1


@dataclass(frozen=True, slots=True)
class RunSummary:
    """One line of a list of runs, known without reading the whole record.

    Attributes:
        created: when the run ended: ISO 8601, UTC.
        l1: strength; None where the record has no number there.
        data_loss: of the validation rows, like `accuracy` and `r2`; None where it was not measured.
        exact_sparsity: share of kernel weights that are 0.0.
        refit_of: the run whose support a refitted one was trained on; None for other runs.
        sweeps: in how many stored sweeps the run is a member.
    """

    id: str
    name: str
    state: RunState
    created: str
    epochs: int
    seconds: float | None
    l1: float | None
    l2: float | None
    seed: int | None
    fold: int | None
    method: str | None
    data_loss: float | None
    accuracy: float | None
    r2: float | None
    exact_sparsity: float | None
    refit_of: str | None
    sweeps: int


COLUMNS = tuple(name for name in RunSummary.__slots__ if name != "sweeps")
"""Columns of the table `runs` that a summary shows, in its order."""

_STATES = {state.value: state for state in RunState}


def summary(row: tuple[Any, ...]) -> RunSummary:
    """The summary in a row of `COLUMNS` and the number of sweeps.

    Raises:
        StoreError: the state is one that this regcli does not know.
    """
    run_id, name, state, *rest = row
    if state not in _STATES:
        raise StoreError(
            f"The stored run {run_id} has the state {state!r}, which this regcli does not know; "
            f"update regcli, or remove the run with 'regcli runs rm {run_id}'."
        )
    return RunSummary(run_id, name, _STATES[state], *rest)


def column_values(record: RunRecord, files: Mapping[str, bytes]) -> tuple[Any, ...]:
    """Values of `COLUMNS`, then of `files`: the name and size of each, as JSON.

    Raises:
        StoreError: the id or a file's name is no plain name, so that it could leave the store.
    """
    for name in (record.id, *files):
        if not _PLAIN_NAME.fullmatch(name):
            raise StoreError(
                f"Runs and their files have plain names of letters, digits, '.', '_' and '-', "
                f"got {name!r} in the run {record.id!r}."
            )
    settings = record.settings
    validation = record.metrics.get("validation", {})
    return (
        record.id,
        record.name,
        record.state.value,
        record.created,
        record.epochs,
        _number(record.seconds),
        _number(settings.get("l1")),
        _number(settings.get("l2")),
        _integer(settings.get("seed")),
        _integer(settings.get("fold")),
        _text(settings.get("method")),
        _number(validation.get("data_loss")),
        _number(validation.get("accuracy")),
        _number(validation.get("r2")),
        None if record.sparsity is None else _number(record.sparsity.exact),
        _text(record.refit_of),
        json.dumps({name: len(content) for name, content in files.items()}),
    )


def encode(record: RunRecord) -> str:
    """The record as JSON, with NaN and infinities as null.

    Raises:
        StoreError: it could not be read back, such as for a NaN where a record needs a number.
    """
    text = record.model_dump_json()
    try:
        RunRecord.model_validate_json(text)
    except ValidationError as error:
        raise StoreError(f"The run {record.id} cannot be stored: {_first(error)}") from error
    return text


def decode(run_id: str, text: str) -> RunRecord:
    """The record that `encode` wrote.

    Raises:
        StoreError: the text is no record; it names the run.
    """
    try:
        return RunRecord.model_validate_json(text)
    except ValidationError as error:
        raise StoreError(
            f"The stored run {run_id} cannot be read: {_first(error)} Remove it with "
            f"'regcli runs rm {run_id}', then train it again."
        ) from error


def _first(error: ValidationError) -> str:
    problem = error.errors(include_url=False)[0]
    place = ".".join(map(str, problem["loc"])) or "record"
    return f"{place}: {problem['msg']}."


def _number(value: object) -> float | None:
    if isinstance(value, int | float) and math.isfinite(value):
        return float(value)
    return None


def _integer(value: object) -> int | None:
    # The record itself keeps a larger one; a column of SQLite cannot.
    if isinstance(value, int) and -_LARGEST_INTEGER <= value <= _LARGEST_INTEGER:
        return value
    return None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
