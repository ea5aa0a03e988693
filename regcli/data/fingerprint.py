"""A name for a table's contents, which does not depend on the file's place."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

DIGITS = 16
_CELLS_AT_ONCE = 2**20


def fingerprint(
    x: NDArray[Any],
    y: NDArray[Any],
    columns: Sequence[str],
    classes: Sequence[str],
    others: Mapping[str, NDArray[Any]] = MappingProxyType({}),
    typed: Sequence[object] = (),
) -> str:
    """The first 16 hex digits of the SHA-256 of shapes, types, names and values.

    Args:
        typed: what the values of `x` stand for, as plain data; nothing for plain numbers.

    Everything of variable length goes into the JSON head, so that no two contents can be told
    apart only by where one part ends and the next begins.
    """
    head = [[x.shape, x.dtype.str], [y.shape, y.dtype.str], list(columns), list(classes)]
    head += [[name, values.shape, values.dtype.str] for name, values in others.items()]
    head += [list(typed)] if typed else []
    digest = hashlib.sha256(json.dumps(head).encode())
    for values in (x, y, *others.values()):
        for begin in range(0, len(values), step := _rows_at_once(values)):
            digest.update(np.ascontiguousarray(values[begin : begin + step]).data)
    return digest.hexdigest()[:DIGITS]


def _rows_at_once(values: NDArray[Any]) -> int:
    """How many rows are copied at a time where they do not lie one behind the other."""
    if values.flags.c_contiguous:
        return max(len(values), 1)
    return max(_CELLS_AT_ONCE * len(values) // max(values.size, 1), 1)
