"""What all steps have in common: a column, the value that fills its gaps, and an input for them."""

from pydantic import BaseModel, ConfigDict

from regcli.config.dataset_section import MissingKind
from regcli.data.wording import quoted
from regcli.errors import DataError


class Step(BaseModel):
    """A column on its way to inputs.

    Attributes:
        column: the column's name.
        marks: whether an input of its own says where the column has no value.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    column: str
    marks: bool = False

    @property
    def marked(self) -> tuple[str, ...]:
        """The name of the input that says where the column has no value, if there is one."""
        return (f"{self.column} missing",) if self.marks else ()


def fills(missing: MissingKind) -> bool:
    """Whether gaps are filled."""
    return missing not in ("error", "drop")


def nothing_to_fill_with(column: str) -> DataError:
    """A column without any value in the training rows."""
    return DataError(
        f"column {quoted(column)} must have a value in a training row, which fills its gaps; leave "
        "the column out with dataset.drop"
    )


def has_gaps(column: str, count: int, rows: int) -> DataError:
    """Rows with gaps, where none had been met before."""
    return DataError(
        f"column {quoted(column)} must have a value in every row, {count} of {rows} rows have "
        "none; fill the gaps, leave the rows out, or set dataset.missing"
    )
