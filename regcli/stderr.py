"""Keeping what libraries write to file descriptor 2 themselves away from the person.

C++ and Rust parts write there without asking Python: TensorFlow while it is loaded, polars when it
meets a damaged file. In a module of its own, because more than one room needs it.
"""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

STDERR = 2


@contextmanager
def stderr_held_back() -> Iterator[None]:
    """Point file descriptor 2 at a temporary file; show what was written if the body fails."""
    try:
        saved = os.dup(STDERR)
    except OSError:  # closed, as by `2>&-`: nothing that is written there reaches anybody
        yield
        return
    if sys.stderr is not None:
        sys.stderr.flush()
    with tempfile.TemporaryFile() as held_back:
        os.dup2(held_back.fileno(), STDERR)
        try:
            yield
        except Exception:
            held_back.seek(0)
            os.write(saved, held_back.read())
            raise
        finally:
            os.dup2(saved, STDERR)
            os.close(saved)
