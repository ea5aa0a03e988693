"""The process with Keras alone that exported files are tried in: one for all tests of a worker."""

from collections.abc import Iterator
from contextlib import nullcontext

import pytest

from regcli.exports.fresh_keras import FreshKeras


@pytest.fixture(scope="session")
def fresh() -> Iterator[FreshKeras]:
    """To load Keras takes seconds."""
    with FreshKeras() as started:
        yield started


@pytest.fixture
def one_process(fresh: FreshKeras, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have exports use `fresh` instead of a process of their own."""
    monkeypatch.setattr("regcli.exports.model_files.FreshKeras", lambda: nullcontext(fresh))
