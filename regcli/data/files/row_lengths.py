"""How many cells the rows of a file of text have: rows with too few are read, and told of."""

import csv
from collections.abc import Iterator
from itertools import chain, islice

import polars as pl

from regcli.data.files.layouts import TextLayout
from regcli.data.files.text_files import TextFile


def row_lengths(text: TextFile, layout: TextLayout) -> Iterator[int]:
    """The number of cells of the header and of each row; 0 of a line without any.

    Raises:
        csv.Error, OSError, UnicodeError: the file cannot be read.
    """
    lines = islice(text.lines(), layout.skipped, None)
    comment = layout.comment
    rows = (line for line in lines if comment is None or not line.startswith(comment))
    for line in rows:
        if '"' in line:  # from here on a cell may hold separators, and ends of lines
            yield from map(len, csv.reader(chain([line], rows), delimiter=layout.separator))
            return
        yield line.count(layout.separator) + 1 if line.strip("\r\n") else 0


def short_rows_note(text: TextFile, layout: TextLayout, frame: pl.DataFrame) -> str:
    """What to know of rows with fewer cells than the header; empty where there are none.

    Some programs leave out empty cells at the end of a row, so that such rows are no fault; in
    others cells have moved.

    Args:
        frame: the columns with a name, as they were read: only a row without the last of them can
            be short.
    """
    width = len(frame.columns)
    if width < 2 or not frame[frame.columns[-1]].has_nulls():
        return ""
    lengths = islice(row_lengths(text, layout), 1, len(frame) + 1)
    try:
        short = [row for row, length in enumerate(lengths, 1) if length < width]
    except (csv.Error, OSError, UnicodeError):  # polars has read it all the same
        return ""
    if not short:
        return ""
    rows = "row has" if len(short) == 1 else f"of {len(frame):,} rows have"
    return (
        f"{len(short):,} {rows} fewer than {width:,} cells, "
        f"{'it' if len(short) == 1 else 'the first'} is row {short[0]}; cells that are not there "
        "are gaps"
    )
