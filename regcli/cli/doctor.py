"""`regcli doctor`: what regcli runs on and with, and whether the store is whole."""

import shlex
from typing import Annotated

import typer

from regcli.cli.options import DEFAULT_RUNS, JsonOption, QuietOption, RunsOption
from regcli.errors import ExitCode, UsageError


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog="Example: `regcli doctor`")(doctor)


def doctor(
    runs: RunsOption = DEFAULT_RUNS,
    store: Annotated[
        bool,
        typer.Option("--store", help="Look at the store alone: TensorFlow is not loaded."),
    ] = False,
    repair: Annotated[
        bool,
        typer.Option(
            "--repair",
            help="Repair the store: make anew what can be, remove what killed processes left. "
            "No finished run is removed. Looks at the store alone.",
        ),
    ] = False,
    quick: Annotated[
        bool, typer.Option("--quick", help="Do not measure how fast both trainers are.")
    ] = False,
    quiet: QuietOption = False,
    json: JsonOption = False,
) -> int:
    """Check versions, devices, speed and the store of runs.

    Exit code 1 where something is broken.
    """
    from regcli.report.checkup_view import checkup_view
    from regcli.report.formats import Format
    from regcli.report.sink import make_sink
    from regcli.workflows.checkup import check_all, check_store

    only_store = store or repair
    if quick and only_store:
        raise UsageError(
            f"--quick: must not be combined with {'--repair' if repair else '--store'}, which "
            "measures nothing"
        )
    sink = make_sink(quiet)
    if only_store:
        found = check_store(runs, repair, sink.note)
    else:
        found = check_all(runs, not quick, sink.note)
    sink.show(checkup_view(found), Format.JSON if json else Format.TABLE)
    mendable = [trouble for trouble in found.troubles if trouble.is_mendable]
    if mendable and not repair:
        own = "" if runs == DEFAULT_RUNS else f" --runs {shlex.quote(str(runs))}"
        sink.note(f"next: regcli doctor --repair{own}")
    return ExitCode.RUN_FAILED if found.is_broken else ExitCode.OK
