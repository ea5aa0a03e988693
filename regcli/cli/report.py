"""`regcli report`: a page of stored runs."""

from pathlib import Path
from typing import Annotated

import typer

from regcli.cli.options import (
    DEFAULT_RUNS,
    ForceOption,
    RunsOption,
    SweepsArgument,
    check_output,
    from_home,
    open_runs,
)
from regcli.errors import ExitCode, UsageError

DEFAULT_OUTPUT = Path("report.html")
STDOUT = Path("-")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog="Example: `regcli report -o report.html`")(report)


def report(
    names: SweepsArgument = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="The file to write: one page that needs no other file. Default: report.html. "
            "Standard output: -.",
            callback=from_home,
            show_default=False,
        ),
    ] = None,
    split: Annotated[
        Path | None,
        typer.Option(
            "--split",
            metavar="DIR",
            help="Write a folder instead, with the page, its styles and its pictures as files: "
            "for servers that allow no styles and scripts in a page.",
            callback=from_home,
        ),
    ] = None,
    show: Annotated[bool, typer.Option("--open", help="Open the page in a browser.")] = False,
    runs: RunsOption = DEFAULT_RUNS,
    force: ForceOption = False,
) -> int:
    """Write an HTML page of a sweep: the verdict, the table, plots, the data and the config.

    It is made from the store alone; nothing is trained or read again.
    """
    from regcli.report.page_files import write_files
    from regcli.report.pages.sweep_page import sweep_page
    from regcli.report.sink import make_sink
    from regcli.report.writers.html import in_characters_of, pictures_of, split_page, whole_page
    from regcli.workflows.stored_evidence import find_evidence

    if split is not None and output is not None:
        raise UsageError("--split: must not be combined with --output; use one of the two")
    written = output or DEFAULT_OUTPUT
    if written == STDOUT:
        if show:
            raise UsageError("--open: must not be combined with --output -, which writes no file")
    elif split is None:
        check_output(written, force)
    elif split.exists() and not force:
        raise UsageError(f"--split: {split} exists already; --force overwrites what is in it")
    with open_runs(runs, create=False) as store:
        page = sweep_page(find_evidence(names or [], store))
    sink = make_sink()
    if written == STDOUT:
        sink.result(in_characters_of(sink.out.encoding, whole_page(page)))
        return ExitCode.OK
    if split is None:
        write_files({written: whole_page(page)})
    else:
        split.mkdir(parents=True, exist_ok=True)
        written = split / "index.html"
        old = pictures_of(written.read_text("utf-8", "replace")) if written.is_file() else ()
        files = split_page(page, written.name)
        write_files({split / name: text for name, text in files.items()})
        for name in {*old} - {*files}:
            (split / name).unlink(missing_ok=True)
    sink.note(f"wrote {written}")
    if show:
        _open(written)
    return ExitCode.OK


def _open(path: Path) -> None:
    import webbrowser

    webbrowser.open(path.resolve().as_uri())
