"""Which keys the stored runs have that a list is asked for."""

from regcli.report.column_choice import Keys
from regcli.report.run_values import FACTS, RESULTS, keys_of_records
from regcli.store.store import Store
from regcli.store.store_query import LISTED, RunQuery


def keys_to_check(store: Store, query: RunQuery) -> Keys | None:
    """Every key that a list can have; None where all keys of the query are known to be among them.

    They are a result, a column of a list, or a key that some run has.

    Raises:
        StoreError: the store cannot be read.
    """
    plain = {*LISTED, *FACTS, *RESULTS}
    others = [key for key in query.keys if key not in plain and store.has_value(key)]
    if not set(query.keys) - plain - set(others) or not store.count():
        return None
    newest = [run.id for run, _ in store.listed(RunQuery(last=1))[0]]
    records = list(store.find_readable(newest)[0].values())
    return keys_of_records(records, [*others, *LISTED])
