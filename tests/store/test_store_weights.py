"""Where the weights of a run lie, by their size, and that they are read back as they were."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from stored_examples import a_run

from regcli.config.document import read_yaml
from regcli.errors import StoreError
from regcli.store.store import Store, open_store
from regcli.store.store_weights import MOST_FOLDERS, MOST_IN_DATABASE, as_stored, read_weights

Weights = dict[str, NDArray[Any]]


def weights_of(numbers: int) -> Weights:
    chance = np.random.default_rng(numbers)
    kernel = chance.standard_normal(numbers).astype(np.float32)
    return {"dense/kernel": kernel, "dense/bias": np.float32([np.nan]), "input/width": np.ones(2)}


MANY = MOST_FOLDERS + 1
SMALL, LARGE = weights_of(100), weights_of(MOST_IN_DATABASE // 4)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "runs") as opened:
        for run_id, weights in (("aaaa", SMALL), ("bbbb", LARGE)):
            record = a_run(run_id)
            opened.add(record, *as_stored(record, weights, MANY))
        opened.add(a_run("cccc", "failed"), *as_stored(a_run("cccc"), {}, MANY))
        yield opened


def message(act: Callable[[], object]) -> str:
    with pytest.raises(StoreError) as caught:
        act()
    return str(caught.value)


@pytest.mark.parametrize(("run_id", "weights"), [("aaaa", SMALL), ("bbbb", LARGE)])
def test_weights_of_every_size_are_read_back(store: Store, run_id: str, weights: Weights) -> None:
    found = read_weights(store, run_id)
    assert list(found) == list(weights)
    for name, values in weights.items():
        assert found[name].dtype == values.dtype
        np.testing.assert_array_equal(found[name], values)


def test_only_large_weights_have_a_folder_with_the_config_beside_them(store: Store) -> None:
    folders = {path.name: path for path in store.folder.iterdir() if path.is_dir()}
    assert list(folders) == ["bbbb"]
    assert sorted(path.name for path in folders["bbbb"].iterdir()) == ["config.yaml", "weights.npz"]
    text = (folders["bbbb"] / "config.yaml").read_text()
    record = store.get("bbbb")
    assert record is not None
    assert read_yaml(text, "config.yaml").data == record.config


def test_a_run_that_has_no_weights(store: Store) -> None:
    assert message(lambda: read_weights(store, "cccc")) == (
        "The run cccc was stored without weights.npz; it has no files."
    )


def test_weights_go_with_their_run(store: Store) -> None:
    store.remove(["aaaa", "bbbb"])
    with closing(sqlite3.connect(store.folder / "regcli.sqlite")) as connection:
        assert connection.execute("SELECT count(*) FROM blobs").fetchone() == (0,)
    assert message(lambda: read_weights(store, "aaaa")) == (
        f"There is no run aaaa in {store.folder}; 'regcli runs list' shows the ids."
    )


@pytest.mark.parametrize(
    "change",
    [
        "content = substr(content, 1, length(content) - 1)",
        "content = 'text'",
        "content = x'00', checksum = 3523407757",
        "checksum = checksum + 1",
    ],
)
def test_changed_weights_are_said_to_be_so(store: Store, change: str) -> None:
    with closing(sqlite3.connect(store.folder / "regcli.sqlite")) as connection:
        connection.execute(f"UPDATE blobs SET {change}")
        connection.commit()
    assert message(lambda: read_weights(store, "aaaa")) == (
        "The weights of the stored run aaaa were changed after they were stored; remove the run "
        "with 'regcli runs rm aaaa', then train it again."
    )
    assert store.get("aaaa") is not None


def test_a_store_of_before_keeps_its_files_and_takes_blobs(store: Store) -> None:
    """As the last version before wrote it: every run has a folder, and there is no such table."""
    folder = store.folder
    store.remove(["aaaa", "cccc"])
    store.close()
    with closing(sqlite3.connect(folder / "regcli.sqlite")) as connection:
        connection.execute("DROP TABLE blobs")
        connection.execute("PRAGMA user_version = 8")
    for create in (False, True):
        with open_store(folder, create) as opened:
            np.testing.assert_array_equal(
                read_weights(opened, "bbbb")["dense/kernel"], LARGE["dense/kernel"]
            )
    with open_store(folder) as opened:
        opened.add(a_run("aaaa"), *as_stored(a_run("aaaa"), SMALL, MANY))
        assert read_weights(opened, "aaaa").keys() == SMALL.keys()


@pytest.mark.parametrize("runs", [1, MOST_FOLDERS, MOST_FOLDERS + 1])
def test_runs_of_a_small_grid_have_folders_that_a_person_can_look_into(
    runs: int, tmp_path: Path
) -> None:
    with open_store(tmp_path) as opened:
        opened.add(a_run("aaaa"), *as_stored(a_run("aaaa"), SMALL, runs))
        assert list(read_weights(opened, "aaaa")) == list(SMALL)
    folder = tmp_path / "aaaa"
    assert folder.exists() == (runs <= MOST_FOLDERS)
    if folder.exists():
        assert {entry.name for entry in folder.iterdir()} == {"weights.npz", "config.yaml"}
