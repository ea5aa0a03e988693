"""`regcli compare`: runs side by side."""

from typing import Annotated

import typer

from regcli.cli.options import (
    DEFAULT_RUNS,
    FormatOption,
    JsonOption,
    RunsOption,
    choose_format,
    open_runs,
)
from regcli.errors import ExitCode, UsageError


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog="Example: `regcli compare 3fa9c1 77b0e2`")(compare)


def compare(
    ids: Annotated[list[str], typer.Argument(metavar="RUN RUN…", help="Ids of two or more runs.")],
    runs: RunsOption = DEFAULT_RUNS,
    form: FormatOption = "table",
    json: JsonOption = False,
) -> int:
    """Show stored runs side by side: the config keys and results in which they differ."""
    from regcli.report.comparison import comparison_tables
    from regcli.report.render import render_runs
    from regcli.report.sink import make_sink
    from regcli.results.comparison import differences

    if len(ids) < 2:
        raise UsageError(f"compare needs two or more runs, got {len(ids)}")
    sink = make_sink()
    chosen = choose_format(form, json)
    with open_runs(runs, create=False) as store:
        records = store.pick(ids)
    if len(records) < 2:
        raise UsageError(f"compare needs two different runs, got {records[0].id} again")
    if chosen == "table":
        for table in comparison_tables(records, differences(records), sink.out):
            sink.table(table)
    else:
        render_runs(sink, chosen, records)
    return ExitCode.OK
