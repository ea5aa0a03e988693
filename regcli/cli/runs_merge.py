"""`regcli runs merge`: the runs of several stores in one."""

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
from regcli.errors import ExitCode, UsageError
from regcli.report.formats import Format

if TYPE_CHECKING:
    from regcli.report.sink import Sink
    from regcli.workflows.store_merge import Merged

_NAMED = 10
"""Runs that are named at most for one store."""


def register(commands: typer.Typer) -> None:
    """Add the command to its group."""
    example = "Example: `regcli runs merge shard-1 shard-2 --runs all`"
    commands.command("merge", epilog=example)(merge_runs)


def merge_runs(
    stores: Annotated[
        list[Path],
        typer.Argument(metavar="DIR…", help="Folders of the stores to take runs from."),
    ],
    runs: RunsOption = DEFAULT_RUNS,
    form: FormatOption = Format.TABLE,
    json: JsonOption = False,
) -> int:
    """Copy the runs and sweeps of other stores into the one of --runs.

    A run that is there already stays as it is. Merging again changes nothing.
    """
    from regcli.report.merge_view import merge_view
    from regcli.report.sink import make_sink
    from regcli.workflows.store_merge import merge_store

    chosen, sink = choose_format(form, json), make_sink()
    folders = [folder for given in stores if (folder := from_home(given)) is not None]
    _check_folders(folders, runs)
    merged = []
    for folder in folders:
        with open_runs(folder, create=False) as source, open_runs(runs, create=True) as target:
            merged.append(merge_store(source, target))
    for each in merged:
        _say_what_is_wrong(sink, each)
    sink.show(merge_view(merged), chosen)
    is_whole = not any(each.different or each.damaged for each in merged)
    return ExitCode.OK if is_whole else ExitCode.RUN_FAILED


def _check_folders(folders: list[Path], runs: Path) -> None:
    """Check that every store is another one, and none the one that takes the runs."""
    seen: dict[Path, Path] = {runs.resolve(): runs}
    for folder in folders:
        if folder.resolve() in seen:
            same = seen[folder.resolve()]
            what = "--runs" if same is runs else f"{same}, which is named too"
            raise UsageError(f"{folder}: must be another store than {what}")
        seen[folder.resolve()] = folder


def _say_what_is_wrong(sink: "Sink", merged: "Merged") -> None:
    if merged.different:
        named = ", ".join(merged.different[:_NAMED])
        more = len(merged.different) - _NAMED
        rest = f" and {more:,} more" if more > 0 else ""
        sink.problem(
            f"regcli: {merged.folder}: other results than the stored ones, which are kept: "
            f"{named}{rest}"
        )
    for run_id, reason in merged.damaged[:_NAMED]:
        sink.problem(f"regcli: {merged.folder}: run {run_id} is left out: {reason}")
