"""`regcli init`: what it says of a table, and the config that it writes."""

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import yaml

from characterisation import command_line

from .in_process import parse, problem, regcli


def visits(rows: int = 60) -> pl.DataFrame:
    """A table with one of each thing that a person should know."""
    rng = np.random.default_rng(0)
    number = np.arange(rows)
    age = rng.integers(20, 80, rows)
    better = np.where(rng.uniform(size=rows) < 0.5, "yes", "no")
    better[:5] = "yes"
    return pl.DataFrame(
        {
            "visit": number + 1,
            "patient": [f"p{row // 3}" for row in number],
            "day": [f"2024-{1 + row // 28:02}-{1 + row % 28:02}" for row in number],
            "age": [None if row % 7 == 0 else str(value) for row, value in enumerate(age)],
            "size": rng.choice(["S", "M", "L"], rows),
            "ward": ["north"] * rows,
            "outcome": np.where(better == "yes", "1", "2"),
            "better": better,
        }
    )


def skewed(rows: int = 40) -> pl.DataFrame:
    rng = np.random.default_rng(1)
    income = np.exp(rng.normal(3, 1, rows)).round(2)
    texts = [None if row in (4, 9) else str(value) for row, value in enumerate(income)]
    return pl.DataFrame({"a": rng.normal(size=rows).round(3), "code": ["007", "010"] * 20}).insert_column(
        1, pl.Series("income", texts)
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    visits().write_csv(tmp_path / "visits.csv")
    skewed().write_csv(tmp_path / "skewed.csv")
    return tmp_path


def test_x(folder: Path) -> None:
    for name, target in (("visits", "better"), ("skewed", "income")):
        for columns in (80, 140, None):
            done = command_line.regcli(
                "init", "--data", f"{name}.csv", "--target", target, "--force", folder=folder, columns=columns
            )
            print(done.out, done.err)
        print((folder / "regcli.yaml").read_text())
        done = regcli("validate", "regcli.yaml", cwd=folder)
        print(done.stdout, done.stderr)
