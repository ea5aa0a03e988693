"""Files as people have them, loaded through the room's door."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from regcli.config.dataset_section import Dataset
from regcli.data.dataset import Table
from regcli.data.sources import load_table

Loader = Callable[..., Table]


@pytest.fixture
def load_csv(tmp_path: Path) -> Loader:
    def load(text: str | bytes, target: str = "y", **options: Any) -> Table:
        content = text if isinstance(text, bytes) else text.encode()
        (tmp_path / "data.csv").write_bytes(content)
        return load_table(Dataset(file="data.csv", target=target, **options), tmp_path)

    return load


@pytest.fixture
def load_parquet(tmp_path: Path) -> Loader:
    def load(columns: dict[str, Any], /, target: str = "y", **options: Any) -> Table:
        pl.DataFrame(columns).write_parquet(tmp_path / "data.parquet")
        return load_table(Dataset(file="data.parquet", target=target, **options), tmp_path)

    return load


@pytest.fixture
def load_npz(tmp_path: Path) -> Loader:
    def load(arrays: dict[str, Any], **options: Any) -> Table:
        np.savez(tmp_path / "data.npz", **arrays)
        return load_table(Dataset(file="data.npz", **options), tmp_path)

    return load
