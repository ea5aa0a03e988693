"""A program's own rows to predict, as a file for a while."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from regcli.api.data_errors import called_data
from regcli.api.own_arrays import numbers
from regcli.api.packed_data import Arrays, as_polars, ending_of, is_frame, packed


@contextmanager
def as_file(rows: object) -> Iterator[Path]:
    """A file with some rows to predict, for a while; errors call it `data`.

    Args:
        rows: an array x, or a frame.

    Raises:
        DataError: they cannot be written as they are; or of the block, without the file's place.
    """
    content = as_polars(rows) if is_frame(rows) else Arrays(numbers(rows, "x"), None)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"data{ending_of(content)}"
        path.write_bytes(packed(content))
        with called_data(path):
            yield path
