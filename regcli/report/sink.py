"""The one place that writes: results to stdout, everything else to stderr."""

import io
import os
import sys
import textwrap
from dataclasses import dataclass

from rich.console import Console
from rich.text import Text

from regcli.one_line import printable
from regcli.report.contents import Report, View
from regcli.report.formats import Format
from regcli.report.plain_text import as_data
from regcli.report.screen import Screen
from regcli.report.standard_streams import WIDEST, give_up


@dataclass(frozen=True)
class Sink:
    """Where a command writes.

    Attributes:
        out: results.
        err: progress, notes and problems.
        quiet: whether notes and progress are left out.
    """

    out: Console
    err: Console
    quiet: bool = False

    def result(self, text: str) -> None:
        """Write a document to stdout as it is, unwrapped, with one line break at its end.

        A character that stdout lacks is escaped as in JSON.
        """
        self._write(as_data(text, self.out.encoding))

    def show(self, view: View, form: Format = Format.TABLE) -> None:
        """Write a view to stdout in a format; nothing where it is empty."""
        if text := form.writer(view, self.out):
            self.result(text)

    def _write(self, text: str) -> None:
        self.out.file.write(text if text.endswith("\n") else text + "\n")
        self.out.file.flush()

    def note(self, text: str) -> None:
        """Show a note to the person at the terminal; nothing if quiet."""
        if not self.quiet:
            self.problem(text)

    def problem(self, text: str) -> None:
        """Say what went wrong; never silent, never wrapped, so that a place stays on its line.

        If the reader of stderr is gone, the command still continues.
        """
        try:
            if self.err.is_terminal:
                self.err.print(Text(printable(text)), soft_wrap=True)
            else:  # where rich would do no more, and take ten times as long
                self.err.file.write(f"{printable(text)}\n")
                self.err.file.flush()
        except BrokenPipeError:
            give_up(self.err.file)


def as_file(view: View, form: Format) -> str:
    """The text of a view for a file, with one line break at its end."""
    text = form.writer(view, _in_memory())
    return text if text.endswith("\n") else f"{text}\n"


def as_screen(report: Report) -> str:
    """The text of a report as it is shown where nothing is cut, without colours and indent."""
    from regcli.report.writers.terminal import text

    return textwrap.dedent(text(report, _in_memory())).strip("\n")


def _in_memory() -> Console:
    """A console for texts alone; in a notebook, rich would show an empty box for each."""
    return Console(file=io.StringIO(), width=WIDEST, force_jupyter=False)


def make_sink(quiet: bool = False) -> Sink:
    """The sink of this process: rich on a terminal, plain and uncut off it."""
    return Sink(_console(stderr=False, quiet=quiet), _console(stderr=True, quiet=quiet), quiet)


def _console(stderr: bool, quiet: bool) -> Console:
    stream = sys.stderr if stderr else sys.stdout
    unlimited = not stream.isatty() and "COLUMNS" not in os.environ
    return Screen(
        draws=stream.isatty() and not quiet,
        stderr=stderr,
        # Off a terminal nothing needs to be cut: a table then takes its own width.
        width=WIDEST if unlimited else None,
        # With NO_COLOR rich would still write bold and dim.
        color_system=None if os.environ.get("NO_COLOR") else "auto",
        # A name may hold brackets and colons; only regcli itself chooses styles.
        markup=False,
        emoji=False,
        highlight=False,
    )
