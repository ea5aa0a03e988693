"""regcli: compare L1/L2 regularization settings of Keras models.

Importing it loads nothing heavy: what trains or reads is imported by the call that needs it.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from regcli.errors import ConfigError, DataError, RegcliError, UsageError
from regcli.version import __version__

if TYPE_CHECKING:
    from regcli.api.calls import open, path, sweep, train
    from regcli.api.finished_run import Run
    from regcli.api.finished_sweep import Sweep
    from regcli.api.path_estimators import PathClassifier, PathRegressor
    from regcli.api.plain_verdict import Difference, Setting, Verdict
    from regcli.api.runs_folder import Runs

__all__ = [
    "ConfigError",
    "DataError",
    "Difference",
    "PathClassifier",
    "PathRegressor",
    "RegcliError",
    "Run",
    "Runs",
    "Setting",
    "Sweep",
    "UsageError",
    "Verdict",
    "__version__",
    "open",
    "path",
    "sweep",
    "train",
]

_ROOMS = {
    "calls": ("open", "path", "sweep", "train"),
    "finished_run": ("Run",),
    "finished_sweep": ("Sweep",),
    "path_estimators": ("PathClassifier", "PathRegressor"),
    "plain_verdict": ("Difference", "Setting", "Verdict"),
    "runs_folder": ("Runs",),
}
"""Public names by their module in `regcli.api`, loaded at the first use."""


def __getattr__(name: str) -> Any:
    for module, names in _ROOMS.items():
        if name in names:
            found = getattr(import_module(f"regcli.api.{module}"), name)
            globals()[name] = found
            return found
    raise AttributeError(f"module 'regcli' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
