"""`regcli runs`: what is stored."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from regcli.cli.options import (
    DEFAULT_RUNS,
    AggregateOption,
    ColumnsOption,
    ForceOption,
    FormatOption,
    JsonOption,
    RunArgument,
    RunsOption,
    SortOption,
    blaming,
    check_choice,
    check_output,
    choose_columns,
    choose_format,
    from_home,
    named_run,
    open_runs,
    with_runs_option,
)
from regcli.errors import ExitCode, StoreError, StoreFolderError, UsageError
from regcli.report.formats import Format, file_suffixes, format_of_file

if TYPE_CHECKING:
    from regcli.report.column_choice import Choice
    from regcli.report.sink import Sink
    from regcli.results.coefficients import Coefficients
    from regcli.results.records import RunRecord
    from regcli.store.store import Store
    from regcli.store.store_errors import Damage
    from regcli.store.store_query import RunQuery

LastOption = Annotated[
    int, typer.Option("--last", metavar="N", min=0, help="How many to show; 0 shows all.")
]
NameOption = Annotated[
    str | None,
    typer.Option("--name", metavar="NAME", help="Only runs with this name; * matches any text."),
]
StateName = Literal["finished", "diverged", "failed", "interrupted"]
StateOption = Annotated[
    StateName | None,
    typer.Option(
        "--state",
        metavar="STATE",
        help="Only runs in this state: finished, diverged, failed or interrupted.",
    ),
]
WhereOption = Annotated[
    list[str] | None,
    typer.Option(
        "--where",
        metavar="CONDITION",
        help="Only runs that meet this condition: --where 'l1>0' or --where "
        "'test.accuracy>=0.9'. Repeat it for more conditions.",
    ),
]
SweepsOption = Annotated[bool, typer.Option("--sweeps", help="List sweeps instead of runs.")]
SHOWN = 50
_OF_ONE_RUN = {".keras": "the model", ".npz": "the weights"}
"""What a file of one run holds, by its suffix."""
_FILES = [*file_suffixes(), *_OF_ONE_RUN]
_FILES_TEXT = f"{', '.join(_FILES[:-1])} or {_FILES[-1]}"

commands = typer.Typer(epilog="Example: `regcli runs`", invoke_without_command=True)


def register(app: typer.Typer) -> None:
    """Add the group."""
    app.add_typer(commands, name="runs")


@commands.callback()
def _group(context: typer.Context) -> int:
    """List, show, remove and export stored runs; without a subcommand, list them."""
    if context.invoked_subcommand is not None:
        return ExitCode.OK
    listing = typer.main.get_group(commands).commands["list"]
    with listing.make_context("list", [], parent=context) as inner:
        return int(listing.invoke(inner))


@commands.command("list", epilog="Example: `regcli runs list --where 'l1>0' --sort -score`")
def list_runs(
    last: LastOption = SHOWN,
    name: NameOption = None,
    state: StateOption = None,
    where: WhereOption = None,
    sort: SortOption = None,
    columns: ColumnsOption = None,
    sweeps: SweepsOption = False,
    runs: RunsOption = DEFAULT_RUNS,
    form: FormatOption = Format.TABLE,
    json: JsonOption = False,
) -> int:
    """List stored runs, the newest first, or stored sweeps."""
    from regcli.report.run_list import run_list_view
    from regcli.report.sink import make_sink
    from regcli.results.records import RunState
    from regcli.store.store_query import RunQuery, parse_filter

    chosen = choose_format(form, json)
    choice = choose_columns(columns, sort, chosen)
    with blaming("--where"):
        filters = tuple(map(parse_filter, where or ()))
    key, descending = (choice.sort.key, choice.sort.descending) if choice.sort else (None, False)
    wanted = None if state is None else RunState(state)
    query = RunQuery(name, wanted, filters, key, descending, last or None, choice.columns or ())
    if sweeps:
        _refuse_beside_sweeps(query)
        return _list_sweeps(runs, chosen, last)
    sink = make_sink()
    with open_runs(runs, create=False) as store:
        _check_query(store, query, choice)
        found, damaged = store.listed(query)
        count, stored = store.count(query) - len(damaged), store.count()
    if found or chosen is not Format.TABLE:
        sink.show(run_list_view(found, choice.columns), chosen)
    if not stored:
        _say_empty(sink, runs)
    elif not found and not damaged:
        sink.note(f"no run meets these conditions; 'regcli runs list' shows all {stored:,} runs")
    elif len(found) < count:
        which = "first" if choice.sort else "newest"
        sink.note(f"the {which} {len(found):,} of {count:,} runs; --last 0 shows all")
    return _say_what_is_left_out(sink, runs, damaged)


def _refuse_beside_sweeps(query: "RunQuery") -> None:
    if query.chooses or query.keys:
        raise UsageError(
            "--sweeps: must not be combined with --name, --state, --where, --sort or --columns"
        )


def _list_sweeps(runs: Path, form: Format, last: int) -> int:
    from regcli.report.run_list import sweep_list_view
    from regcli.report.sink import make_sink

    sink = make_sink()
    with open_runs(runs, create=False) as store:
        found = store.sweep_summaries()
    shown = found[: last or None]
    if shown or form is not Format.TABLE:
        sink.show(sweep_list_view(shown), form)
    if not found:
        sink.note(f"there are no sweeps in {runs} yet; train one with 'regcli sweep'")
    elif len(shown) < len(found):
        sink.note(f"the newest {len(shown):,} of {len(found):,} sweeps; --last 0 shows all")
    return ExitCode.OK


def _check_query(store: "Store", query: "RunQuery", choice: "Choice") -> None:
    """Check the keys of a query: a result, a column of a list, or a key that some run has."""
    from regcli.report.column_choice import check_keys
    from regcli.report.listed_keys import keys_to_check

    known = keys_to_check(store, query)
    if known is None:
        return
    check_choice(choice, known)
    with blaming("--where"):
        check_keys([each.key for each in query.filters], known)


def _say_empty(sink: "Sink", runs: Path) -> None:
    from regcli.store.store_errors import no_store

    sink.note(with_runs_option(no_store(runs)))


@commands.command("show", epilog="Example: `regcli runs show 3fa9c1 --json`")
def show_run(
    run: RunArgument,
    runs: RunsOption = DEFAULT_RUNS,
    form: FormatOption = Format.TABLE,
    json: JsonOption = False,
) -> int:
    """Show one run: settings, scores, zeros of every layer, coefficients of a linear model.

    --json adds its history.
    """
    from regcli.report.run_view import run_view
    from regcli.report.sink import make_sink

    chosen, sink = choose_format(form, json), make_sink()
    with open_runs(runs, create=False) as store:
        record = named_run(run, store, sink)
        found = _coefficients(record, store, sink)
    sink.show(run_view(record, found), chosen)
    return ExitCode.OK


def _coefficients(record: "RunRecord", store: "Store", sink: "Sink") -> "Coefficients | None":
    """The coefficients of a linear model; what its record says is shown without them too."""
    from regcli.results.coefficients import coefficients, is_linear
    from regcli.store.store_weights import read_weights

    if not is_linear(record):
        return None
    try:
        return coefficients(record, read_weights(store, record.id))
    except StoreError as error:
        sink.note(f"coefficients are left out: {error}")
        return None


@commands.command("rm", epilog="Example: `regcli runs rm 3fa9c1 77b0`")
def remove_runs(
    ids: Annotated[list[str], typer.Argument(metavar="RUN…", help="Ids of the runs to remove.")],
    runs: RunsOption = DEFAULT_RUNS,
) -> int:
    """Remove runs and their files permanently."""
    from regcli.report.sink import make_sink
    from regcli.workflows import run_removal

    sink = make_sink()
    with open_runs(runs, create=False) as store:
        found = [store.resolve(given) for given in ids]
        run_removal.remove_runs(found, store)
    for identity in found:
        sink.note(f"removed run {identity}")
    return ExitCode.OK


@commands.command("export", epilog="Example: `regcli runs export -o runs.csv`")
def export_runs(
    output: Annotated[
        Path,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help=f"The file to write: {_FILES_TEXT}.",
            callback=from_home,
        ),
    ],
    ids: Annotated[
        list[str] | None,
        typer.Argument(metavar="RUN…", help="Ids of the runs to export. Default: all runs."),
    ] = None,
    columns: ColumnsOption = None,
    sort: SortOption = None,
    aggregate: AggregateOption = False,
    runs: RunsOption = DEFAULT_RUNS,
    force: ForceOption = False,
    probabilities: Annotated[
        bool,
        typer.Option(
            "--probabilities", help="A .keras file whose model gives probabilities, not logits."
        ),
    ] = False,
) -> int:
    """Write stored runs to a table file, one run's trained model to a Keras file, or its weights.

    A .keras file has a .columns.json file beside it, which says what the model takes and gives. A
    .npz file is one of NumPy's: the weights by name, and the center and width of each column.
    """
    from regcli.report.sink import make_sink
    from regcli.store.store_errors import no_store

    form = format_of_file(output.suffix)
    if form is None and output.suffix not in _OF_ONE_RUN:
        raise UsageError(f"--output: must end in {_FILES_TEXT}, got '{output.name}'")
    if form is None and (columns is not None or sort is not None or aggregate):
        raise UsageError(
            f"--output: a {output.suffix} file must not be combined with --columns, --sort or "
            "--aggregate"
        )
    if probabilities and output.suffix != ".keras":
        raise UsageError(f"--probabilities: requires a .keras file, got '{output.name}'")
    for path in _written(output):
        check_output(path, force)
    choice = choose_columns(columns, sort, form or Format.CSV, aggregate)
    damaged: list[Damage] = []
    with open_runs(runs, create=False) as store:
        if form is None:
            count = _write_one_run(store, ids, output, probabilities)
        elif ids:
            count = _write_table(store.pick(ids), output, form, choice)
        else:
            records, damaged = _readable(store)
            if not records and not damaged:
                raise StoreFolderError(no_store(runs))
            count = _write_table(records, output, form, choice)
    sink = make_sink()
    sink.note(f"wrote {count} to {output}")
    return _say_what_is_left_out(sink, runs, damaged)


def _written(output: Path) -> list[Path]:
    """The files that are written for an output."""
    from regcli.exports.model_columns import columns_path

    return [output, columns_path(output)] if output.suffix == ".keras" else [output]


def _readable(store: "Store") -> tuple[list["RunRecord"], list["Damage"]]:
    """All records that can be read, the newest run first, and the runs that cannot."""
    summaries, unlisted = store.readable_summaries()
    found, unread = store.find_readable(summary.id for summary in summaries)
    return list(found.values()), unlisted + unread


def _say_what_is_left_out(sink: "Sink", folder: Path, damaged: Sequence["Damage"]) -> ExitCode:
    """Say which stored runs could not be read; the exit code of a command that shows the others."""
    if not damaged:
        return ExitCode.OK
    from regcli.store.store_errors import DATABASE_NAME, damaged_runs

    sink.problem(f"regcli: {folder / DATABASE_NAME}: {damaged_runs(damaged)}")
    return ExitCode.USAGE


def _write_table(
    records: Sequence["RunRecord"], output: Path, form: Format, choice: "Choice"
) -> str:
    from regcli.report.exported_runs import export_view
    from regcli.report.run_values import keys_of_records
    from regcli.report.sink import as_file
    from regcli.whole_files import replacing

    check_choice(choice, keys_of_records(records))
    # A Markdown file is often put into another one: it holds the table and nothing else.
    text = as_file(export_view(records, choice, has_notes=form is not Format.MD), form)
    with replacing(output) as unfinished:
        unfinished.write_text(text, encoding="utf-8")
    return "1 run" if len(records) == 1 else f"{len(records):,} runs"


def _write_one_run(store: "Store", ids: list[str] | None, output: Path, probabilities: bool) -> str:
    from regcli.report.sink import make_sink

    held = _OF_ONE_RUN[output.suffix]
    if not ids or len(ids) != 1:
        raise UsageError(
            f"--output: a {output.suffix} file must hold {held} of one run, "
            f"got {len(ids or ())} ids; give the id of one run"
        )
    identity = named_run(ids[0], store, make_sink()).id
    if output.suffix != ".keras":
        _write_weights(store, identity, output)
        return f"{held} of run {identity}"
    _write_model(store, identity, output, probabilities)
    return f"{held} of run {identity}"


def _write_model(store: "Store", identity: str, output: Path, probabilities: bool) -> None:
    """Write it, and say in words what it does."""
    from regcli.exports.model_columns import columns_path
    from regcli.exports.model_files import export_model
    from regcli.report.sink import make_sink

    written, sink = export_model(store, identity, output, probabilities=probabilities), make_sink()
    if written.not_compared:
        sink.note(f"not compared with the run's scores: {written.not_compared}")
    beside = columns_path(output).name
    sink.note(f"it takes {written.takes} and gives {written.gives}, as {beside} says")


def _write_weights(store: "Store", identity: str, output: Path) -> None:
    from regcli.store.store_weights import as_archive, read_weights
    from regcli.whole_files import replacing

    content = as_archive(read_weights(store, identity))
    with replacing(output) as unfinished:
        unfinished.write_bytes(content)
