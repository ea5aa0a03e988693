"""`regcli compare`: runs side by side, and sweeps setting by setting."""

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
    open_runs,
)
from regcli.errors import ExitCode, UsageError
from regcli.report.formats import Format

if TYPE_CHECKING:
    from regcli.report.column_choice import Choice
    from regcli.store.store import Store


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog="Example: `regcli compare 3fa9c1 77b0e2`")(compare)


def compare(
    names: Annotated[
        list[str],
        typer.Argument(
            metavar="RUN RUN…", help="Ids of two or more runs, or ids or names of two sweeps."
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
    from regcli.workflows.stored_comparison import compare_sweeps, sides_of

    if len(names) < 2:
        raise UsageError(f"compare requires at least two runs or sweeps, got {len(names)}")
    chosen = choose_format(form, json)
    choice = choose_columns(columns, sort, chosen)
    with open_runs(runs, create=False) as store:
        sides = sides_of(names, store)
        if sides is None:
            return _compare_runs(store, names, choice, chosen)
        if columns is not None or sort is not None:
            raise UsageError("--columns, --sort: must not be given with a sweep")
        matches = compare_sweeps(sides, store)
    make_sink().show(matches_view(matches, (names[0], names[1])), chosen)
    return ExitCode.OK


def _compare_runs(store: "Store", ids: list[str], choice: "Choice", form: Format) -> int:
    from regcli.report.run_values import keys_of_records
    from regcli.report.side_by_side import comparison_view
    from regcli.report.sink import make_sink
    from regcli.workflows.stored_comparison import beside_first

    records = store.pick(ids)
    if len(records) < 2:
        raise UsageError(f"compare requires at least two different runs, got only {records[0].id}")
    check_choice(choice, keys_of_records(records))
    matches = beside_first(records, store)
    make_sink().show(comparison_view(records, choice, matches), form)
    return ExitCode.OK
