"""What holds for every test."""

import os
import signal
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, settings

from regcli.keras_settings import default_environment
from regcli.signals import REQUESTS

# Keras as regcli loads it, also where a test imports it first.
for name in os.environ.keys() - default_environment(os.environ).keys():
    del os.environ[name]
os.environ.update(default_environment(os.environ))
# Before anything imports Typer: on some build servers it would else force colours.
os.environ["_TYPER_FORCE_DISABLE_TERMINAL"] = "1"
# There, commands say more.
os.environ.pop("GITHUB_ACTIONS", None)

pytest_plugins = ["compiling", "fresh", "loading"]

# Examples are the same ones in every run, so that a change is not blamed for what it did not do,
# and may take any time. `pytest --hypothesis-profile=search` looks for further ones.
ANY_TIME = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("suite", derandomize=True, **ANY_TIME)
settings.register_profile("search", max_examples=2000, **ANY_TIME)
settings.load_profile("suite")

LONG = ("test_pages.py",)
"""Files that take a minute or more with few tests."""


def pytest_configure(config: pytest.Config) -> None:
    """Let workers take files in the order below, and not those with the most tests first."""
    if hasattr(config.option, "loadscopereorder"):
        config.option.loadscopereorder = False


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put files that take long first, so that no worker is left alone with one at the end."""
    slow = Counter(item.path for item in items if item.get_closest_marker("slow"))
    items.sort(key=lambda item: (item.path.name not in LONG, -slow[item.path]))


@pytest.fixture(autouse=True)
def _leaves_everything_as_it_was() -> Iterator[None]:
    """What a test changes in the process would be found by those after it, in whatever order."""
    before, variables = _state_of_the_process(), dict(os.environ)
    yield
    after = _state_of_the_process()
    assert [name for name in before if after[name] != before[name]] == []
    # Libraries set some of their own when they are loaded; values are not for a log to tell.
    own = {name for name in os.environ if name.startswith(("COLUMNS", "LINES", "REGCLI"))}
    changed = {
        name
        for name in own | variables.keys()
        if os.environ.get(name) != variables.get(name)
        and not name.startswith(("PYTEST_", "TF_", "XLA_"))
    }
    assert changed == set()


def _state_of_the_process() -> dict[str, Any]:
    return {
        "working folder": Path.cwd(),
        "signal handlers": [signal.getsignal(number) for number in REQUESTS],
        "unraisable hook": sys.unraisablehook,
        "streams": (sys.stdin, sys.stdout, sys.stderr),
        "floating-point errors": np.geterr(),
    }
