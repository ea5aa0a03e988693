"""Rows in the cache go with the last run on their data."""

from pathlib import Path

import numpy as np
from stored_examples import a_run

from regcli.data.scanned.row_files import RowFiles
from regcli.data.sources import CACHE
from regcli.results.records import DataSummary, RunRecord
from regcli.store.store import open_store
from regcli.workflows.run_removal import remove_runs


def run_on(fingerprint: str, run_id: str) -> RunRecord:
    data = DataSummary(
        source="t.csv",
        fingerprint=fingerprint,
        task="regression",
        rows={"train": 3},
        input_shape=(1,),
        columns=("a",),
    )
    return a_run(run_id, data=data)


def test_rows_go_with_the_last_run_on_them(tmp_path: Path) -> None:
    first, other = "0123456789ab", "ba9876543210"
    cache = RowFiles(tmp_path / CACHE)

    def kept(name: str) -> np.ndarray:
        return cache.kept(name, (2, 1), lambda x: x.fill(7))

    opened = kept(f"{first}-columns")
    kept(f"{first}-aaaa")
    kept(f"{other}-aaaa")
    with open_store(tmp_path) as store:
        store.add(run_on(first, "aaaa"))
        store.add(run_on(first, "bbbb"))
        store.add(run_on(other, "cccc"))
        remove_runs(["aaaa"], store)
        assert len([*cache.folder.iterdir()]) == 3
        remove_runs(["bbbb"], store)
    assert [path.name for path in cache.folder.iterdir()] == [f"{other}-aaaa.npy"]
    assert opened.tolist() == [[7], [7]]  # as a process that is training has it


def test_a_store_without_a_cache_is_like_any_other(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        store.add(run_on("0123456789ab", "aaaa"))
        remove_runs(["aaaa"], store)
        assert store.get("aaaa") is None
    assert not (tmp_path / CACHE).exists()
