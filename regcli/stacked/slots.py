"""Putting members into the slots of stacked variables."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np


def write_slots(variables: Sequence[Any], rows: Mapping[int, Sequence[Any]]) -> None:
    """Write a row a slot into each variable, with one assignment a variable.

    Args:
        variables: of TensorFlow or Keras, (members, …) each.
        rows: for each slot a value for each of the variables, (…).
    """
    for position, variable in enumerate(variables):
        values = np.array(variable)
        for slot, row in rows.items():
            values[slot] = row[position]
        variable.assign(values)
