"""Tables for other programs as frames of polars, where each column has one type."""

import json
from collections.abc import Sequence
from typing import Any

import polars as pl

from regcli.report.contents import Table
from regcli.report.run_values import RESULTS


def typed_frame(table: Table) -> pl.DataFrame:
    """A column a key: numbers, truths, times or text."""
    columns = [
        _series(column.key, [row.values[place] for row in table.rows])
        for place, column in enumerate(table.columns)
    ]
    return pl.DataFrame(columns)


def _series(key: str, values: Sequence[Any]) -> pl.Series:
    """Values of one column; of several kinds, as JSON."""
    kinds = {type(value) for value in values if value is not None}
    if not kinds:
        return pl.Series(key, values, pl.Float64 if key in RESULTS else pl.String)
    if kinds == {int, float}:
        return pl.Series(key, values, pl.Float64)
    if key == "created" and kinds == {str}:
        return pl.Series(key, values).str.to_datetime(time_zone="UTC", strict=False)
    if len(kinds) == 1 and kinds <= {int, float, bool, str}:
        return pl.Series(key, values)
    return pl.Series(key, [None if value is None else json.dumps(value) for value in values])
