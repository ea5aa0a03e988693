"""The values by row of stored runs: a blob beside each record."""

from typing import Any

from numpy.typing import NDArray

from regcli.errors import StoreError
from regcli.results.row_values import RunRows
from regcli.store.packed_arrays import pack, unpack
from regcli.store.store import NO_FILES, Files, Store
from regcli.store.store_errors import changed_blob

ROWS = "rows"


def rows_as_blobs(rows: RunRows) -> Files:
    """The values of a run's rows as a blob; none for a run without any."""
    arrays = {
        f"{part}/{key}": values for part, by_key in rows.items() for key, values in by_key.items()
    }
    return {ROWS: pack(arrays)} if arrays else NO_FILES


def read_row_values(store: Store, run_id: str) -> RunRows | None:
    """What a run did with each row of validation and test; None where that was not stored.

    Raises:
        StoreError: it is not as it was stored.
    """
    content = store.blob(run_id, ROWS)
    if content is None:
        return None
    found: dict[str, dict[str, NDArray[Any]]] = {}
    try:
        for name, values in unpack(content).items():
            part, _, key = name.partition("/")
            found.setdefault(part, {})[key] = values
    except (ValueError, TypeError) as error:
        raise StoreError(changed_blob(ROWS, run_id)) from error
    return found
