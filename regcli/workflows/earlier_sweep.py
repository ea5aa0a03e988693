"""An earlier sweep by its name: in the store, or a JSON document beside it."""

from functools import partial
from pathlib import Path

from regcli.errors import UsageError
from regcli.results.gate.earlier import Earlier, of_document, of_sweep, read_document
from regcli.results.settings import by_setting
from regcli.results.verdict.judgement import judge
from regcli.store.store import Store
from regcli.store.store_row_values import read_row_values
from regcli.workflows.stored_sweeps import as_swept, find_sweep_or_path

MAX_BYTES = 2_000_000_000
"""Of a document: a sweep of 100,000 runs has a quarter of that."""


def find_earlier(named: str, store: Store, margin: float) -> Earlier:
    """The setting to use of an earlier sweep.

    Args:
        named: a JSON file, or a sweep's id, the beginning of it, or its name (the newest).
        margin: of the verdict on a stored sweep.

    Raises:
        UsageError: there is no such sweep, or nothing says which of its settings to use.
        StoreError: the store cannot be read.
    """
    rows_of = partial(read_row_values, store)
    path = Path(named)
    if path.is_file() or path.suffix == ".json":
        records, use = read_document(_text(path), named)
        stored = store.find(record.id for record in records)
        return of_document(named, records, use, stored, rows_of)
    sweep = find_sweep_or_path(named, store)
    if sweep is None:
        raise UsageError(f"{named}: there is no such file, and no sweep of this id or name")
    settings = by_setting(as_swept(sweep, store))
    return of_sweep(named, settings, judge(settings, rows_of, margin), rows_of)


def _text(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            return stream.read(MAX_BYTES).decode("utf-8-sig")
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path}: must be UTF-8 text") from None
