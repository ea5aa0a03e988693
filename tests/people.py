"""A table as people have them, for the tests of several rooms."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np


def write_people(
    path: Path, columns: str, drawn: Callable[[np.random.Generator], Sequence[object]]
) -> None:
    """Write 90 rows with gaps of every kind, an order, dates and categories of which one is rare.

    Args:
        columns: names of further columns, with commas between them.
        drawn: their cells in a row.
    """
    rng = np.random.default_rng(0)
    cities = ["Rome"] * 40 + ["Bonn"] * 30 + ["Oslo"] + ["Lima"] * 16 + [""] * 3
    lines = [f"age,city,size,joined,vip,{columns}"]
    for number, city in enumerate(rng.permutation(cities)):
        age = "" if number % 7 == 0 else f"{rng.normal(40, 9):.1f}"
        day = f"2024-{rng.integers(1, 13):02d}-{rng.integers(1, 29):02d}"
        size = ["S", "M", "L", "?"][rng.integers(4)]
        cells = [age, city, size, day, number % 2 == 0, *drawn(rng)]
        lines.append(",".join(map(str, cells)))
    path.write_text("\n".join(lines) + "\n")
