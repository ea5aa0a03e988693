"""`regcli runs`: what is stored."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from regcli.cli.options import (
    DEFAULT_RUNS,
    ColumnsOption,
    FormatOption,
    JsonOption,
    RunArgument,
    RunsOption,
    SortOption,
    blaming,
    check_choice,
    choose_columns,
    choose_format,
    named_run,
    open_runs,
    with_runs_option,
)
from regcli.errors import ExitCode, StoreError, UsageError
from regcli.report.formats import Format

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
    return say_what_is_left_out(sink, runs, damaged)


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


def say_what_is_left_out(sink: "Sink", folder: Path, damaged: Sequence["Damage"]) -> ExitCode:
    """Say which stored runs could not be read; the exit code of a command that shows the others."""
    if not damaged:
        return ExitCode.OK
    from regcli.store.store_errors import DATABASE_NAME, damaged_runs

    sink.problem(f"regcli: {folder / DATABASE_NAME}: {damaged_runs(damaged)}")
    return ExitCode.USAGE
