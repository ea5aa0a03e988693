"""The inputs of a table as a file has them: numbers, and what they stand for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32] | NDArray[np.float64]

KindName = Literal["number", "boolean", "category", "ordinal", "date"]


@dataclass(frozen=True)
class Kind:
    """What the numbers of a column stand for.

    Attributes:
        name: a boolean is 0 or 1, a category the number of its value from 0, an ordinal its place
            in the order from 0, a date its days since 1970-01-01.
        values: of a category the different texts in order, of an ordinal its order; else empty.
    """

    name: KindName
    values: tuple[str, ...] = ()


NUMBER = Kind("number")
Kinds = Mapping[str, Kind]
"""What columns stand for, by name; a column that is left out holds plain numbers."""

PLAIN: Kinds = MappingProxyType({})


@dataclass(frozen=True)
class Features:
    """Columns of typed values.

    Attributes:
        x: (rows, columns), or (rows, …) for tensors of plain numbers; NaN where a value is missing.
        columns: a name for each number in a row of `x`.
        kinds: what they stand for.
    """

    x: Floats
    columns: tuple[str, ...]
    kinds: Kinds = field(default_factory=dict)

    def kind(self, column: str) -> Kind:
        """What a column's numbers stand for."""
        return self.kinds.get(column, NUMBER)
