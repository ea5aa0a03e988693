"""`regcli runs`: what is stored."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from regcli.cli.options import (
    DEFAULT_RUNS,
    FormatOption,
    JsonOption,
    RunsOption,
    choose_format,
    from_home,
    open_runs,
)
from regcli.errors import ExitCode, StoreError, UsageError

if TYPE_CHECKING:
    from regcli.report.sink import Sink
    from regcli.results.records import RunRecord
    from regcli.results.store import Store
    from regcli.results.store_errors import Damage

LastOption = Annotated[int, typer.Option("--last", min=0, help="How many to show; 0 for all.")]
SHOWN = 50

commands = typer.Typer(epilog="Example: `regcli runs`", invoke_without_command=True)


def register(app: typer.Typer) -> None:
    """Add the group."""
    app.add_typer(commands, name="runs")


@commands.callback()
def _group(context: typer.Context) -> int:
    """List, show, remove and export stored runs; by itself the same as `regcli runs list`."""
    if context.invoked_subcommand is not None:
        return ExitCode.OK
    listing = typer.main.get_group(commands).commands["list"]
    with listing.make_context("list", [], parent=context) as inner:
        return int(listing.invoke(inner))


@commands.command("list", epilog="Example: `regcli runs list --last 10`")
def list_runs(
    last: LastOption = SHOWN,
    runs: RunsOption = DEFAULT_RUNS,
    form: FormatOption = "table",
    json: JsonOption = False,
) -> int:
    """List stored runs, the newest first."""
    from regcli.report.run_list import render_summaries
    from regcli.report.sink import make_sink
    from regcli.results.store_errors import no_store

    sink = make_sink()
    chosen = choose_format(form, json)
    with open_runs(runs, create=False) as store:
        summaries, damaged = store.readable_summaries(last or None)
        count = store.count() - len(damaged)
    if not count and not damaged and chosen == "table":
        raise StoreError(no_store(runs))
    render_summaries(sink, chosen, summaries, count)
    return _say_what_is_left_out(sink, runs, damaged)


@commands.command("show", epilog="Example: `regcli runs show 3fa9c1 --json`")
def show_run(
    run: Annotated[str, typer.Argument(help="A run's id, or its first four or more digits.")],
    runs: RunsOption = DEFAULT_RUNS,
    json: JsonOption = False,
) -> int:
    """Show one run: settings, scores, zeros of every layer; --json adds its history."""
    from regcli.report.document import run_entry, to_json
    from regcli.report.run_view import run_tables
    from regcli.report.sink import make_sink

    sink = make_sink()
    with open_runs(runs, create=False) as store:
        (record,) = store.pick([run])
    if json:
        sink.result(to_json(run_entry(record, history=True)))
        return ExitCode.OK
    for table in run_tables(record):
        sink.table(table)
    return ExitCode.OK


@commands.command("rm", epilog="Example: `regcli runs rm 3fa9c1 77b0`")
def remove_runs(
    ids: Annotated[list[str], typer.Argument(metavar="RUN…", help="Ids of the runs to remove.")],
    runs: RunsOption = DEFAULT_RUNS,
) -> int:
    """Remove runs and their files for good."""
    from regcli.report.sink import make_sink

    sink = make_sink()
    with open_runs(runs, create=False) as store:
        found = [store.resolve(given) for given in ids]
        store.remove(found)
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
            help="The file to write: .csv, .json, .md or .keras.",
            callback=from_home,
        ),
    ],
    ids: Annotated[
        list[str] | None,
        typer.Argument(metavar="RUN…", help="Ids of the runs to export; all where none is given."),
    ] = None,
    runs: RunsOption = DEFAULT_RUNS,
    force: Annotated[
        bool, typer.Option("--force", help="Write over a file that is there.")
    ] = False,
) -> int:
    """Write stored runs to a table file, or one run's trained model to a Keras file."""
    from regcli.report.sink import make_sink
    from regcli.results.store_errors import no_store

    if output.suffix not in {".csv", ".json", ".md", ".keras"}:
        raise UsageError(f"--output: must end in .csv, .json, .md or .keras, got '{output.name}'")
    if output.exists() and not force:
        raise UsageError(f"--output: {output} is there already; --force writes over it")
    damaged: list[Damage] = []
    with open_runs(runs, create=False) as store:
        if output.suffix == ".keras":
            count = _write_model(store, ids, output)
        elif ids:
            count = _write_table(store.pick(ids), output)
        else:
            records, damaged = _readable(store)
            if not records and not damaged:
                raise StoreError(no_store(runs))
            count = _write_table(records, output)
    sink = make_sink()
    sink.note(f"wrote {count} to {output}")
    return _say_what_is_left_out(sink, runs, damaged)


def _readable(store: "Store") -> tuple[list["RunRecord"], list["Damage"]]:
    """All records that can be read, the newest run first, and the runs that cannot."""
    summaries, unlisted = store.readable_summaries()
    found, unread = store.find_readable(summary.id for summary in summaries)
    return list(found.values()), unlisted + unread


def _say_what_is_left_out(sink: "Sink", folder: Path, damaged: Sequence["Damage"]) -> ExitCode:
    """Say which stored runs could not be read; the exit code of a command that shows the others."""
    if not damaged:
        return ExitCode.OK
    from regcli.results.store_errors import DATABASE_NAME, damaged_runs

    sink.problem(f"regcli: {folder / DATABASE_NAME}: {damaged_runs(damaged)}")
    return ExitCode.USAGE


def _write_table(records: Sequence["RunRecord"], output: Path) -> str:
    from regcli.report.document import sweep_document, to_csv, to_json, to_markdown
    from regcli.whole_files import replacing

    if output.suffix == ".json":
        text = to_json(sweep_document(None, 0, records)) + "\n"
    else:
        text = to_csv(records) if output.suffix == ".csv" else to_markdown(records) + "\n"
    with replacing(output) as unfinished:
        unfinished.write_text(text, encoding="utf-8")
    return "1 run" if len(records) == 1 else f"{len(records):,} runs"


def _write_model(store: "Store", ids: list[str] | None, output: Path) -> str:
    if not ids or len(ids) != 1:
        raise UsageError("--output: a .keras file holds the model of one run; give one run's id")
    from regcli.exports.model_files import export_model
    from regcli.report.sink import make_sink

    identity = store.resolve(ids[0])
    not_compared = export_model(store, identity, output)
    if not_compared:
        make_sink().note(f"not compared with the run's scores: {not_compared}")
    return f"the model of run {identity}"
