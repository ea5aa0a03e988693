"""What made inputs of a table's columns, once for all runs that share it."""

from regcli.data.preparing.preparation import Preparation
from regcli.errors import StoreError
from regcli.results.records import DataSummary, RunRecord
from regcli.store.store import Store


def keep_preparation(store: Store, preparation: Preparation) -> None:
    """Store a preparation under its own key, unless it is there or the identity.

    Raises:
        StoreError: it cannot be stored.
    """
    if preparation.key is not None and store.recall(_finding(preparation.key)) is None:
        store.remember(_finding(preparation.key), preparation.as_plain())


def read_preparation(store: Store, record: RunRecord) -> Preparation:
    """What made the inputs of a stored run; the identity for runs of before there was any other.

    Raises:
        StoreError: the run has no data, or the preparation is not as it was stored.
    """
    data = record.data
    if data is None:
        raise StoreError(f"run {record.id}: has no data")
    if data.preparation is None:
        return Preparation(_columns(record, data))
    plain = store.recall(_finding(data.preparation))
    try:
        found = None if plain is None else Preparation.from_plain(plain)
    except ValueError:
        found = None
    if found is None or found.key != data.preparation:
        raise StoreError(
            f"The preparation of the stored run {record.id} is missing or was changed after it was "
            f"stored; remove the run with 'regcli runs rm {record.id}', then train it again."
        )
    return found


def _columns(record: RunRecord, data: DataSummary) -> tuple[str, ...]:
    """The columns without those that were added as noise."""
    noise = record.config.get("dataset", {}).get("noise_features", 0)
    return data.columns[: len(data.columns) - noise]


def _finding(key: str) -> str:
    return f"preparation {key}"
