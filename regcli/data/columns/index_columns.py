"""Columns that number the rows: an index of another program, which is not an input.

In a file that is sorted by class an index gives the class away.
"""

import re

import numpy as np
from numpy.typing import NDArray

_OF_PANDAS = re.compile(r"unnamed: ?\d+(?:[._]\w+)*|__index_level_\d+__|level_\d+", re.IGNORECASE)
_NAMES = """
index idx indices id ids uid row rows rowid rowno rownr rownum rownumber rowindex rowname rownames
nr no obs observation observationid observationno record recordid recordno recordnumber sno srno
serialno serialnumber sl slno sampleid sampleno caseid caseno itemid entryid lfdnr 1 column1
"""
_NUMBERING = frozenset(_NAMES.split())
"""Names of columns that count the rows, in lower case and without marks; `...1` is R's."""


def fault_of_index(name: str, numbers: NDArray[np.generic] | None) -> str | None:
    """Why a column is an index and not an input, as a predicate; None where it is an input.

    Args:
        name: the column's name.
        numbers: its values (rows,), or None for text.
    """
    if _OF_PANDAS.fullmatch(name.strip()) and not name.lower().startswith("level"):
        return (
            "must hold data, it has a name that pandas gives to an index or to an unnamed column; "
            "write the file with index=False, leave the column out with dataset.drop, or rename it"
        )
    folded = re.sub(r"[\W_]+", "", name.lower())
    if numbers is None or not (folded in _NUMBERING or _OF_PANDAS.fullmatch(name.strip())):
        return None
    start = start_of_count(numbers)
    if start is None:
        return None
    return (
        f"must hold data, its name and values look like row numbers from {start} to "
        f"{start + len(numbers) - 1}; leave the column out with dataset.drop, or rename it if it "
        "is an input"
    )


def start_of_count(numbers: NDArray[np.generic]) -> int | None:
    """0 or 1 where the values are that number and the next ones, once each in any order."""
    rows = len(numbers)
    values = numbers.astype(np.float64)
    if rows < 3 or not np.isfinite(values).all() or values.min() not in (0.0, 1.0):
        return None
    start = int(values.min())
    counts = values.max() == start + rows - 1 and (values == np.round(values)).all()
    return start if counts and len(np.unique(values)) == rows else None
