"""Rows without a target, which can neither train nor be scored. Importing this imports polars."""

from collections.abc import Collection, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from regcli.config.column_keys import DEFAULT
from regcli.config.document import inline_text
from regcli.data.columns.text_columns import is_gap
from regcli.data.wording import quoted


def or_drop(target: str) -> str:
    """What else can be done about gaps in a target, at the end of a message."""
    return f", or set dataset.{dropping_key(target)}"


def dropping_key(target: str) -> str:
    """The key that leaves out rows without a target, and what else it does."""
    also = " and a rule for each input with gaps" if target == DEFAULT else ""
    return f"missing: {inline_text({target: 'drop'})}{also}"


def counted_with_target(problem: str) -> str:
    """A message about rows, of which those without a target are left out."""
    return f"{problem}; rows are counted without those that have no target"


def rows_with_target(
    columns: Sequence[pl.Series], target: str, marks: Collection[str]
) -> tuple[NDArray[np.bool_] | None, str]:
    """Which rows have a target, (rows,), and the note on the others; None where all have one.

    Args:
        marks: cells of text that hold nothing, folded to lower case.
    """
    series = next(column for column in columns if column.name == target)
    missing = is_gap(series, marks)
    count = int(missing.sum())
    if not count:
        return None, ""
    rows = f"{count:,} of {len(series):,} rows"
    return (~missing).to_numpy(), f"{rows} left out for gaps in the target {quoted(target)}"
