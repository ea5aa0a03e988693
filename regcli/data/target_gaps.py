"""Rows without a target, which can neither train nor be scored. Importing this imports polars."""

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from regcli.data.gaps import GAP_MARKS
from regcli.data.wording import quoted

OR_DROP = ", or set dataset.target.missing: drop"
"""What else can be done about gaps in a target."""


def rows_with_target(
    columns: Sequence[pl.Series], target: str
) -> tuple[NDArray[np.bool_] | None, str]:
    """Which rows have a target, (rows,), and the note on the others; None where all have one."""
    series = next(column for column in columns if column.name == target)
    missing = series.is_null()
    if series.dtype.is_float():
        missing = missing | series.is_nan().fill_null(True)
    if series.dtype in (pl.String, pl.Categorical, pl.Enum):
        text = series.cast(pl.String).str.strip_chars().str.to_lowercase()
        missing = missing | text.is_in(list(GAP_MARKS)).fill_null(True)
    count = int(missing.sum())
    if not count:
        return None, ""
    rows = f"{count:,} of {len(series):,} rows are"
    return (~missing).to_numpy(), f"{rows} left out, which have no target {quoted(target)}"
