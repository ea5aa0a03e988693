"""Configs written to a file and loaded through the door of their room."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from regcli.config.load import LoadedConfig, load_config
from regcli.errors import ConfigError

Load = Callable[..., LoadedConfig]
Problems = Callable[..., list[str]]


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Load:
    """Load a config's text or bytes as the file `c.yaml`."""
    monkeypatch.chdir(tmp_path)

    def write_and_load(text: str | bytes, overrides: Sequence[Any] = ()) -> LoadedConfig:
        content = text if isinstance(text, bytes) else text.encode()
        Path("c.yaml").write_bytes(content)
        return load_config("c.yaml", overrides)

    return write_and_load


@pytest.fixture
def problems(load: Load) -> Problems:
    """The lines that a config's text is refused with."""

    def refused(text: str | bytes, overrides: Sequence[Any] = ()) -> list[str]:
        with pytest.raises(ConfigError) as caught:
            load(text, overrides)
        return list(caught.value.problems)

    return refused
