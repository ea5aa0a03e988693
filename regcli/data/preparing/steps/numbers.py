"""Numbers, booleans and orders: gaps are filled, the rest stays."""

from typing import Literal, Self

import numpy as np
from numpy.typing import NDArray

from regcli.config.column_keys import MissingKind
from regcli.data.features import Floats, Kind
from regcli.data.preparing.steps.step import Step, Write, fills, nothing_to_fill_with


class NumberStep(Step):
    """A column that is one input, and one more where its gaps are marked.

    Attributes:
        order: an ordinal's values from the lowest on; empty for others.
        fill: what stands in a gap; None where there may be none.
    """

    type: Literal["number", "boolean", "ordinal"]
    order: tuple[str, ...] = ()
    fill: float | None = None

    @classmethod
    def fit(cls, column: str, kind: Kind, values: Floats, missing: MissingKind) -> Self:
        """The step that training rows ask for.

        Args:
            values: of the training rows, (rows,).

        Raises:
            DataError: gaps are to be filled, and no row has a value.
        """
        assert kind.name in ("number", "boolean", "ordinal")
        gaps = np.isnan(values)
        return cls(
            column=column,
            type=kind.name,
            order=kind.values,
            fill=fill_of(column, kind, values[~gaps], missing),
            marks=missing == "indicator" and bool(gaps.any()),
        )

    @property
    def kind(self) -> Kind:
        """What the column holds."""
        return Kind(self.type, self.order)

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of its inputs."""
        return (self.column, *self.marked)

    @property
    def flags(self) -> tuple[bool, ...]:
        """Which of its inputs are 0 or 1."""
        return (self.type == "boolean", *(True for _ in self.marked))

    def writer(self, kind: Kind) -> Write:
        """What writes the inputs of values of a kind."""
        del kind
        return self._write

    def _write(self, values: Floats, inputs: NDArray[np.float64]) -> None:
        gaps = np.isnan(values)
        inputs[:, 0] = values if self.fill is None else np.where(gaps, self.fill, values)
        if self.marks:
            inputs[:, 1] = gaps


def fill_of(column: str, kind: Kind, values: Floats, missing: MissingKind) -> float | None:
    """What fills the gaps of a column of numbers; None where nothing does.

    The most frequent value is the smallest of those that are equally frequent, and a boolean
    always takes the most frequent one. As scikit-learn's SimpleImputer has it.

    Args:
        values: those that there are in the training rows.

    Raises:
        DataError: there are none.
    """
    if not fills(missing):
        return None
    if not len(values):
        raise nothing_to_fill_with(column)
    if missing == "most_frequent" or kind.name == "boolean":
        distinct, counts = np.unique(values, return_counts=True)
        return float(distinct[counts.argmax()])
    return float(np.median(values) if missing == "median" else np.mean(values))
