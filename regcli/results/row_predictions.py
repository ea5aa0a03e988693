"""What a run says of rows that it was not trained on, row by row."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

PREDICTION = "prediction"
"""The column of classes or quantities."""
FILE = "file"
"""The column of the names of rows that are files of their own."""


@dataclass(frozen=True)
class RowPredictions:
    """Predictions of all rows of a file, in its order.

    Attributes:
        run: the run's id.
        source: the file's name.
        classes: of the target; empty for a quantity.
        values: class numbers, −1 for none, or quantities in the target's own unit, NaN for none;
            (rows,).
        probabilities: of each class, NaN for none, (rows, classes); None for quantities, and where
            the run's outputs say nothing of them.
        notes: what a person should know of them, a sentence each.
        names: of each row, where it is a file of its own; else nothing.
    """

    run: str
    source: str
    classes: tuple[str, ...]
    values: NDArray[np.int64] | NDArray[np.float64]
    probabilities: NDArray[np.float64] | None = None
    notes: tuple[str, ...] = ()
    names: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.values)

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of what each row has: the prediction, and `p(NAME)` for each class."""
        classes = () if self.probabilities is None else self.classes
        return (PREDICTION, *(f"p({name})" for name in classes))

    def row(self, number: int) -> list[Any]:
        """What a row has, in the order of `columns`; None where it has no prediction."""
        value = self.values[number]
        predicted: Any = self.classes[value] if self.classes and value >= 0 else None
        if not self.classes:
            predicted = float(value) if np.isfinite(value) else None
        of_classes = [] if self.probabilities is None else self.probabilities[number].tolist()
        return [predicted, *(None if np.isnan(share) else share for share in of_classes)]
