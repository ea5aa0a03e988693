"""Columns that look as if they decide which rows may be apart: whose a row is, and when it was."""

import re
from collections.abc import Sequence

from regcli.data.profile.column_kinds import ColumnKind, ColumnProfile

_OWNER = re.compile(
    r"(?:^|[\W_])(?:patient|subject|person|participant|user|customer|client|individual|animal|site"
    r"|household|family|school|hospital|machine|device|session|group)(?:$|[\W_]|s$|id$)",
    re.IGNORECASE,
)
_LEAST_REPEATS = 1.5
_LEAST_GROUPS = 5
_LEAST_ROWS = 20
_OWN_DATES = 0.5
"""Share of the rows from which dates tell of single rows, not of batches."""


def group_hint(columns: Sequence[ColumnProfile]) -> ColumnProfile | None:
    """The column that says whose a row is, where one is called so and its values repeat."""
    for column in columns:
        rows = len(column.values) - column.gaps.count
        repeats = column.distinct >= _LEAST_GROUPS and rows >= _LEAST_REPEATS * column.distinct
        if repeats and not column.gaps.count and _OWNER.search(column.name):
            return column
    return None


def time_hint(columns: Sequence[ColumnProfile]) -> ColumnProfile | None:
    """The one column of dates, without gaps."""
    dates = [column for column in columns if column.kind is ColumnKind.DATE]
    return dates[0] if len(dates) == 1 and not dates[0].gaps.count else None


def is_series(dates: ColumnProfile) -> bool:
    """Whether rows stand in the order of their dates, and most have one of their own."""
    known = dates.values
    in_order = known.is_sorted() or known.is_sorted(descending=True)
    return len(known) >= _LEAST_ROWS and in_order and dates.distinct > _OWN_DATES * len(known)
