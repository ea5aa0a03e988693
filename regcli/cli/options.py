"""Options and arguments that several commands share, and what they ask for.

Nothing heavy is imported at the top: `--help` of every command reads this module.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from regcli.errors import UsageError
from regcli.report.formats import Format

if TYPE_CHECKING:
    from regcli.config.load import LoadedConfig
    from regcli.report.column_choice import Choice, Keys
    from regcli.report.sink import Sink
    from regcli.results.records import RunRecord, SweepRecord
    from regcli.store.store import Store


def from_home(path: Path | None) -> Path | None:
    """A path option whose `~` no shell has replaced, as in `--runs=~/runs`.

    Raises:
        UsageError: there is no such user.
    """
    from regcli.config import home

    return path if path is None else home.from_home(path)


ConfigArgument = Annotated[
    str, typer.Argument(metavar="CONFIG", help="A config file, or the name of a shipped config.")
]
OptionalConfigArgument = Annotated[
    str | None,
    typer.Argument(
        metavar="CONFIG",
        help="A config file or the name of a shipped config. "
        "Default: ./regcli.yaml if it exists, else the shipped quickstart.",
        show_default=False,
    ),
]
SweepsArgument = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="SWEEP",
        help="Sweeps, paths or runs, by id or name; the name of a config stands for its newest "
        "path where no sweep has it. Default: the newest sweep.",
        show_default=False,
    ),
]
RunArgument = Annotated[
    str,
    typer.Argument(
        metavar="RUN",
        help="The id of a run, or at least its first four digits; the name of a run or a sweep; "
        "best or use: a run of the newest sweep, of its best setting, or of the one that its "
        "verdict uses.",
    ),
]
SetOption = Annotated[
    list[str] | None,
    typer.Option(
        "--set", metavar="KEY=VALUE", help="Set any config key: --set training.batch_size=64."
    ),
]
L1Option = Annotated[
    float | None, typer.Option("--l1", metavar="NUMBER", help="Strength of l1·Σ|W|.")
]
L2Option = Annotated[
    float | None, typer.Option("--l2", metavar="NUMBER", help="Strength of l2·ΣW².")
]
EpochsOption = Annotated[
    int | None, typer.Option("--epochs", metavar="N", help="Number of epochs to train.")
]
DeviceOption = Annotated[
    str,
    typer.Option(
        "--device",
        metavar="DEVICE",
        help="Device to train on: auto, cpu, gpu or gpu:N.",
        show_default=True,
    ),
]
EngineOption = Annotated[
    Literal["auto", "population", "keras"],
    typer.Option(
        "--engine",
        metavar="ENGINE",
        help="auto, population (train runs together) or keras (one by one with Keras's fit).",
    ),
]
METHODS = "penalty: added to the loss, like kernel_regularizer; proximal: gives exact zeros."
MethodOption = Annotated[str | None, typer.Option("--method", metavar="METHOD", help=METHODS)]
RunsOption = Annotated[
    Path,
    typer.Option(
        "--runs",
        metavar="DIR",
        envvar="REGCLI_RUNS",
        callback=from_home,
        help="Folder of the store of runs.",
        show_default=True,
    ),
]
FormatOption = Annotated[
    Format,
    typer.Option("--format", metavar="FORMAT", help=f"Format of the results: {', '.join(Format)}."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Short for --format json.")]
ColumnsOption = Annotated[
    str | None,
    typer.Option(
        "--columns",
        metavar="KEYS",
        help="Columns to show, in this order: --columns l1,seed,gap,test.accuracy. A key is a "
        "setting, a result, id, name, state, or any config key.",
    ),
]
SortOption = Annotated[
    str | None,
    typer.Option(
        "--sort",
        metavar="KEY",
        help="Sort by a setting or result, smallest first; -KEY: largest first.",
    ),
]
AggregateOption = Annotated[
    bool,
    typer.Option(
        "--aggregate",
        help="Also in csv and json: one row per setting, with mean and standard deviation over "
        "its seeds.",
    ),
]
FoldsOption = Annotated[
    int | None,
    typer.Option(
        "--folds",
        metavar="K",
        help="Number of folds for cross-validation, in place of the validation rows.",
    ),
]
RepeatsOption = Annotated[
    int | None,
    typer.Option("--repeats", metavar="R", help="How often rows are dealt anew to folds."),
]
ShowTestOption = Annotated[
    bool,
    typer.Option(
        "--show-test",
        help="Show test scores of every setting in the table, not of the chosen ones alone.",
    ),
]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress and no notes.")]
FailIfOption = Annotated[
    list[str] | None,
    typer.Option(
        "--fail-if",
        metavar="CONDITION",
        help="Exit with code 1 if a run meets this condition: --fail-if "
        "'validation.accuracy<0.9'. In front of it, best: or use: stands for the setting that the "
        "verdict names, l1=0.01,l2=0: for one setting. Repeat it for more conditions.",
    ),
]
BaselineOption = Annotated[
    str | None,
    typer.Option(
        "--baseline",
        metavar="SWEEP",
        help="Exit with code 1 if the setting to use is worse than that of an earlier sweep: its "
        "id or name, or a file that --json wrote.",
    ),
]
ToleranceOption = Annotated[
    float | None,
    typer.Option(
        "--tolerance",
        metavar="NUMBER",
        help="How much worse than the baseline is no failure: 0.01 is one point of accuracy, or "
        "1% of a loss. Default: the margin of the verdict.",
    ),
]
JunitOption = Annotated[
    Path | None,
    typer.Option(
        "--junit",
        metavar="FILE",
        callback=from_home,
        help="Write the checks of each setting to a JUnit file, such as report.xml.",
    ),
]
AllowCodeOption = Annotated[
    bool,
    typer.Option(
        "--allow-code",
        envvar="REGCLI_ALLOW_CODE",
        help="Run the Python code of a model that the config names, or that is stored with a run.",
    ),
]
FreshOption = Annotated[
    bool,
    typer.Option(
        "--fresh", help="Train all runs, also stored ones; the new runs replace those in the store."
    ),
]
ForceOption = Annotated[bool, typer.Option("--force", help="Overwrite an existing file.")]
DEFAULT_RUNS = Path("runs")


@contextmanager
def blaming(option: str) -> Iterator[None]:
    """Put the name of an option in front of an error about its value.

    Raises:
        UsageError: with the option's name, in place of one without.
    """
    try:
        yield
    except UsageError as error:
        raise UsageError(f"{option}: {error}") from None


def choose_format(given: Format, json: bool) -> Format:
    """The format that `--format` and `--json` choose together."""
    if json and given not in {Format.TABLE, Format.JSON}:
        raise UsageError(f"--json: must not be combined with --format {given}; use one of the two")
    return Format.JSON if json else given


def choose_columns(
    columns: str | None, sort: str | None, form: Format, aggregate: bool = False
) -> "Choice":
    """What `--columns`, `--sort` and `--aggregate` ask for together.

    Raises:
        UsageError: one is malformed, or cannot be combined with the format.
    """
    from regcli.report.column_choice import Choice, read_columns, read_sort

    if columns is not None and form is Format.JSON:
        raise UsageError("--columns: must not be combined with JSON, which always has every key")
    with blaming("--columns"):
        keys = None if columns is None else read_columns(columns)
    with blaming("--sort"):
        order = None if sort is None else read_sort(sort)
    return Choice(keys, order, aggregate)


def check_output(output: Path, force: bool) -> None:
    """Check that a file can be written where `--output` says.

    Raises:
        UsageError: it exists and may not be overwritten, or its folder does not exist.
    """
    if output.is_dir():
        raise UsageError(f"--output: {output} must be a file, it is a folder")
    if output.exists() and not force:
        raise UsageError(f"--output: {output} exists already; --force overwrites it")
    if not output.parent.is_dir():
        raise UsageError(f"--output: there is no folder {output.parent}; create it first")


def check_choice(choice: "Choice", known: "Keys") -> None:
    """Check the keys of a choice; an error names its option.

    Raises:
        UsageError: there is no such key.
    """
    from regcli.report.column_choice import check_keys

    with blaming("--columns"):
        check_keys(choice.columns or (), known)
    with blaming("--sort"):
        check_keys([choice.sort.key] if choice.sort else [], known)


def keys_of_sweep(loaded: "LoadedConfig") -> "Keys":
    """Every key that a sweep's runs have, known before they are trained."""
    from regcli.report.run_values import keys_of

    settings = ["l1", "l2", *loaded.config.sweep.vary, "seed", "fold", "repeat", "method"]
    return keys_of([loaded.config.resolved()], settings)


def config_or_default(config: str | None, sink: "Sink") -> str:
    """The given config, else the default one, which a note names."""
    from regcli.config.shipped import DEFAULT

    if config is not None:
        return config
    local = Path("regcli.yaml")
    chosen = str(local) if local.exists() else DEFAULT
    origin = "" if local.exists() else ", the shipped config"
    sink.note(f"using {chosen}{origin}")
    return chosen


def named_run(run: str, store: "Store", sink: "Sink") -> "RunRecord":
    """The stored run that an argument names; a note says how it was chosen, where by no id.

    Raises:
        UsageError, StoreError: as `regcli.workflows.named_runs.find_run`.
    """
    from regcli.workflows.named_runs import find_run

    record, chosen = find_run(run, store)
    note_choice(record, chosen, sink)
    return record


def note_choice(record: "RunRecord | SweepRecord", chosen: str, sink: "Sink") -> None:
    """Say which run a text means, and how it was chosen; nothing where the text is its id."""
    if chosen:
        sink.note(f"run {record.id}, {chosen}")


def with_runs_option(sentence: str) -> str:
    """A sentence that ends with the advice to use another folder, with the option for it."""
    return f"{sentence.removesuffix('.')} (--runs DIR)."


def with_code_option(sentence: str) -> str:
    """A sentence that says how to allow a person's code, with the option for it."""
    from regcli.config.own_code import HOW_TO_ALLOW

    return sentence.replace(HOW_TO_ALLOW, f"add --allow-code or {HOW_TO_ALLOW}")


def open_runs(folder: Path, create: bool, allow_code: bool = False) -> "Store":
    """Open the store of a `--runs` folder.

    Raises:
        StoreError: as `regcli.store.store.open_store`.
    """
    from regcli.store.store import open_store

    return open_store(folder, create=create, allows_code=allow_code)
