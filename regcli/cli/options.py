"""Options that several commands share, and what they mean for a config.

Nothing heavy is imported at the top: `--help` of every command reads this module.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from regcli.errors import ConfigError, UsageError
from regcli.one_line import shortened

if TYPE_CHECKING:
    from regcli.report.sink import Sink
    from regcli.results.store import Store


def from_home(path: Path | None) -> Path | None:
    """A path option whose `~` no shell has replaced, as in `--runs=~/runs`.

    Raises:
        UsageError: there is no such user.
    """
    from regcli.config import home

    return path if path is None else home.from_home(path)


Override = tuple[tuple[str | int, ...], str, object]
"""A config key as a path, the option as it was typed, and the value."""

ConfigArgument = Annotated[
    str, typer.Argument(metavar="CONFIG", help="A config file, or the name of a shipped config.")
]
OptionalConfigArgument = Annotated[
    str | None,
    typer.Argument(
        metavar="[CONFIG]",
        help="A config file or the name of a shipped one; "
        "without it ./regcli.yaml, else the shipped quickstart.",
        show_default=False,
    ),
]
SetOption = Annotated[
    list[str] | None,
    typer.Option(
        "--set", metavar="KEY=VALUE", help="Set any config key, as --set training.batch_size=64."
    ),
]
EpochsOption = Annotated[int | None, typer.Option("--epochs", help="Epochs to train.")]
DeviceOption = Annotated[
    str, typer.Option("--device", help="auto, cpu, gpu or gpu:N.", show_default=True)
]
EngineOption = Annotated[
    Literal["auto", "population", "keras"],
    typer.Option("--engine", help="Train members together, or one by one with Keras's fit."),
]
METHODS = "penalty: what kernel_regularizer does; proximal: exact zeros."
MethodOption = Annotated[str | None, typer.Option("--method", help=METHODS)]
RunsOption = Annotated[
    Path,
    typer.Option(
        "--runs",
        metavar="DIR",
        envvar="REGCLI_RUNS",
        callback=from_home,
        help="The folder that runs are kept in.",
        show_default=True,
    ),
]
FormatName = Literal["table", "json", "csv", "md"]
FormatOption = Annotated[FormatName, typer.Option("--format", help="How results are written.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Short for --format json.")]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="No progress and no notes.")]
FailIfOption = Annotated[
    list[str] | None,
    typer.Option(
        "--fail-if",
        metavar="CONDITION",
        help="Exit with 1 where a run meets this, as --fail-if 'validation.accuracy<0.9'.",
    ),
]
DEFAULT_RUNS = Path("runs")
_LONGEST = 200


def make_overrides(
    assignments: Sequence[str] | None, named: Mapping[str, tuple[str, object]]
) -> list[Override]:
    """What `--set` and the named options put into the config; options left out put in nothing.

    Args:
        assignments: the texts of `--set`.
        named: option name and value (None where it was not given) by dotted config key.

    Raises:
        UsageError: if an assignment has no `=`, no key, or a value that is not YAML.
    """
    overrides = [_parse_assignment(assignment) for assignment in assignments or ()]
    return overrides + [
        (tuple(key.split(".")), _cut(f"{option} {value}"), value)
        for key, (option, value) in named.items()
        if value is not None
    ]


def _parse_assignment(assignment: str) -> Override:
    from regcli.config.document import parse_path, read_yaml

    key, equals, text = assignment.partition("=")
    option = _cut(f"--set {assignment}")
    if not equals or not all(key.split(".")):
        got = _cut(assignment)
        raise UsageError(f"--set: must be KEY=VALUE, like training.epochs=5, got '{got}'")
    _check_depth(key, option)
    try:
        document = read_yaml(text, "value")
    except ConfigError as error:
        raise UsageError(f"{option}: the value must be YAML ({error})") from None
    for place, problem in document.problems:
        raise UsageError(f"{option}: the value must be YAML ({place}: {problem.message})")
    return parse_path(key), option, document.data


def _check_depth(key: str, option: str) -> None:
    from regcli.config.document import MAX_DEPTH

    steps = key.count(".") + 1
    if steps > MAX_DEPTH:
        raise UsageError(f"{option}: a key must have at most {MAX_DEPTH} steps, got {steps:,}")


def _cut(option: str) -> str:
    """An option as messages name it, cut to a length that a terminal can hold."""
    return shortened(option, _LONGEST)


def parse_vary(assignments: Sequence[str] | None) -> list[Override]:
    """What `--vary` puts into the config's `sweep.vary`.

    Raises:
        UsageError: if one has no `=`, no key or no value, or a key is given twice.
    """
    varied: dict[str, str] = {}
    for assignment in assignments or ():
        key, equals, values = assignment.partition("=")
        if not equals or not all(key.split(".")) or not values:
            raise UsageError(f"--vary: must be KEY=VALUE,VALUE, got '{_cut(assignment)}'")
        _check_depth(key, _cut(f"--vary {assignment}"))
        if key in varied:
            raise UsageError(f"--vary: must not name a key twice, got '{key}' again")
        varied[key] = values
    return [
        (("sweep", "vary", key), _cut(f"--vary {key}={text}"), text) for key, text in varied.items()
    ]


def choose_format(given: FormatName, json: bool) -> FormatName:
    """The format that `--format` and `--json` ask for together."""
    if json and given not in {"table", "json"}:
        raise UsageError(f"--json and --format {given} ask for two different things")
    return "json" if json else given


def config_or_default(config: str | None, sink: "Sink") -> str:
    """The config to use where none may be given; says which one it takes."""
    from regcli.config.shipped import DEFAULT

    if config is not None:
        return config
    local = Path("regcli.yaml")
    chosen = str(local) if local.exists() else DEFAULT
    origin = "" if local.exists() else ", the shipped config"
    sink.note(f"using {chosen}{origin}")
    return chosen


def open_runs(folder: Path, create: bool) -> "Store":
    """Open the store of a `--runs` folder.

    Raises:
        StoreError: as `regcli.results.store.open_store`.
    """
    from regcli.results.store import open_store

    return open_store(folder, create=create)
