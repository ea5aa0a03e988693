"""Files that appear complete or not at all, whatever happens while they are written."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A file to write, which becomes `path` when the block has finished.

    It is next to the file that it replaces, and its name ends like that of `path`, by which Keras
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
        # A copy names where it reads first, then where it writes.
        named = {str(error.filename), str(error.filename2)}
        if error.filename is not None and str(unfinished) not in named:
            raise
        raise OSError(error.errno, error.strerror or str(error), str(path)) from error
    finally:
        with suppress(OSError):  # of a read-only disk too, where there is nothing to remove
            unfinished.unlink()
