"""What a config says of the columns of a table that are inputs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Self

from regcli.config.column_keys import ALL_PARTS, DEFAULT, ColumnType, DatePart, MissingKind, Ordinal
from regcli.config.dataset_section import Dataset
from regcli.config.problems import composed
from regcli.data.columns.gaps import GAP_MARKS, marks_of_gaps
from regcli.data.features import Kind, Kinds


@dataclass(frozen=True)
class ColumnRules:
    """How columns are read, and what becomes of them; names are in one Unicode form.

    Attributes:
        columns: the only inputs; None for every column without another role.
        types: what columns are read as, whatever they look like.
        dates: inputs that a date becomes; None where dates are refused unless `types` names them.
        max_categories: the most values of a category that have an input each; None for all.
        missing: what is done about gaps where `missing_by_column` says nothing.
        gap_marks: cells that hold nothing, folded to lower case.
    """

    columns: tuple[str, ...] | None = None
    types: Kinds = field(default_factory=dict)
    dates: tuple[DatePart, ...] | None = None
    max_categories: int | None = None
    missing: MissingKind = "error"
    missing_by_column: Mapping[str, MissingKind] = field(default_factory=dict)
    gap_marks: frozenset[str] = GAP_MARKS

    @classmethod
    def of(cls, config: Dataset) -> Self:
        """Those of a `dataset` section."""
        given = config.missing or "error"
        by_column = {} if isinstance(given, str) else {composed(k): v for k, v in given.items()}
        default = given if isinstance(given, str) else by_column.pop(DEFAULT, "error")
        return cls(
            columns=None if config.columns is None else tuple(map(composed, config.columns)),
            types={composed(name): _kind(type_) for name, type_ in (config.types or {}).items()},
            dates=config.dates,
            max_categories=config.max_categories,
            missing=default,
            missing_by_column=by_column,
            gap_marks=marks_of_gaps(config.null_values),
        )

    def may_be_numbers(self, column: str) -> bool:
        """Whether a column is a number unless its values say otherwise."""
        is_used = self.columns is None or column in self.columns
        asked = self.types.get(column)
        return is_used and (asked is None or asked.name == "number")

    def missing_in(self, column: str) -> MissingKind:
        """What is done about a column's gaps."""
        return self.missing_by_column.get(column, self.missing)

    @property
    def date_parts(self) -> tuple[DatePart, ...]:
        """Inputs that a date becomes."""
        return self.dates or ALL_PARTS

    def named(self) -> Iterator[tuple[str, str]]:
        """The key of the config and the name, for each column that it names."""
        named = {
            "columns": self.columns or (),
            "types": self.types,
            "missing": self.missing_by_column,
        }
        for key, names in named.items():
            for name in names:
                yield key, name


def _kind(given: ColumnType) -> Kind:
    if isinstance(given, Ordinal):
        return Kind("ordinal", tuple(map(composed, given.ordinal)))
    return Kind(given)
