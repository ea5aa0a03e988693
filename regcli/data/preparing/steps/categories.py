"""Categories: an input of 0 and 1 for each of a column's values in the training rows."""

from typing import Literal, Self

import numpy as np
from numpy.typing import NDArray

from regcli.config.column_keys import MissingKind
from regcli.data.features import Floats, Kind
from regcli.data.preparing.steps.step import Step, Write, fills, nothing_to_fill_with

OTHER = "other"
"""The value that stands for pooled ones, and for those that no training row has."""


class CategoryStep(Step):
    """A column of text that is one input a value, or one in all where there are two values.

    Attributes:
        values: those that have an input, in order; pooled ones are `other`, the last of them, where
            the column has no such value of its own.
        fill: the value that stands in a gap; None where there may be none.
        means: of each input over the training rows: what a value has that none of them has, where
            it cannot be `other`.
        kept, pooled: how many of the training rows' values have an input of their own, and how many
            share the input `other`.
    """

    type: Literal["category"] = "category"
    values: tuple[str, ...]
    means: tuple[float, ...]
    fill: str | None = None
    kept: int
    pooled: int = 0

    @classmethod
    def fit(
        cls, column: str, kind: Kind, codes: Floats, missing: MissingKind, most: int | None
    ) -> Self:
        """The step that training rows ask for.

        Args:
            codes: numbers of the training rows' values in `kind.values`, (rows,).
            most: how many values have an input of their own; None for all.

        Raises:
            DataError: gaps are to be filled, and no row has a value.
        """
        gaps = np.isnan(codes)
        counts = np.bincount(codes[~gaps].astype(np.int64), minlength=len(kind.values))
        # From the most frequent on, and of equally frequent ones from the first.
        found = sorted(np.flatnonzero(counts).tolist(), key=lambda code: (-counts[code], code))
        if fills(missing) and not found:
            raise nothing_to_fill_with(column)
        most = len(found) if most is None else most
        names = [kind.values[code] for code in sorted(found[:most])]
        pooled = len(found) - len(names)
        if pooled and OTHER not in names:
            names.append(OTHER)
        step = cls(
            column=column,
            values=tuple(names),
            means=(),
            fill=kind.values[found[0]] if fills(missing) else None,
            marks=missing == "indicator" and bool(gaps.any()),
            kept=len(found) - pooled,
            pooled=pooled,
        )
        means = np.append(counts, gaps.sum()) @ step._rows_of(kind) / len(codes)
        return step.model_copy(update={"means": tuple(means.tolist())})

    @property
    def kind(self) -> Kind:
        """What the column holds; its values are those that the training rows have."""
        return Kind("category", self.values)

    @property
    def dummies(self) -> tuple[str, ...]:
        """Names of the inputs that stand for values."""
        named = self.values[1:] if len(self.values) == 2 else self.values
        return tuple(f"{self.column}={value}" for value in named)

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of its inputs."""
        return self.dummies + self.marked

    @property
    def flags(self) -> tuple[bool, ...]:
        """Which of its inputs are 0 or 1."""
        return (True,) * len(self.inputs)

    def writer(self, kind: Kind) -> Write:
        """What writes the inputs of the numbers of a kind's values.

        These values need not be those that were fitted.
        """
        of_value, width = self._rows_of(kind), len(self.dummies)

        def write(codes: Floats, inputs: NDArray[np.float64]) -> None:
            gaps = np.isnan(codes)
            rows = np.where(gaps, len(kind.values), codes).astype(np.int64)
            inputs[:, :width] = of_value[rows]
            if self.marks:
                inputs[:, -1] = gaps

        return write

    def _rows_of(self, kind: Kind) -> NDArray[np.float64]:
        """The dummies of each of some values, and last those of a gap, (values + 1, dummies)."""
        own = np.eye(len(self.values))
        own = own[:, 1:] if len(self.values) == 2 else own
        places = {value: place for place, value in enumerate(self.values)}
        unknown = own[places[OTHER]] if OTHER in places else np.array(self.means or 0.0)
        found = [*kind.values, kind.values[0] if self.fill is None else self.fill]
        rows = np.empty((len(found), own.shape[1]))
        for row, value in zip(rows, found, strict=True):
            row[:] = own[places[value]] if value in places else unknown
        return rows
