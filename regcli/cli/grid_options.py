"""Options that say which settings a grid has: of every command that plans one."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from regcli.cli.options import METHODS, config_or_default
from regcli.cli.overrides import Override, make_overrides, parse_vary
from regcli.errors import UsageError

if TYPE_CHECKING:
    from regcli.config.load import LoadedConfig
    from regcli.report.sink import Sink

_GRID_HELP = "Values to try: 0,0.01 or 0,log:1e-5:1e-1:9"

L1GridOption = Annotated[
    str | None,
    typer.Option(
        "--l1",
        metavar="GRID",
        help=f"{_GRID_HELP} or 0,auto:9 (from the largest useful value down)",
    ),
]
L2GridOption = Annotated[str | None, typer.Option("--l2", metavar="GRID", help=_GRID_HELP)]
VaryOption = Annotated[
    list[str] | None,
    typer.Option(
        "--vary",
        metavar="KEY=VALUES",
        help="Vary any config key: --vary training.batch_size=16,32. "
        "Write no brackets around the values.",
    ),
]
SeedsOption = Annotated[
    int | None, typer.Option("--seeds", metavar="N", help="Number of seeds per setting.")
]
MethodsOption = Annotated[
    str | None,
    typer.Option("--method", metavar="METHOD", help=f"{METHODS} Both: penalty,proximal"),
]


@dataclass(frozen=True)
class GridOptions:
    """What a command was given of the options of a grid; None for those that it was not given.

    Attributes:
        assignments: the texts of `--set`.
    """

    l1: str | None
    l2: str | None
    vary: Sequence[str] | None
    seeds: int | None
    folds: int | None
    repeats: int | None
    epochs: int | None
    method: str | None
    assignments: Sequence[str] | None

    def load(self, config: str | None, sink: "Sink", allow_code: bool) -> "LoadedConfig":
        """A config with what the options change in it.

        Args:
            config: a file or a shipped config; None for the default, which is told.
            allow_code: whether a person's own code may run.

        Raises:
            UsageError: an option is malformed, or the config makes one run.
            ConfigError: the config breaks a rule.
        """
        from regcli.config.load import load_config

        overrides = self._overrides()  # before anything is told: a bad option is one line
        found = config_or_default(config, sink)
        loaded = load_config(found, overrides, allow_code)
        _check_that_something_varies(found, loaded)
        return loaded

    def _overrides(self) -> list[Override]:
        named = {
            "sweep.l1": ("--l1", self.l1),
            "sweep.l2": ("--l2", self.l2),
            "sweep.seeds": ("--seeds", self.seeds),
            "sweep.folds": ("--folds", self.folds),
            "sweep.repeats": ("--repeats", self.repeats),
            "training.epochs": ("--epochs", self.epochs),
        }
        others = _methods(self.method) + parse_vary(self.vary)
        return make_overrides(self.assignments, named) + others


def _methods(text: str | None) -> list[Override]:
    """What `--method` sets in the config: one method, or several as values to vary."""
    if text is None:
        return []
    several = ("sweep", "vary", "regularization.method") if "," in text else None
    return [(several or ("regularization", "method"), f"--method {text}", text)]


def _check_that_something_varies(config: str, loaded: "LoadedConfig") -> None:
    """Check that a config has a grid.

    Raises:
        UsageError: it makes one run.
    """
    if not loaded.config.sweep.varies:
        raise UsageError(
            f"{config}: a sweep must vary at least one key, this config has no sweep section; add "
            "--l1, --l2, --vary, --seeds or --folds, or train one run with "
            f"regcli train {shlex.quote(config)}"
        )
