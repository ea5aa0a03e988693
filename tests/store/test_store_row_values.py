"""Values of rows beside the records of runs."""

from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from stored_examples import a_run

from regcli.errors import StoreError
from regcli.store.store import open_store
from regcli.store.store_row_values import ROWS, read_row_values, rows_as_blobs

RUN = "3fa9c1d2e0b4"


def test_rows_come_back_bit_for_bit(tmp_path: Path) -> None:
    rows = {
        "validation": {
            "data_loss": np.array([0.1, np.inf, np.nan], np.float32),
            "accuracy": np.array([1, 0, 1], np.float32),
        },
        "test": {"data_loss": np.array([0.3], np.float32)},
    }
    with open_store(tmp_path) as store:
        store.add(a_run(RUN), blobs=rows_as_blobs(rows))
        found = read_row_values(store, RUN)
    assert found is not None
    assert {part: list(by_key) for part, by_key in found.items()} == {
        "validation": ["data_loss", "accuracy"],
        "test": ["data_loss"],
    }
    for part, by_key in rows.items():
        for key, values in by_key.items():
            assert_array_equal(found[part][key], values)


def test_a_run_without_rows_and_one_that_is_not_there_have_none(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        store.add(a_run(RUN), blobs=rows_as_blobs({}))
        assert read_row_values(store, RUN) is None
        assert read_row_values(store, "0" * 12) is None


def test_rows_that_are_not_packed_arrays_are_named(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        store.add(a_run(RUN), blobs={ROWS: b"RGA1 no arrays"})
        with pytest.raises(StoreError, match=f"{ROWS}.*{RUN}|{RUN}.*{ROWS}"):
            read_row_values(store, RUN)
