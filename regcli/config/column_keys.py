"""What a config says of columns: what they are read as, and what is done about gaps and dates."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Discriminator, Field, Tag, model_validator

from regcli.config.dialect_keys import Cell
from regcli.config.section import Section, broken_rule

MissingKind = Literal["error", "drop", "mean", "median", "most_frequent", "indicator"]
"""What is done about a gap."""

DatePart = Literal["year", "month", "weekday", "elapsed"]
"""An input that a date becomes."""

ALL_PARTS: tuple[DatePart, ...] = ("year", "month", "weekday", "elapsed")
"""What a date becomes where `dates` says nothing."""

SimpleType = Literal["number", "boolean", "category", "date"]


class Ordinal(Section):
    """The type of a column whose values have an order."""

    ordinal: Annotated[tuple[Cell, ...], Field(strict=False)] = Field(
        description="The column's values from the lowest to the highest; inputs are 0, 1, 2, …"
    )

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        if len(self.ordinal) < 2:
            raise broken_rule("an order must name at least 2 values", "ordinal")
        twice = [label for label in self.ordinal if self.ordinal.count(label) > 1]
        if twice:
            rule = "an order must name each value once"
            raise broken_rule(f"{rule}, got {twice[0]} more than once", "ordinal")
        return self


def _kind_of_mapping(value: object) -> str:
    return "mapping" if isinstance(value, Mapping) else "word"


def _kind_of_type(value: object) -> str:
    return "ordinal" if isinstance(value, Mapping | Ordinal) else "word"


ColumnType = Annotated[
    Annotated[SimpleType, Tag("word")] | Annotated[Ordinal, Tag("ordinal")],
    Discriminator(_kind_of_type),
]
"""What a column is read as, whatever it looks like."""

Missing = Annotated[
    Annotated[MissingKind, Tag("word")] | Annotated[Mapping[str, MissingKind], Tag("mapping")],
    Discriminator(_kind_of_mapping),
]
"""One rule for all inputs, or one by column, with `default` for the others."""

DEFAULT = "default"
"""The key of `missing` for columns that it does not name."""
