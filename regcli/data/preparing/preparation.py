"""From the columns of a table to the inputs of a model, as fitted on training rows alone."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated, Any, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, TypeAdapter

from regcli.config.column_keys import MissingKind
from regcli.data.columns.column_rules import ColumnRules
from regcli.data.features import NUMBER, Features, Floats, Kind
from regcli.data.fingerprint import DIGITS
from regcli.data.preparing.quantiles import quantiles_of, ranks
from regcli.data.preparing.steps.categories import OTHER, CategoryStep
from regcli.data.preparing.steps.dates import DateStep
from regcli.data.preparing.steps.numbers import NumberStep
from regcli.data.preparing.steps.step import Write, fills
from regcli.data.wording import listed, quoted
from regcli.errors import DataError

AnyStep = Annotated[NumberStep | CategoryStep | DateStep, Field(discriminator="type")]
_STEPS: TypeAdapter[tuple[AnyStep, ...]] = TypeAdapter(tuple[AnyStep, ...])

_CELLS_AT_ONCE = 2**18

VERSION = 1
"""Counted up where the same table comes to other inputs; part of its fingerprint."""


@dataclass(frozen=True)
class Preparation:
    """What is done to rows before they are scaled; it is plain data, and the same for all parts.

    Attributes:
        columns: the table's columns in order.
        steps: what becomes of some of them, by name; the others are inputs as they are.
        quantiles: of inputs that become their ranks among the training rows, by name.
    """

    columns: tuple[str, ...]
    steps: Mapping[str, AnyStep] = field(default_factory=dict)
    quantiles: Mapping[str, tuple[float, ...]] = field(default_factory=dict, repr=False)

    @cached_property
    def key(self) -> str | None:
        """A name that follows from everything in it; None for the identity."""
        if self.is_identity:
            return None
        text = json.dumps(self.as_plain(), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:DIGITS]

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know of it, a sentence each."""
        steps = [step for step in self.steps.values() if isinstance(step, CategoryStep)]
        return tuple(_pooled(step) for step in steps if step.pooled)

    @property
    def rules(self) -> ColumnRules:
        """How further rows are read, so that they can be prepared."""
        filled = [column for column, step in self.steps.items() if step.fill is not None]
        return ColumnRules(
            columns=self.columns,
            types={column: self.kind(column) for column in self.columns},
            max_categories=1,  # any number of them is read: they have their inputs already
            missing_by_column=dict.fromkeys(filled, "indicator"),
        )

    @property
    def is_identity(self) -> bool:
        """Whether inputs are the columns as they are."""
        return not self.steps and not self.quantiles

    @cached_property
    def inputs(self) -> tuple[str, ...]:
        """Names of the model's inputs, noise columns aside."""
        if not self.steps:
            return self.columns
        return tuple(name for column in self.columns for name in self._inputs_of(column))

    @cached_property
    def sources(self) -> tuple[str, ...]:
        """The column that each input comes from."""
        if not self.steps:
            return self.columns
        return tuple(column for column in self.columns for _ in self._inputs_of(column))

    def inputs_of(self, named: Sequence[str] | None) -> tuple[str, ...] | None:
        """The inputs that are named, or that come from a column that is, in order.

        A category that shares an input with another one, or has none, names what its column has
        in common where that is one input.
        """
        if named is None or not self.steps:
            return None if named is None else tuple(name for name in self.columns if name in named)
        chosen = set(named)
        for step in self.steps.values():
            if isinstance(step, CategoryStep) and len(step.dummies) == 1:
                chosen |= {step.column for name in named if name.startswith(f"{step.column}=")}
        both = zip(self.inputs, self.sources, strict=True)
        return tuple(name for name, source in both if name in chosen or source in chosen)

    def kind(self, column: str) -> Kind:
        """What a column holds: of a category the values that have an input."""
        return self.steps[column].kind if column in self.steps else NUMBER

    def apply(self, features: Features) -> Floats:
        """The inputs of rows, (rows, inputs), or (rows, …) for tensors; float64 unless identical.

        Columns are found by name; those that are not the preparation's own are left out. A category
        that no training row has is `other` where the column has one, else the mean of its inputs
        over the training rows.

        Raises:
            DataError: a column is missing or holds another kind of values, or has gaps that there
                were none of in the training data.
        """
        if self.is_identity and features.columns == self.columns:
            for column, kind in features.kinds.items():
                _require_kind(column, kind, NUMBER)
            return features.x
        flat = features.x.reshape(len(features.x), -1)
        writers = self._writers(features, flat)
        x = np.empty((len(flat), len(self.inputs)))
        # Some rows at a time, because the cells of a row lie side by side.
        step = max(_CELLS_AT_ONCE // max(x.shape[1], 1), 1)
        for begin in range(0, len(x), step):
            rows = slice(begin, begin + step)
            for place, inputs, write in writers:
                write(flat[rows, place], x[rows, inputs])
        for place, name in enumerate(self.inputs if self.quantiles else ()):
            if name in self.quantiles:
                x[:, place] = ranks(x[:, place], np.array(self.quantiles[name]))
        return x if features.x.ndim == 2 else x.reshape(features.x.shape)

    def as_plain(self) -> dict[str, Any]:
        """Everything as plain data, which `from_plain` reads."""
        steps = _STEPS.dump_python(tuple(self.steps.values()), mode="json", exclude_defaults=False)
        quantiles = {name: list(values) for name, values in self.quantiles.items()}
        return {
            "version": VERSION,
            "columns": list(self.columns),
            "steps": steps,
            "quantiles": quantiles,
        }

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Self:
        """The preparation that `as_plain` wrote.

        Raises:
            ValueError: it is none, or one of a later version.
        """
        if plain.get("version") != VERSION:
            raise ValueError(
                f"preparation must be of version {VERSION}, not {plain.get('version')}"
            )
        try:
            steps = _STEPS.validate_python([*plain["steps"]])
            quantiles = {name: tuple(map(float, v)) for name, v in plain["quantiles"].items()}
            columns = tuple(map(str, plain["columns"]))
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"preparation lacks a part: {error}") from error
        return cls(columns, {step.column: step for step in steps}, quantiles)

    def _inputs_of(self, column: str) -> tuple[str, ...]:
        return self.steps[column].inputs if column in self.steps else (column,)

    def _writers(self, features: Features, flat: Floats) -> list[tuple[int, slice, Write]]:
        """For each column its place in rows, the places of its inputs, and what writes them.

        Raises:
            DataError: as `apply`.
        """
        places = {column: place for place, column in enumerate(features.columns)}
        missing = [column for column in self.columns if column not in places]
        if missing:
            raise DataError(f"rows must have the columns of training, they lack {listed(missing)}")
        writers: list[tuple[int, slice, Write]] = []
        begin = 0
        for column in self.columns:
            step, kind, place = self.steps.get(column), features.kind(column), places[column]
            _require_kind(column, kind, self.kind(column))
            if step is None or step.fill is None:
                _require_values(column, flat[:, place])
            end = begin + len(self._inputs_of(column))
            writers.append((place, slice(begin, end), step.writer(kind) if step else _copy))
            begin = end
        return writers


def fit(features: Features, rows: NDArray[np.int64], rules: ColumnRules, scale: str) -> Preparation:
    """The preparation that training rows ask for; nothing else of the table takes part in it.

    Args:
        features: every row of the table.
        rows: numbers of the training rows.
        scale: `dataset.scale`, of which `quantile` is a part of the preparation.

    Raises:
        DataError: a column's gaps are to be filled, and no training row has a value.
    """
    steps = {}
    for place, column in enumerate(features.columns) if features.x.ndim == 2 else ():
        kind, missing = features.kind(column), rules.missing_in(column)
        if kind.name not in ("number", "boolean") or fills(missing):
            values = features.x[rows, place]
            steps[column] = _fit_step(column, kind, values, missing, rules)
    prepared = Preparation(features.columns, steps)
    if scale != "quantile":
        return prepared
    return Preparation(features.columns, steps, _fit_quantiles(prepared, features, rows))


def _fit_step(
    column: str, kind: Kind, values: Floats, missing: MissingKind, rules: ColumnRules
) -> AnyStep:
    if kind.name == "category":
        return CategoryStep.fit(column, kind, values, missing, rules.max_categories)
    if kind.name == "date":
        return DateStep.fit(column, values, missing, rules.date_parts)
    return NumberStep.fit(column, kind, values, missing)


def _fit_quantiles(
    prepared: Preparation, features: Features, rows: NDArray[np.int64]
) -> dict[str, tuple[float, ...]]:
    """Quantiles of the inputs that are no flags of 0 and 1, by name; a column at a time."""
    flat = features.x.reshape(len(features.x), -1)
    found = {}
    for place, column in enumerate(prepared.columns):
        steps = {column: prepared.steps[column]} if column in prepared.steps else {}
        alone = Preparation((column,), steps)
        kinds = {column: features.kind(column)}
        training = Features(flat[rows, place : place + 1], (column,), kinds)
        x = alone.apply(training)
        for name, values, is_flag in zip(alone.inputs, x.T, _flags(steps.get(column)), strict=True):
            if not is_flag:
                found[name] = tuple(quantiles_of(values.astype(np.float64)).tolist())
    return found


def _flags(step: AnyStep | None) -> Sequence[bool]:
    return (False,) if step is None else step.flags


def _pooled(step: CategoryStep) -> str:
    count = step.pooled + step.kept
    rare = f"{step.pooled} rarest" if step.pooled > 1 else "rarest"
    verb = "share" if step.pooled > 1 else "becomes"
    what = f"the {rare} of {count} categories {verb} the input {step.column}={OTHER}"
    return f"column {quoted(step.column)}: {what}"


def _copy(values: Floats, inputs: NDArray[np.float64]) -> None:
    inputs[:, 0] = values


def _require_values(column: str, values: Floats) -> None:
    """Refuse gaps in a column that had none in the training data."""
    if gaps := int(np.isnan(values).sum()):
        raise DataError(
            f"column {quoted(column)} must have a value in every row, {gaps} of {len(values)} rows "
            "have none; fill the gaps, leave the rows out, or set dataset.missing"
        )


def _require_kind(column: str, kind: Kind, own: Kind) -> None:
    """Refuse rows whose column is not of the kind that was fitted."""
    is_alike = kind.name == own.name or {kind.name, own.name} <= {"number", "boolean"}
    if is_alike and (kind.name != "ordinal" or kind.values == own.values):
        return
    raise DataError(
        f"column {quoted(column)} must hold what it holds in the training data: a {own.name} "
        f"there, a {kind.name} here"
    )
