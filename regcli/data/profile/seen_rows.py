"""The rows of a table that a first config may learn from: those that it does not hold out."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from regcli.config.dataset_section import Dataset
from regcli.data.columns.column_rules import ColumnRules
from regcli.data.parts.partition import Integers
from regcli.data.parts.row_parts import test_rows
from regcli.data.profile.column_kinds import ColumnProfile
from regcli.errors import DataError


def find_seen_rows(
    inputs: Sequence[ColumnProfile], target: ColumnProfile, labels: Integers, dataset: Dataset
) -> NDArray[np.bool_]:
    """Which rows a config with this section trains or validates on, (rows,).

    Rows that it leaves out for gaps are not among them.

    Args:
        labels: class numbers of the rows that have a target, in order; 0 for quantities.
        dataset: the section, of which shares, seed and rules for gaps take part.
    """
    has_target = target.values.is_not_null().to_numpy()
    is_left = has_target.copy()
    rules = ColumnRules.of(dataset)
    for column in inputs:
        if column.gaps.count and rules.missing_in(column.name) == "drop":
            is_left &= column.values.is_not_null().to_numpy()
    seen = is_left.copy()
    try:
        held_out = test_rows(labels[is_left[has_target]], dataset)
    except DataError:  # too few rows to hold any out, which the training says
        return seen
    seen[np.flatnonzero(is_left)[held_out]] = False
    return seen
