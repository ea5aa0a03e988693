"""Predictions of stored runs, row by row: a blob beside the record of those that are shown."""

from collections.abc import Mapping

import numpy as np

from regcli.errors import StoreError
from regcli.results.kept_predictions import KeptPredictions
from regcli.store.packed_arrays import pack, unpack
from regcli.store.store import Store
from regcli.store.store_errors import changed_blob

PREDICTIONS = "predictions"


def store_predictions(store: Store, kept: Mapping[str, KeptPredictions]) -> None:
    """Store the predictions of runs, by their ids; those of runs that are gone are left out.

    Raises:
        StoreError: they cannot be stored.
    """
    store.add_blobs({run_id: {PREDICTIONS: _packed(own)} for run_id, own in kept.items()})


def _packed(kept: KeptPredictions) -> bytes:
    arrays = {
        "of": np.array(kept.of, np.int64),
        "truth": kept.truth,
        "predicted": kept.predicted,
        "sure": kept.sure,
        "scores": kept.scores,
    }
    return pack({f"{kept.part}/{key}": own for key, own in arrays.items() if own is not None})


def read_predictions(store: Store, run_id: str) -> KeptPredictions | None:
    """The predictions of a run; None where none are stored.

    Raises:
        StoreError: they are not as they were stored.
    """
    content = store.blob(run_id, PREDICTIONS)
    if content is None:
        return None
    try:
        arrays = unpack(content)
        (part,) = {name.partition("/")[0] for name in arrays}
        found = {name.partition("/")[2]: own for name, own in arrays.items()}
        return KeptPredictions(part, int(found.pop("of")), **found)
    except (ValueError, TypeError, KeyError) as error:
        raise StoreError(changed_blob(PREDICTIONS, run_id)) from error
