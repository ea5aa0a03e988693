"""What holds for every test."""

import os
from pathlib import Path

import pytest

from regcli.keras_settings import default_environment

# Keras as regcli loads it, also where a test imports it first.
for name in os.environ.keys() - default_environment(os.environ).keys():
    del os.environ[name]
os.environ.update(default_environment(os.environ))
# Before anything imports Typer: on some build servers it would else force colours.
os.environ["_TYPER_FORCE_DISABLE_TERMINAL"] = "1"

pytest_plugins = ["loading"]

LONGEST = ("test_pages.py", "test_proximal_optima.py")
"""Files that take a minute or more go first: no worker is left alone with one at the end."""


def pytest_configure(config: pytest.Config) -> None:
    """Let workers take files in the order below, and not those with the most tests first."""
    if hasattr(config.option, "loadscopereorder"):
        config.option.loadscopereorder = False


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def rank(item: pytest.Item) -> int:
        name = Path(item.path).name
        return LONGEST.index(name) if name in LONGEST else len(LONGEST)

    items.sort(key=rank)
