"""The rows that a first config is made from are those that it does not hold out."""

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from regcli.config.dataset_section import Dataset
from regcli.data.parts.row_parts import parts_of
from regcli.data.profile.table_profile import profile_table
from regcli.data.sources import load_table


@pytest.mark.parametrize("rule", ["mean", "drop"])
@pytest.mark.parametrize("values", [["a", "b", "c"], [1.0, 2.0, 3.0], [True, False, False], None])
def test_the_rows_that_are_seen_are_those_of_the_config(
    values: list[Any] | None, rule: str, tmp_path: Path
) -> None:
    rng = np.random.default_rng(1)
    numbers = rng.uniform(size=90).tolist()
    y = numbers[::-1] if values is None else [values[number % 3] for number in range(90)]
    frame = pl.DataFrame(
        {
            "x": [None if number < 0.2 else number for number in numbers],
            "row": np.sqrt(np.arange(90)),
            "y": [None if number % 10 == 0 else value for number, value in enumerate(y)],
        }
    )
    frame.write_csv(tmp_path / "t.csv")
    asked = Dataset(file="t.csv", target="y", missing=rule, seed=5)  # type: ignore[arg-type]
    seen = profile_table(frame, "y", tmp_path / "t.csv", dataset=asked).seen
    both = {"y": "drop", "default": rule}
    written = Dataset(file="t.csv", target="y", missing=both, seed=5)  # type: ignore[arg-type]
    table = load_table(written, tmp_path)
    parts = parts_of(table, written)
    used = np.sort(np.concatenate([parts.train, parts.validation]))
    rows = np.round(table.x[used, table.columns.index("row")].astype(np.float64) ** 2)
    assert np.flatnonzero(seen).tolist() == rows.tolist()
