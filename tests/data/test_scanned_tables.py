"""Tables that do not fit into memory come to the same rows as those that do."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from numpy.testing import assert_array_equal

from regcli.config.dataset_section import Dataset
from regcli.data.dataset import Splits, Table
from regcli.data.preparing import prepared_rows
from regcli.data.sources import load_table
from regcli.data.splits import split
from regcli.errors import DataError

ROWS = 600


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few dozen rows a block, so that these tables have several."""
    monkeypatch.setattr("regcli.data.splits.CELLS_OF_A_BLOCK", 500)
    monkeypatch.setattr(prepared_rows, "CELLS_OF_A_BLOCK", 500)


@pytest.fixture(params=["csv", "parquet"])
def file(tmp_path: Path, request: pytest.FixtureRequest) -> str:
    rng = np.random.default_rng(0)
    days = pl.date_range(pl.date(2020, 1, 1), pl.date(2024, 1, 1), "1d", eager=True)
    gappy = np.where(rng.random(ROWS) < 0.1, np.nan, rng.normal(5, 2, ROWS))
    frame = pl.DataFrame(
        {
            "big": 1e9 + rng.integers(0, 100, ROWS),
            "gappy": pl.Series(gappy).fill_nan(None),
            "town": rng.choice(["Bonn", "Köln", "Ulm"], ROWS),
            "plan": pl.Series([None if n % 17 == 0 else f"p{n % 4}" for n in range(ROWS)]),
            "member": rng.random(ROWS) < 0.5,
            "day": days.sample(ROWS, seed=0),
            "house": rng.integers(0, 40, ROWS),
            "note": ["left out"] * ROWS,
            "y": rng.choice(["no", "yes"], ROWS),
        }
    )
    name = f"table.{request.param}"
    if name.endswith(".csv"):
        frame.write_csv(tmp_path / name)
    else:
        frame.write_parquet(tmp_path / name)
    return name


@pytest.fixture
def load(tmp_path: Path, file: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    def of(memory: str, **options: Any) -> tuple[Table, Splits]:
        monkeypatch.setenv("REGCLI_MEMORY", memory)
        given = {"missing": "mean", "dates": ["year", "weekday"], "drop": ["note"], **options}
        config = Dataset(file=file, target="y", **given)
        table = load_table(config, tmp_path, tmp_path / "cache")
        return table, split(table, config)

    return of


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"missing": "indicator", "scale": "minmax"},
        {"missing": "median", "scale": "robust", "max_categories": 2},
        {"missing": "most_frequent", "scale": "quantile", "seed": 3},
        {"groups": "house", "scale": "none"},
        {"time": "day", "task": "classification"},
        {"target": "gappy", "missing": {"plan": "most_frequent"}, "drop": ["note", "gappy"]},
    ],
)
def test_rows_are_those_of_the_table_in_memory(load: Any, options: dict[str, Any]) -> None:
    if "target" in options:
        options = {**options, "task": "classification"}
        del options["target"]
    whole, ours = load("1GB", **options)
    scanned, theirs = load("50kB".replace("kB", "000"), **options)
    assert whole.cache is None
    assert scanned.cache is not None
    assert isinstance(scanned.x.base, np.memmap)
    assert_array_equal(scanned.x, whole.x)
    assert_array_equal(scanned.y, whole.y)
    same = {"x": whole.x, "y": whole.y, "cache": None, "notes": (), "origin": None}
    assert replace(scanned, **same) == replace(whole, **same)
    assert scanned.notes[:-1] == whole.notes
    assert (theirs.columns, theirs.preparation) == (ours.columns, ours.preparation)
    assert_array_equal(theirs.center, ours.center)
    assert_array_equal(theirs.width, ours.width)
    for (name, part), (_, other) in zip(ours.parts(), theirs.parts(), strict=True):
        assert isinstance(other.x.base, np.memmap), name
        assert_array_equal(other.x, part.x)
        assert_array_equal(other.y, part.y)


def test_rows_in_the_cache_are_used_again(load: Any, tmp_path: Path) -> None:
    load("50000")
    before = {path.name: path.stat().st_ino for path in (tmp_path / "cache").iterdir()}
    assert sorted(name.rpartition(".")[2] for name in before) == ["npy"] * 4
    load("50000")
    after = {path.name: path.stat().st_ino for path in (tmp_path / "cache").iterdir()}
    assert {name for name in after if after[name] == before[name]} == {
        name for name in before if not name.endswith("-columns.npy")
    }


def test_a_damaged_file_in_the_cache_is_written_anew(load: Any, tmp_path: Path) -> None:
    _, splits = load("50000")
    expected = np.array(splits.train.x)
    for path in (tmp_path / "cache").iterdir():
        path.write_bytes(path.read_bytes()[:-40])
    _, again = load("50000")
    assert_array_equal(again.train.x, expected)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"missing": "drop"},
            "its rows do not fit into memory and are scanned, for which dataset.missing must not "
            "be drop; fill the gaps with mean or indicator, or leave the rows out",
        ),
        ({"noise_features": 2}, "noise_features must be 0 for rows that do not fit into memory"),
    ],
)
def test_what_needs_all_rows_is_refused(
    load: Any, file: str, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(DataError) as refused:
        load("50000", **options)
    assert str(refused.value).rpartition("/")[2] == f"{file}: {message}"


def test_numbers_with_marks_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [f"{row},5;{row % 2}" for row in range(ROWS)]
    (tmp_path / "t.csv").write_text("\n".join(["a;y", *lines]) + "\n")
    monkeypatch.setenv("REGCLI_MEMORY", "20000")
    with pytest.raises(DataError) as refused:
        load_table(Dataset(file="t.csv", target="y"), tmp_path, tmp_path / "cache")
    assert str(refused.value) == (
        f"{tmp_path}/t.csv: must have plain numbers such as 1234.5 to be scanned, because its rows "
        "do not fit into memory; write it as Parquet, or set dataset.decimal: '.' if they are plain"
    )


@pytest.mark.parametrize("width", [3, 4])
def test_a_row_of_another_length_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    # Behind what is looked at before any row is read.
    lines = [f"{row},{row % 2}" for row in range(200_000)]
    lines[190_000] = ",".join(["1"] * width)
    (tmp_path / "t.csv").write_text("\n".join(["a,y", *lines]) + "\n")
    monkeypatch.setenv("REGCLI_MEMORY", "1MB")
    with pytest.raises(DataError) as refused:
        load_table(Dataset(file="t.csv", target="y"), tmp_path, tmp_path / "cache")
    assert str(refused.value) == (
        f"{tmp_path}/t.csv: every row must have 2 cells like the header, row 190001 has {width}"
    )
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_folder_that_cannot_be_written_to_is_named(load: Any, tmp_path: Path, file: str) -> None:
    (tmp_path / "cache").write_text("a file")
    with pytest.raises(DataError) as refused:
        load("50000")
    assert str(refused.value) == (f"{tmp_path}/cache: rows cannot be written there: File exists")
