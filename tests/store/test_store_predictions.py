"""Predictions beside the records of runs that are stored already."""

from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from stored_examples import a_run

from regcli.errors import StoreError
from regcli.results.kept_predictions import KeptPredictions
from regcli.store.store import open_store
from regcli.store.store_predictions import PREDICTIONS, read_predictions, store_predictions

RUN = "3fa9c1d2e0b4"
KEPT = KeptPredictions(
    "validation",
    30,
    np.array([0, 1], np.int32),
    np.array([1, 1], np.int32),
    np.array([0.6, 0.9], np.float32),
    np.array([[0.1, np.inf]]),
)


def test_they_are_added_to_a_run_and_change_nothing_else(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        store.add(a_run(RUN), blobs={"rows": b"kept"})
        assert read_predictions(store, RUN) is None
        store_predictions(store, {RUN: KEPT, "aaaaaaaaaaaa": KEPT})
        found = read_predictions(store, RUN)
        assert store.get(RUN) == a_run(RUN)
        assert store.blob(RUN, "rows") == b"kept"
        assert read_predictions(store, "aaaaaaaaaaaa") is None
    assert found is not None
    assert (found.part, found.of) == ("validation", 30)
    for name in ("truth", "predicted", "sure", "scores"):
        assert_array_equal(getattr(found, name), getattr(KEPT, name))


def test_a_later_storing_replaces_them(tmp_path: Path) -> None:
    quantity = KeptPredictions("test", 1, np.array([1.5]), np.array([2.5]))
    with open_store(tmp_path) as store:
        store.add(a_run(RUN))
        store_predictions(store, {RUN: KEPT})
        store_predictions(store, {RUN: quantity})
        found = read_predictions(store, RUN)
    assert found is not None
    assert (found.part, found.truth.tolist(), found.predicted.tolist()) == ("test", [1.5], [2.5])
    assert (found.sure, found.scores) == (None, None)


@pytest.mark.parametrize("content", [b"", b"RGA1", b"other"])
def test_what_is_no_prediction_is_told_of(content: bytes, tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        store.add(a_run(RUN), blobs={PREDICTIONS: content})
        with pytest.raises(
            StoreError, match=f"^The predictions of the stored run {RUN} were changed after"
        ):
            read_predictions(store, RUN)
