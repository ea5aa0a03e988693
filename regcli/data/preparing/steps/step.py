"""What all steps have in common: a column, the value that fills its gaps, and an input for them."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from regcli.config.column_keys import MissingKind
from regcli.data.features import Floats
from regcli.data.wording import quoted
from regcli.errors import DataError

Write = Callable[[Floats, NDArray[np.float64]], None]
"""Writes the inputs (rows, inputs) that some rows (rows,) of a column become."""


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
