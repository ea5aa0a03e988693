"""Putting members into the slots of stacked variables."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np


def write_slots(variables: Sequence[Any], rows: Mapping[int, Sequence[Any]]) -> None:
    """Write a row a slot into each variable, with one assignment a variable."""
    for position, variable in enumerate(variables):
        values = np.array(variable)
        for slot, row in rows.items():
            values[slot] = row[position]
        variable.assign(values)
