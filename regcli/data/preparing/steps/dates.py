"""Dates: their parts, and the days that have gone by."""

from typing import Literal, Self

import numpy as np
from numpy.typing import NDArray

from regcli.config.column_keys import DatePart, MissingKind
from regcli.data.features import Floats, Kind
from regcli.data.preparing.steps.numbers import fill_of
from regcli.data.preparing.steps.step import Step, Write

_DATE = Kind("date")
_MILLISECONDS = 86_400_000
"""Of a day."""


class DateStep(Step):
    """A column that is one input for each part of a date that is asked for.

    Attributes:
        parts: `weekday` is 1 for Monday, `elapsed` the days since `origin`.
        origin: the earliest date of the training rows, in days since 1970-01-01.
        fill: what stands in a gap, likewise; None where there may be none.
    """

    type: Literal["date"] = "date"
    parts: tuple[DatePart, ...]
    origin: float
    fill: float | None = None

    @classmethod
    def fit(
        cls, column: str, days: Floats, missing: MissingKind, parts: tuple[DatePart, ...]
    ) -> Self:
        """The step that training rows ask for.

        Args:
            days: of the training rows, since 1970-01-01, (rows,).

        Raises:
            DataError: gaps are to be filled, and no row has a date.
        """
        gaps = np.isnan(days)
        fill = fill_of(column, _DATE, days[~gaps], missing)
        marks = missing == "indicator" and bool(gaps.any())
        origin = float(days[~gaps].min())
        return cls(column=column, parts=parts, origin=origin, fill=fill, marks=marks)

    @property
    def kind(self) -> Kind:
        """What the column holds."""
        return _DATE

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of its inputs."""
        return (*(f"{self.column} {part}" for part in self.parts), *self.marked)

    @property
    def flags(self) -> tuple[bool, ...]:
        """Which of its inputs are 0 or 1."""
        return (False,) * len(self.parts) + (True,) * len(self.marked)

    def writer(self, kind: Kind) -> Write:
        """What writes the inputs of values of a kind."""
        del kind
        return self._write

    def _write(self, days: Floats, inputs: NDArray[np.float64]) -> None:
        gaps = np.isnan(days)
        if self.fill is not None:
            days = np.where(gaps, self.fill, days)
        for place, part in enumerate(self.parts):
            inputs[:, place] = days - self.origin if part == "elapsed" else _part(days, part)
        if self.marks:
            inputs[:, -1] = gaps


def _part(days: Floats, part: DatePart) -> NDArray[np.int64]:
    # Rounded to milliseconds, because days as fractions may end just before midnight.
    moments = np.round(days * _MILLISECONDS).astype("datetime64[ms]")
    if part == "year":
        return moments.astype("datetime64[Y]").astype(np.int64) + 1970
    if part == "month":
        return moments.astype("datetime64[M]").astype(np.int64) % 12 + 1
    # 1970-01-01 was a Thursday, the fourth day of its week.
    return (moments.astype("datetime64[D]").astype(np.int64) + 3) % 7 + 1
