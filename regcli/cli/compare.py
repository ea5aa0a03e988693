"""`regcli compare`: runs side by side, and sweeps setting by setting."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from regcli.cli.options import (
    DEFAULT_RUNS,
    ColumnsOption,
    FormatOption,
    JsonOption,
    RunsOption,
    SortOption,
    check_choice,
    choose_columns,
    choose_format,
    note_choice,
    open_runs,
)
from regcli.errors import ExitCode, UsageError
from regcli.report.formats import Format

if TYPE_CHECKING:
    from regcli.report.column_choice import Choice
    from regcli.report.contents import View
    from regcli.results.records import RunRecord
    from regcli.store.store import Store


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog="Example: `regcli compare 3fa9c1 77b0e2`")(compare)


def compare(
    names: Annotated[
        list[str],
        typer.Argument(
            metavar="RUN RUN…",
            help="Two or more runs, by id or name, or best and use: runs of the newest sweep; or "
            "two sweeps, by id or name.",
        ),
    ],
    runs: RunsOption = DEFAULT_RUNS,
    form: FormatOption = Format.TABLE,
    json: JsonOption = False,
    columns: ColumnsOption = None,
    sort: SortOption = None,
) -> int:
    """Show stored runs side by side, or two sweeps setting by setting.

    Runs: the config keys and results that differ, and the difference of each to the first. Two
    sweeps, or a run and a sweep's best setting: the difference in each setting that both have, with
    its interval where they were validated on the same rows.
    """
    from regcli.report.match_view import matches_view
    from regcli.report.sink import make_sink
    from regcli.results.records import RunRecord
    from regcli.workflows.stored_comparison import compare_sweeps, find_side

    if len(names) < 2:
        raise UsageError(f"compare requires at least two runs or sweeps, got {len(names)}")
    chosen, sink = choose_format(form, json), make_sink()
    choice = choose_columns(columns, sort, chosen)
    with open_runs(runs, create=False) as store:
        found = [find_side(name, store) for name in names]
        for side, how in found:
            note_choice(side, how, sink)
        sides = [side for side, _ in found]
        records = [side for side in sides if isinstance(side, RunRecord)]
        if len(records) == len(sides):
            view = _runs_view(records, choice, store)
        elif columns is not None or sort is not None:
            raise UsageError("--columns, --sort: must not be given with a sweep")
        else:
            view = matches_view(compare_sweeps(sides, store), (names[0], names[1]))
    sink.show(view, chosen)
    return ExitCode.OK


def _runs_view(given: Sequence["RunRecord"], choice: "Choice", store: "Store") -> "View":
    from regcli.report.run_values import keys_of_records
    from regcli.report.side_by_side import comparison_view
    from regcli.workflows.stored_comparison import beside_first

    records = list({run.id: run for run in given}.values())
    if len(records) < 2:
        raise UsageError(f"compare requires at least two different runs, got only {records[0].id}")
    check_choice(choice, keys_of_records(records))
    return comparison_view(records, choice, beside_first(records, store))
