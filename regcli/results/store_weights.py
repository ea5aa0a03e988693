"""The weights of stored runs, and what is said where their file is damaged."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from regcli.errors import StoreError
from regcli.results.store import Store
from regcli.results.store_errors import changed_file

WEIGHTS = "weights.npz"


def read_weights(store: Store, run_id: str) -> dict[str, NDArray[Any]]:
    """A run's weights by name, and the scaling of its columns under `CENTER` and `WIDTH`.

    Raises:
        StoreError: there is no such run, it was stored without weights, or their file is not as it
            was stored: after a power cut it can hold zeros in place of what was written.
    """
    path = store.file(run_id, WEIGHTS)
    try:
        with np.load(path, allow_pickle=False) as stored:
            return {name: stored[name] for name in stored.files}
    # The parts of a damaged archive raise whatever they like: ValueError, BadZipFile, zlib.error,
    # struct.error, UnicodeDecodeError, EOFError, MemoryError …
    except Exception as error:
        raise StoreError(changed_file(path, run_id)) from error
