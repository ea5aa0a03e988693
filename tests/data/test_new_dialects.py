"""Rows to predict that are written in another way than their config pins for training."""

import gzip
from pathlib import Path
from typing import Any

import pytest

from regcli.config.dataset_section import Dataset
from regcli.data.new_rows import NewRows, read_new_rows
from regcli.data.sources import load_table
from regcli.data.splits import split
from regcli.data.trained_on import TrainedOn
from regcli.errors import DataError

TRAINING = """\
town;size;rent;y
Düsseldorf;1.092;7,5;1
Köln;2.345;8,25;2
Düsseldorf;1.500;6,125;3
Köln;980;9,0;4
"""
PINS = {"encoding": "cp1252", "separator": ";", "decimal": ",", "thousands": "."}


@pytest.fixture(name="run")
def _run(tmp_path: Path) -> TrainedOn:
    (tmp_path / "train.csv").write_text(TRAINING, encoding="cp1252")
    keys: dict[str, Any] = {"file": "train.csv", "target": "y", "test": 0, "validation": 0}
    config = Dataset.model_validate({**keys, **PINS})
    splits = split(load_table(config, tmp_path), config)
    table = splits.table
    shape = splits.train.x.shape[1:]
    return TrainedOn(config, splits.preparation, table.classes, shape, table.dialect)


def rows_of(path: Path, text: bytes, run: TrainedOn) -> NewRows:
    path.write_bytes(gzip.compress(text) if path.suffix == ".gz" else text)
    return read_new_rows(path, run, with_truth=False)


def columns(rows: NewRows) -> list[list[Any]]:
    names = rows.features.kind("town").values
    return [[names[int(row[0])], *row[1:]] for row in rows.features.x.tolist()]


NEW = "town;size;rent\nKöln;1.092;7,25\nDüsseldorf;2.000;8,5\n"
FOUND = [["Köln", 1092, 7.25], ["Düsseldorf", 2000, 8.5]]


def test_a_file_like_that_of_training_is_read_as_pinned(tmp_path: Path, run: TrainedOn) -> None:
    rows = rows_of(tmp_path / "new.csv", NEW.encode("cp1252"), run)
    assert (columns(rows), rows.notes) == (FOUND, ())


@pytest.mark.parametrize("name", ["new.csv", "new.csv.gz"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_utf8_is_read_as_that_whatever_is_pinned(
    name: str, encoding: str, tmp_path: Path, run: TrainedOn
) -> None:
    rows = rows_of(tmp_path / name, NEW.encode(encoding), run)
    assert columns(rows) == FOUND
    assert rows.notes == (f"{name}: read as utf-8, which it is, not as cp1252",)


@pytest.mark.parametrize(("mark", "word"), [(",", "commas"), ("\t", "tabs"), ("|", "bars")])
def test_a_file_with_another_separator_is_read_as_it_shows_itself(
    mark: str, word: str, tmp_path: Path, run: TrainedOn
) -> None:
    text = "town;size;rent\nKöln;1092;1.092\nKöln;2000;8.5\n".replace(";", mark)
    rows = rows_of(tmp_path / "new.csv", text.encode("cp1252"), run)
    assert columns(rows) == [["Köln", 1092, 1.092], ["Köln", 2000, 8.5]]
    assert rows.notes == (
        f"new.csv: separated by {word}, not by semicolons as in training; its numbers are read by "
        "the marks that they show",
    )


def test_tabs_may_stand_between_numbers_like_those_of_training(
    tmp_path: Path, run: TrainedOn
) -> None:
    rows = rows_of(tmp_path / "new.csv", NEW.replace(";", "\t").encode(), run)
    assert columns(rows) == FOUND
    assert rows.notes == (
        "new.csv: read as utf-8, which it is, not as cp1252",
        "new.csv: separated by tabs, not by semicolons as in training",
    )


def test_numbers_that_can_be_read_in_two_ways_are_refused(tmp_path: Path, run: TrainedOn) -> None:
    text = "town,size,rent\nKöln,1.092,7\nKöln,2.000,8\n"
    with pytest.raises(DataError) as caught:
        rows_of(tmp_path / "new.csv", text.encode(), run)
    assert caught.value.problems == (
        f"{tmp_path / 'new.csv'}: column 'size' must hold numbers that can be read in one way, row "
        "1 of 2 has '1.092'; that is 1.092 or 1092; write the file as the training data is written",
    )


def test_a_header_that_no_separator_makes_whole_is_read_as_pinned(
    tmp_path: Path, run: TrainedOn
) -> None:
    with pytest.raises(DataError, match="it lacks 'town', 'size', 'rent'"):
        rows_of(tmp_path / "new.csv", b"town,size\nBonn,1\n", run)
