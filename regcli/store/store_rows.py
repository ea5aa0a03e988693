"""Between records and rows: what is stored of a run, and what a list of runs shows of it."""

import json
import math
import re
import shlex
import zlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from pydantic_core import PydanticSerializationError

from regcli.errors import StoreError
from regcli.metrics.registry import METRICS
from regcli.one_line import shortened
from regcli.results.model_words import model_words
from regcli.results.records import RunRecord, RunState
from regcli.results.shown_metrics import asked_ranking, shown_metrics
from regcli.store.finite_records import all_finite
from regcli.store.store_errors import Damage

_RUN_ID = re.compile(r"[0-9a-f]{4,64}")
_PLAIN_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
_LARGEST_INTEGER = 2**63 - 1
_LONGEST = 60
"""Characters of a damaged value that are shown."""


@dataclass(frozen=True, slots=True)
class RunSummary:
    """One line of a list of runs, known without reading the whole record.

    Attributes:
        created: when the run ended: ISO 8601, UTC.
        l1: strength; None where the record has no number there.
        data_loss: of the validation rows, like `accuracy` and `r2`; None where it was not measured.
        exact_sparsity: share of kernel weights that are 0.0.
        refit_of: the run whose support a refitted one was trained on; None for other runs.
        data: what the run was trained on, such as `digits`.
        model: its model in a few words, such as `64-128-10`.
        score, score_name: the metric that ranks it, else its first one, on the validation rows,
            and which one that is.
        identity: version of the identity that its id was made by; None for older runs.
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
    data: str | None
    model: str | None
    score: float | None
    score_name: str | None
    identity: int | None
    sweeps: int


COLUMNS = tuple(name for name in RunSummary.__slots__ if name != "sweeps")
"""Columns of the table `runs` that a summary shows, in its order."""

_STATES = {state.value: state for state in RunState}
FINAL_STATES = frozenset(state.value for state in RunState if state.is_final)
"""States of runs that training would only repeat, as the table `runs` has them."""

_WANTED: Mapping[str, tuple[type, str]] = {
    "name": (str, "text"),
    "created": (str, "text"),
    "epochs": (int, "a whole number"),
    **dict.fromkeys(("seconds", "l1", "l2", "data_loss", "accuracy", "r2"), (float, "a number")),
    "exact_sparsity": (float, "a number"),
    **dict.fromkeys(("seed", "fold", "identity"), (int, "a whole number")),
    "score": (float, "a number"),
    **dict.fromkeys(("method", "refit_of", "data", "model", "score_name"), (str, "text")),
}
"""The values in the columns of a summary, except id and state; a number is finite."""
_NEVER_NULL = frozenset({"name", "created", "epochs"})
_CHECKS = tuple((COLUMNS.index(column), kind, column) for column, (kind, _) in _WANTED.items())
"""The position of each of them, because a list can have tens of thousands of rows."""


def is_run_id(value: object) -> bool:
    """Whether this can be a run's id, and so the name of a folder in the store."""
    return isinstance(value, str) and _RUN_ID.fullmatch(value) is not None


def summary(row: tuple[Any, ...]) -> RunSummary | Damage:
    """The summary in a row of `COLUMNS` and the number of sweeps, or what is wrong with it."""
    run_id, name, state, *rest = row
    if not is_run_id(run_id):
        return _foreign(run_id, "has no id of 4 to 64 hex digits")
    if state not in _STATES:
        return _foreign(run_id, f"has the state {_shown(state)}, which this regcli does not know")
    for place, kind, column in _CHECKS:
        value = row[place]
        if type(value) is kind and not (isinstance(value, float) and not math.isfinite(value)):
            continue
        if value is not None or column in _NEVER_NULL:
            words = _WANTED[column][1]
            return _foreign(run_id, f"has {_shown(value)} as its {column}, which must be {words}")
    return RunSummary(run_id, name, _STATES[state], *rest)


def _foreign(run_id: object, what: str) -> Damage:
    name = run_id if is_run_id(run_id) else _shown(run_id)
    return Damage(
        str(run_id), f"The stored run {name} {what}; update regcli, or {_removal(run_id)}"
    )


def _removal(run_id: object) -> str:
    """How to remove a row, whatever its id is."""
    if isinstance(run_id, str) and run_id.isprintable():
        if is_run_id(run_id):
            return f"remove the run with 'regcli runs rm {run_id}'."
        return f"remove it with: regcli runs rm -- {shlex.quote(run_id)}"
    return "delete that row of the table runs with another program."


def _shown(value: object) -> str:
    return shortened(repr(value), _LONGEST)


def column_values(record: RunRecord, files: Mapping[str, bytes]) -> tuple[Any, ...]:
    """Values of `COLUMNS`, then of `files`: the name and size of each, as JSON.

    Raises:
        StoreError: the id is none, or a file's name not plain, so that it could leave the store.
    """
    for name in (record.id, *files):
        if not _PLAIN_NAME.fullmatch(name):
            raise StoreError(
                f"Runs and their files have plain names of letters, digits, '.', '_' and '-', "
                f"got {name!r} in the run {record.id!r}."
            )
    if not is_run_id(record.id):
        raise StoreError(f"A run's id must be 4 to 64 hex digits, got {record.id!r}.")
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
        None if record.data is None else record.data.source,
        model_words(record),
        *score_of(record),
        record.identity,
        json.dumps({name: len(content) for name, content in files.items()}),
    )


def score_of(record: RunRecord) -> tuple[float | None, str | None]:
    """The metric that ranks a run, else its first one, on the validation rows; and its name.

    Both are None where it has none.
    """
    validation = record.metrics.get("validation", {})
    ranking = (asked_ranking([record]) or "").removeprefix("validation.")
    names = [ranking, *(metric.key for metric in shown_metrics([record]))]
    name = next((name for name in names if name in METRICS and name in validation), None)
    return (None, None) if name is None else (_number(validation[name]), name)


def plain_mapping(text: object) -> dict[str, Any] | None:
    """JSON that `json.dumps` wrote of a mapping; None for anything else."""
    try:
        found = json.loads(text) if isinstance(text, str) else None
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def file_sizes(text: object) -> dict[str, int] | None:
    """The size of each of a run's files as `column_values` wrote them; None for anything else."""
    sizes = plain_mapping(text)
    if sizes is None or not all(map(_PLAIN_NAME.fullmatch, sizes)):
        return None
    return sizes if all(isinstance(size, int) for size in sizes.values()) else None


def encode(record: RunRecord) -> str:
    """The record as JSON, with NaN and infinities as null.

    Raises:
        StoreError: it could not be read back, such as for a NaN where a record needs a number.
    """
    try:
        text = record.model_dump_json()
        if not all_finite(record):  # to read each record back takes longer than to write it
            RunRecord.model_validate_json(text)
    except ValidationError as error:
        raise StoreError(f"The run {record.id} cannot be stored: {_first(error)}") from error
    except PydanticSerializationError as error:
        raise StoreError(f"The run {record.id} cannot be stored: {error}.") from error
    return text


def checksum(text: str) -> int:
    """The checksum of a record, which shows whether it was changed."""
    return zlib.crc32(text.encode("utf-8", "surrogatepass"))


def decode(run_id: str, text: object, stored: object) -> RunRecord | Damage:
    """The record that `encode` wrote, or what is wrong with it.

    Args:
        text: None where it is missing.
        stored: its checksum; None in stores of before there were any.
    """
    try:
        record = RunRecord.model_validate_json(_whole(text, stored))
    except ValidationError as error:
        return _unreadable(run_id, _first(error))
    except ValueError as error:
        return _unreadable(run_id, str(error))
    return (
        record if record.id == run_id else _unreadable(run_id, "its record is that of another run.")
    )


def _whole(text: object, stored: object) -> str:
    """The text of a record, once it is known to be as it was written.

    Raises:
        ValueError: it is not, or nobody can know and it holds what regcli does not write.
    """
    if not isinstance(text, str):
        raise ValueError("its record is missing." if text is None else "its record is not text.")
    if stored is None:
        with suppress(json.JSONDecodeError, RecursionError):  # which pydantic puts into words
            json.loads(text, parse_constant=_refuse, parse_float=_finite)
    elif checksum(text) != stored:
        RunRecord.model_validate_json(text)  # says what is wrong, where that can be seen
        raise ValueError("its record was changed after it was stored.")
    return text


def _refuse(constant: str) -> None:
    raise ValueError(f"its record has {constant} in place of a number.")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"its record has {text} as a number, which is too large.")
    return number


def _unreadable(run_id: str, why: str) -> Damage:
    return Damage(
        run_id,
        f"The stored run {run_id} cannot be read: {why} Remove it with 'regcli runs rm {run_id}', "
        f"then train it again.",
    )


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
