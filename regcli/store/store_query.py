"""Which stored runs a list shows, and in which order, as SQL: no record is read for it.

Keys that have a column of `runs` are looked up there; any other is taken out of the record's JSON.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast

from regcli.config.result_keys import GAP
from regcli.errors import UsageError
from regcli.results.records import RunState

Comparison = Literal["<", "<=", ">", ">=", "==", "!="]
Expression = tuple[str, tuple[Any, ...]]
"""SQL of a value, and the parameters in it."""

_FORM = re.compile(r"\s*([^<>=!]+?)\s*(<=|>=|==|!=|<|>)\s*([^<>=!].*?)\s*")
_COLUMNS: Mapping[str, str] = {
    **{key: key for key in ("id", "name", "state", "created", "epochs", "seconds", "l1", "l2")},
    **{key: key for key in ("seed", "fold", "method", "refit_of", "data", "model")},
    **{key: key for key in ("score", "score_name")},
    "validation.data_loss": "data_loss",
    "validation.accuracy": "accuracy",
    "validation.r2": "r2",
    "sparsity.exact": "exact_sparsity",
}
"""Keys that have a column of their own."""
LISTED = tuple(_COLUMNS)
"""Keys that every run can have, whatever its config."""
_TOP = frozenset({"engine", "message", "optimality", "sparsity"})
_PARTS = frozenset({"train", "validation", "test"})
_LIVE_UNITS = "live_units"


@dataclass(frozen=True)
class Filter:
    """A comparison that a run must meet to be listed; a run without the value does not."""

    key: str
    comparison: Comparison
    bound: float | str


@dataclass(frozen=True)
class RunQuery:
    """Which runs, in which order.

    Attributes:
        name: of the runs' config; `*` and `?` match any characters.
        sort: a key; None for the newest first.
        last: how many at most; None for all.
        values: keys whose values are requested in addition to each run's summary.
    """

    name: str | None = None
    state: RunState | None = None
    filters: tuple[Filter, ...] = ()
    sort: str | None = None
    descending: bool = False
    last: int | None = None
    values: tuple[str, ...] = ()

    @property
    def keys(self) -> tuple[str, ...]:
        """Every key that it names."""
        sort = () if self.sort is None else (self.sort,)
        return tuple(dict.fromkeys([*(each.key for each in self.filters), *sort, *self.values]))

    @property
    def chooses(self) -> bool:
        """Whether some runs may be left out for what they are."""
        return bool(self.filters) or self.name is not None or self.state is not None


def parse_filter(text: str) -> Filter:
    """Read `KEY OPERATOR VALUE`; a text can only be equal or not.

    Raises:
        UsageError: for another form, or a text with another operator.
    """
    matched = _FORM.fullmatch(text)
    if matched is None:
        raise UsageError(
            "must be a key, one of < <= > >= == !=, and a value, like 'l1>0' or "
            f"'method==proximal', got '{text}'"
        )
    key, comparison, value = matched.groups()
    bound = _number(value)
    if isinstance(bound, str) and comparison not in {"==", "!="}:
        raise UsageError(f"{comparison} must be followed by a finite number, got '{value}'")
    return Filter(key, cast(Comparison, comparison), bound)


def _number(text: str) -> float | str:
    try:
        number = float(text)
    except ValueError:
        return text.strip("'\"")
    return number if math.isfinite(number) else text


def expression(key: str) -> Expression:
    """SQL for the value of a key; NULL where a run has none."""
    if key in _COLUMNS:
        return f"runs.{_COLUMNS[key]}", ()
    if key == GAP:
        train, more = expression("train.data_loss")
        return f"(runs.data_loss - {train})", more
    head, _, name = key.partition(".")
    if key.endswith(f".{_LIVE_UNITS}"):
        path = _path("sparsity", *(("after_zeroing",) if head != "sparsity" else ()), _LIVE_UNITS)
        return _whole("(SELECT sum(value) FROM json_each(records.record, ?))"), (path,)
    if head in _PARTS:
        path = _path("metrics", head, name)
    elif head == "after_zeroing":
        part, _, metric = name.partition(".")
        path = _path("sparsity", head, *(("metrics", part, metric) if metric else (name,)))
    elif head in _TOP:
        path = _path(*key.split("."))
    else:
        steps = key.split(".")
        setting, configured = _path("settings", key), _path("config", *steps)
        found = "coalesce(json_extract(records.record, ?), json_extract(records.record, ?))"
        return _whole(found), (setting, configured)
    return _whole("json_extract(records.record, ?)"), (path,)


def _whole(sql: str) -> str:
    """A value of the record's JSON; NULL where that is damaged, which the list itself says."""
    return f"(CASE WHEN json_valid(records.record) THEN {sql} END)"


def _path(*steps: str) -> str:
    """Steps as SQLite's JSON paths have them; a number is a position of a list."""
    return "$" + "".join(
        f"[{step}]" if step.isdecimal() else '."{}"'.format(step.replace('"', "")) for step in steps
    )


def condition(query: RunQuery) -> Expression:
    """SQL that is true for the runs of a query."""
    parts: list[str] = []
    given: list[Any] = []
    if query.name is not None:
        parts.append("(runs.name = ? OR runs.name GLOB ?)")
        given += [query.name, query.name]
    if query.state is not None:
        parts.append("runs.state = ?")
        given.append(query.state.value)
    for each in query.filters:
        sql, more = expression(each.key)
        # For SQLite any text is larger than any number.
        kinds = "'text'" if isinstance(each.bound, str) else "'integer', 'real'"
        parts.append(f"(typeof({sql}) IN ({kinds}) AND {sql} {each.comparison} ?)")
        given += [*more, *more, each.bound]
    return " AND ".join(parts) or "1", tuple(given)


def order(query: RunQuery) -> Expression:
    """SQL of the order; runs without the value come last, of equal ones the newest first."""
    newest = "runs.created DESC, runs.number DESC"
    if query.sort is None:
        return newest, ()
    sql, more = expression(query.sort)
    direction = "DESC" if query.descending else "ASC"
    return f"{sql} IS NULL, {sql} {direction}, {newest}", (*more, *more)
