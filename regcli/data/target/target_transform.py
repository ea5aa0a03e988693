"""What is done to a quantity before a model is trained on it, and undone to what the model gives.

It is t = (y − center) / width, of log(y) in place of y where that is asked for. Center and width
are fitted on the training rows of a split alone. Losses and penalties are those of t; every metric
compares y with the inverse of the model's output.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from regcli.config.target_keys import TargetColumn
from regcli.errors import DataError

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class TargetTransform:
    """y ↦ (log y − center) / width, or without the logarithm.

    Attributes:
        log: whether the natural logarithm comes first.
        center, width: mean and standard deviation (divided by n) of the training rows' values
            after the logarithm; 0 and 1 where the target is not scaled.
    """

    log: bool
    center: float = 0.0
    width: float = 1.0

    @classmethod
    def fit(cls, asked: TargetColumn, y: NDArray[Any]) -> Self | None:
        """The transform of a split, from its training rows (rows,); None where none is asked for.

        Of values that are all equal the width is 1, as it is of columns.
        """
        if not asked.is_transformed:
            return None
        if asked.scale == "none":
            return cls(asked.log)
        values = cls(asked.log).apply(y)
        if values.min() == values.max():
            return cls(asked.log, float(values[0]))
        return cls(asked.log, float(values.mean()), float(values.std()))

    def apply(self, y: NDArray[Any]) -> Floats:
        """What a model is trained on, from values in the target's own unit; any shape.

        With a logarithm it is −∞ of a prediction of 0, and NaN of one below.
        """
        with np.errstate(divide="ignore", invalid="ignore"):
            values = np.log(y, dtype=np.float64) if self.log else y.astype(np.float64)
        scaled: Floats = (values - self.center) / self.width
        return scaled

    def invert(self, outputs: NDArray[Any]) -> Floats:
        """Predictions in the target's own unit, from what a model gives; any shape.

        With a logarithm it is the exponential of the predicted mean, which lies below the mean in
        the target's own unit. It is infinite where an output is too large.
        """
        values: Floats = outputs.astype(np.float64) * self.width + self.center
        if not self.log:
            return values
        with np.errstate(over="ignore"):
            return np.exp(values)

    def as_plain(self) -> dict[str, Any]:
        """As JSON and YAML hold it."""
        return {"log": self.log, "center": self.center, "width": self.width}

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Self:
        """From what `as_plain` gave."""
        return cls(bool(plain["log"]), float(plain["center"]), float(plain["width"]))

    def formula(self, name: str) -> str:
        """What the model is trained on: `(log(Salary) − 5.927) / 0.889`."""
        value = f"log({name})" if self.log else name
        if (self.center, self.width) == (0.0, 1.0):
            return value
        sign = "−" if self.center >= 0 else "+"
        return f"({value} {sign} {abs(self.center):.6g}) / {self.width:.6g}"

    def inverse_formula(self, name: str) -> str:
        """What a prediction is: `exp(5.927 + 0.889·z)`, of the output with some name."""
        if (self.center, self.width) == (0.0, 1.0):
            return f"exp({name})"
        value = f"{self.center:.6g} + {self.width:.6g}·{name}"
        return f"exp({value})" if self.log else value


def require_logarithms(asked: TargetColumn, y: NDArray[Any]) -> None:
    """Check that every row of a table has a logarithm where one is asked for.

    Raises:
        DataError: names the first row that has none, counted from 1.
    """
    without = np.flatnonzero(~(y > 0)) if asked.log else np.array([], np.int64)
    if len(without):
        row, rows = int(without[0]), len(y)
        where = (
            f"row {row + 1} of {rows} has {y[row]:g}"
            if len(without) == 1
            else f"{len(without)} of {rows} rows are not, the first of them row {row + 1} with "
            f"{y[row]:g}"
        )
        raise DataError(
            f"the target must be above 0 in every row to have a logarithm, {where}; leave "
            "dataset.target.log out, or add a constant to the column"
        )
