"""`regcli compare`: runs side by side."""

from typing import Annotated

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


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog="Example: `regcli compare 3fa9c1 77b0e2`")(compare)


def compare(
    ids: Annotated[list[str], typer.Argument(metavar="RUN RUN…", help="Ids of two or more runs.")],
    runs: RunsOption = DEFAULT_RUNS,
    form: FormatOption = Format.TABLE,
    json: JsonOption = False,
    columns: ColumnsOption = None,
    sort: SortOption = None,
) -> int:
    """Show stored runs side by side: the config keys and results that differ."""
    from regcli.report.run_values import keys_of_records
    from regcli.report.side_by_side import comparison_view
    from regcli.report.sink import make_sink

    if len(ids) < 2:
        raise UsageError(f"compare requires at least two runs, got {len(ids)}")
    chosen = choose_format(form, json)
    choice = choose_columns(columns, sort, chosen)
    with open_runs(runs, create=False) as store:
        records = store.pick(ids)
    if len(records) < 2:
        raise UsageError(f"compare requires at least two different runs, got only {records[0].id}")
    check_choice(choice, keys_of_records(records))
    make_sink().show(comparison_view(records, choice), chosen)
    return ExitCode.OK
