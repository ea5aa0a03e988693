"""`regcli runs export`: stored runs as files, or sent to other tools."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from regcli.cli.options import (
    DEFAULT_RUNS,
    AggregateOption,
    AllowCodeOption,
    ColumnsOption,
    ForceOption,
    RunsOption,
    SortOption,
    blaming,
    check_choice,
    check_output,
    choose_columns,
    from_home,
    named_run,
    open_runs,
)
from regcli.cli.runs import say_what_is_left_out
from regcli.destinations.registry import (
    destination_of,
    endings,
    find_destination,
)
from regcli.errors import StoreFolderError, UsageError
from regcli.report.formats import Format, format_named

if TYPE_CHECKING:
    from regcli.destinations.destination import Destination
    from regcli.report.sink import Sink
    from regcli.results.records import RunRecord
    from regcli.store.store import Store
    from regcli.store.store_errors import Damage

_TABLE_OPTIONS = ("columns", "sort", "aggregate")
_URI_VARIABLE = "MLFLOW_TRACKING_URI"


def register(commands: typer.Typer) -> None:
    """Add the command to its group."""
    example = "Example: `regcli runs export -o runs.csv`"
    more = "Other tools: `regcli runs export --to tensorboard -o logs`"
    commands.command("export", epilog=f"{example}\n\n{more}")(export_runs)


def export_runs(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="RUN…",
            help="Ids of runs, or ids or names of sweeps, which stand for all their runs. Default: "
            "all runs.",
            show_default=False,
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help=f"The file to write: {', '.join(endings()[:-1])} or {endings()[-1]}. With --to "
            "tensorboard, the folder.",
            callback=from_home,
        ),
    ] = None,
    to: Annotated[
        str | None,
        typer.Option(
            "--to",
            metavar="NAME",
            help="Where runs go: csv, json, md, latex, parquet (a table), keras, onnx, npz (the "
            "model or the weights of one run), tensorboard (a folder of logs) or mlflow (a "
            "tracking store). Default: by the ending of --output.",
        ),
    ] = None,
    uri: Annotated[
        str | None,
        typer.Option(
            "--uri",
            metavar="URI",
            help="With --to mlflow: the tracking store, such as sqlite:///mlflow.db or the address "
            f"of a server. Default: the variable {_URI_VARIABLE}.",
        ),
    ] = None,
    models: Annotated[
        bool | None,
        typer.Option(
            "--models/--no-models",
            help="With --to mlflow: whether trained models go along, as Keras files. Default: yes.",
            show_default=False,
        ),
    ] = None,
    columns: ColumnsOption = None,
    sort: SortOption = None,
    aggregate: AggregateOption = False,
    allow_code: AllowCodeOption = False,
    runs: RunsOption = DEFAULT_RUNS,
    force: ForceOption = False,
    probabilities: Annotated[
        bool,
        typer.Option(
            "--probabilities",
            help="A .keras or .onnx file whose model gives probabilities, not logits.",
        ),
    ] = False,
) -> int:
    """Write stored runs to a file, or send them to another tool.

    The ending of --output says what is written: a table of runs, or the model or the weights of
    one run. --to names a tool: without --output, csv and json go to the output. Exporting to the
    same folder or store again adds only what is new.

    A .keras or .onnx file has a .columns.json file beside it, which says what the model takes and
    gives. A .npz file is one of NumPy's: the weights by name, and the center and width of each
    column.
    """
    from regcli.destinations.destination import Shipment
    from regcli.report.sink import make_sink

    destination = _destination(to, output)
    asked = {
        "columns": columns is not None,
        "sort": sort is not None,
        "aggregate": aggregate,
        "probabilities": probabilities,
        "uri": uri is not None,
        "models": models is not None,
    }
    _check_options(destination, output, {name for name, is_given in asked.items() if is_given})
    place = _place(destination, output, uri, force)
    form = format_named(destination.name) if destination.is_text else Format.CSV
    choice = choose_columns(columns, sort, form, aggregate)
    sink = make_sink()
    with open_runs(runs, create=False, allow_code=allow_code) as store:
        records, damaged = _chosen(destination, names, store, output, sink)
        if destination.takes.issuperset(_TABLE_OPTIONS):
            from regcli.report.run_values import keys_of_records

            check_choice(choice, keys_of_records(records))
        shipment = Shipment(
            to=destination.name,
            store=store,
            records=records,
            choice=choice,
            output=output,
            uri=place,
            probabilities=probabilities,
            models=models is not False,
            show=sink.result,
            tell=sink.note,
        )
        sent = destination.send(shipment)
    if place:
        before = f"; {sent.before:,} {_was(sent.before)} there before" if sent.before else ""
        sink.note(f"wrote {sent.what} to {_without_password(place)}{before}")
    return say_what_is_left_out(sink, runs, damaged)


def _destination(to: str | None, output: Path | None) -> "Destination":
    """Where runs go, by `--to` or by the ending of `--output`.

    Raises:
        UsageError: neither says so, or they say different things.
    """
    if to is not None:
        with blaming("--to"):
            found = find_destination(to)
        if output is not None and found.ending and output.suffix != found.ending:
            raise UsageError(
                f"--output: must end in {found.ending} for --to {to}, got '{output.name}'"
            )
        return found
    if output is None:
        raise UsageError("--output / -o: must be given; see regcli runs export --help")
    named = destination_of(output.suffix)
    if named is None:
        *others, last = endings()
        raise UsageError(
            f"--output: must end in {', '.join(others)} or {last}, got '{output.name}'"
        )
    return named


def _check_options(destination: "Destination", output: Path | None, given: "set[str]") -> None:
    """Check that what was asked for is known where runs go.

    Raises:
        UsageError: it is not.
    """
    unknown = given - destination.takes
    if unknown & {*_TABLE_OPTIONS}:
        what = f"--to {destination.name}:"
        if destination.ending and output is not None:
            what = f"--output: a {destination.ending} file"
        raise UsageError(f"{what} must not be combined with --columns, --sort or --aggregate")
    got = f"'{output.name}'" if output is not None and destination.ending else destination.name
    if "probabilities" in unknown:
        raise UsageError(f"--probabilities: requires a .keras or .onnx file, got {got}")
    for name, option in (("uri", "--uri"), ("models", "--models, --no-models")):
        if name in unknown:
            raise UsageError(f"{option}: requires --to mlflow, got {got}")


def _place(destination: "Destination", output: Path | None, uri: str | None, force: bool) -> str:
    """Where runs go, as a text; empty for what is shown.

    Raises:
        UsageError: it is missing, or cannot be written.
    """
    name = destination.name
    if "uri" in destination.takes:
        if output is not None:
            raise UsageError(f"--output: must not be combined with --to {name}, which takes --uri")
        found = uri or os.environ.get(_URI_VARIABLE, "")
        if not found:
            raise UsageError(
                f"--to {name}: requires --uri, such as sqlite:///mlflow.db, or the variable "
                f"{_URI_VARIABLE}"
            )
        return found
    if output is None:
        if not destination.is_text:
            what = f"FILE that ends in {destination.ending}" if destination.ending else "DIR"
            raise UsageError(f"--to {name}: requires --output {what}")
        return ""
    if destination.ending:
        for path in destination.files(output):
            check_output(path, force)
    elif output.exists() and not output.is_dir():
        raise UsageError(f"--output: {output} must be a folder, it is a file")
    return str(output)


def _was(count: int) -> str:
    return "was" if count == 1 else "were"


def _without_password(place: str) -> str:
    """A place without what stands before the @ of an address."""
    scheme, separator, rest = place.partition("://")
    head, slash, path = rest.partition("/")
    return f"{scheme}{separator}{head.rpartition('@')[2]}{slash}{path}" if separator else place


def _chosen(
    destination: "Destination",
    names: list[str] | None,
    store: "Store",
    output: Path | None,
    sink: "Sink",
) -> tuple[Sequence["RunRecord"], list["Damage"]]:
    """The runs that are named, or all that can be read, and those that cannot.

    Raises:
        UsageError: a name is of nothing, or not of one run where it has to be.
        StoreError: a run cannot be read, or there are none.
    """
    if destination.holds:
        if not names or len(names) != 1:
            raise UsageError(
                f"--output: a {destination.ending} file must hold {destination.holds} of one run, "
                f"got {len(names or ())} ids; give the id of one run"
            )
        return [named_run(names[0], store, sink)], []
    if names:
        from regcli.workflows.named_records import find_records

        return find_records(names, store), []
    summaries, unlisted = store.readable_summaries()
    found, unread = store.find_readable(summary.id for summary in summaries)
    damaged = unlisted + unread
    if not found and not damaged:
        from regcli.store.store_errors import no_store

        raise StoreFolderError(no_store(store.folder))
    return list(found.values()), damaged
