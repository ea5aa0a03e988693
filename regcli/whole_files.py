"""Files that appear whole or not at all, whatever happens while they are written."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A file to write, which takes its place as `path` when the block has come to its end.

    It stands beside the file that it replaces, and its name ends as `path` does, by which Keras
    knows what to write. Of a link it replaces what the link leads to.

    Raises:
        OSError: it cannot be written, or not put in place; names `path`. What was there stays.
    """
    target = path.resolve()
    unfinished = target.with_name(f".{os.getpid()}.{target.name}")
    try:
        yield unfinished
        unfinished.replace(target)
    except OSError as error:
        if error.filename is not None and str(error.filename) != str(unfinished):
            raise
        raise OSError(error.errno, error.strerror or str(error), str(path)) from error
    finally:
        unfinished.unlink(missing_ok=True)
