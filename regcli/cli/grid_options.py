"""Options that say which settings a grid has: of every command that plans one."""

import shlex
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from regcli.cli.options import METHODS
from regcli.cli.overrides import Override, make_overrides, parse_vary
from regcli.errors import UsageError

if TYPE_CHECKING:
    from regcli.config.load import LoadedConfig

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


def grid_overrides(
    assignments: Sequence[str] | None,
    vary: Sequence[str] | None,
    method: str | None,
    numbers: Mapping[str, object],
) -> list[Override]:
    """What the options of a grid change in the config.

    Args:
        assignments: the texts of `--set`.
        numbers: what `--l1`, `--l2`, `--seeds`, `--folds`, `--repeats` and `--epochs` were given,
            by the option's name; None for one that was not.

    Raises:
        UsageError: one is malformed.
    """
    named = {
        "training.epochs" if key == "epochs" else f"sweep.{key}": (f"--{key}", value)
        for key, value in numbers.items()
    }
    return make_overrides(assignments, named) + _methods(method) + parse_vary(vary)


def _methods(text: str | None) -> list[Override]:
    """What `--method` sets in the config: one method, or several as values to vary."""
    if text is None:
        return []
    several = ("sweep", "vary", "regularization.method") if "," in text else None
    return [(several or ("regularization", "method"), f"--method {text}", text)]


def check_that_something_varies(config: str, loaded: "LoadedConfig") -> None:
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
