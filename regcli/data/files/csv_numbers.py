"""Numbers in files of text, whatever their marks: decimal commas, and marks between thousands."""

from collections.abc import Collection, Sequence
from itertools import chain
from pathlib import Path

import polars as pl

from regcli.data.columns.column_rules import ColumnRules
from regcli.data.columns.gaps import faults_together
from regcli.data.columns.roles import Roles
from regcli.data.files.csv_cells import read_rows
from regcli.data.files.csv_files import CsvFile
from regcli.data.files.dialect import AskedDialect
from regcli.data.files.number_marks import (
    PLAIN,
    NumberMarks,
    ShownMarks,
    require_plain_points,
    seems_marked,
)
from regcli.errors import DataError

OF_DECIMAL_COMMAS = ";"
"""The separator of programs that write decimal commas: beside it 1.234 may be a thousand."""


def read_alike(
    files: Sequence[CsvFile],
    roles: Roles,
    rules: ColumnRules,
    asked: AskedDialect,
    as_text: Collection[str] = (),
) -> tuple[list[pl.DataFrame], NumberMarks]:
    """The columns of files that belong together, under their composed names; and their marks.

    Numbers are numbers where a column is read as such, else text that shows them plainly.

    Args:
        asked: what the config says of the marks of numbers; what it leaves open follows from the
            numbers of all files.
        as_text: columns to read as text, whatever they hold.

    Raises:
        DataError: on any fault.
    """
    gaps = rules.gap_marks
    plain = [read_rows(file, roles, rules, as_text) for file in files]
    marks = ShownMarks().decided(asked)
    is_open = asked.decimal is None and asked.thousands is None
    may_mean_thousands = is_open and any(
        file.layout.separator == OF_DECIMAL_COMMAS for file in files
    )
    if marks == PLAIN and not (
        may_mean_thousands
        or any(seems_marked(texts_of_numbers(frame, roles, rules), gaps) for frame in plain)
    ):
        return plain, marks
    # polars would read 1.234 as a little more than one beside decimal commas, without a word.
    whole = [read_rows(file, roles, rules, file.names) for file in files]
    columns = [texts_of_numbers(frame, roles, rules) for frame in whole]
    shown = ShownMarks.of(chain.from_iterable(columns), gaps)
    marks = shown.decided(asked)
    if may_mean_thousands and marks.decimal == "." and "." not in shown.decimals:
        for file, texts in zip(files, columns, strict=True):
            require_plain_points(texts, gaps, file.path)
    if marks == PLAIN:
        return plain, marks
    kept = {roles.target, *as_text}
    for place, (file, texts) in enumerate(zip(files, columns, strict=True)):
        numbers = _with_plain_numbers(texts, roles, marks, gaps, file.path)
        whole[place] = whole[place].with_columns(
            each if each.name in kept else _as_numbers(each) for each in numbers
        )
    return whole, marks


def texts_of_numbers(frame: pl.DataFrame, roles: Roles, rules: ColumnRules) -> list[pl.Series]:
    """Columns of text that may be numbers."""
    named = _numbers_with_roles(roles)
    apart = {roles.groups, *roles.drop}
    return [
        series
        for series in frame
        if series.dtype == pl.String
        and series.name not in apart
        and (series.name in named or rules.may_be_numbers(series.name))
    ]


def _numbers_with_roles(roles: Roles) -> Collection[str | None]:
    """Columns besides the inputs that may hold numbers."""
    return {roles.target, roles.time, roles.weights}


def _with_plain_numbers(
    columns: Sequence[pl.Series],
    roles: Roles,
    marks: NumberMarks,
    gaps: Collection[str],
    path: Path,
) -> list[pl.Series]:
    needed = _numbers_with_roles(roles)
    faults: list[str] = []
    for series in columns:
        try:
            marks.require_decimal(series, gaps, path, is_input=series.name not in needed)
        except DataError as error:
            faults.extend(error.problems)
    if faults:
        raise DataError(*faults_together(faults, path))
    return [marks.plain(series, gaps) for series in columns]


def _as_numbers(text: pl.Series) -> pl.Series:
    """Numbers where a column is only that, as it would be with plain ones."""
    numbers = text.cast(pl.Float64, strict=False)
    return numbers if numbers.null_count() == text.null_count() else text
