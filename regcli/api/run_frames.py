"""Runs and what they did with each row as frames of polars."""

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from regcli.api.runs_folder import reading
from regcli.exports.row_losses import PartValues, values_of_rows
from regcli.report.run_rows import run_rows
from regcli.report.typed_frames import typed_frame
from regcli.results.records import RunRecord


def runs_frame(records: Sequence[RunRecord]) -> pl.DataFrame:
    """A row a run, with the columns of the format CSV."""
    return typed_frame(run_rows(records))


def row_losses_frame(records: Sequence[RunRecord], folder: Path) -> pl.DataFrame:
    """A row for each run and row; see `regcli.Sweep.row_losses`."""
    with reading(folder) as store:
        frames = [_part_frame(each) for each in values_of_rows(records, store)]
    if not frames:
        return pl.DataFrame(schema=_SCHEMA)
    return pl.concat(frames, how="diagonal")


_SCHEMA = {"id": pl.String, "part": pl.String, "row": pl.Int64, "data_loss": pl.Float32}


def _part_frame(found: PartValues) -> pl.DataFrame:
    columns = {
        "id": pl.Series([found.run], dtype=pl.String).new_from_index(0, len(found.rows)),
        "part": pl.Series([found.part], dtype=pl.String).new_from_index(0, len(found.rows)),
        "row": pl.Series(found.rows),
    }
    values = sorted(found.values.items(), key=lambda pair: pair[0] != "data_loss")
    return pl.DataFrame(columns | {name: pl.Series(own) for name, own in values})
