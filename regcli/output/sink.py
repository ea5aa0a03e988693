"""The one place that writes: results to stdout, everything else to stderr."""

import os
import sys
from dataclasses import dataclass
from typing import Literal

from rich.console import Console
from rich.table import Table
from rich.text import Text

Format = Literal["table", "json", "csv", "md"]
WIDE = 10_000
"""Width off a terminal, where nothing needs to be cut: a table then takes its own width."""


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
        """Write a document to stdout as it is, unwrapped, with one line break at its end."""
        self.out.file.write(text if text.endswith("\n") else text + "\n")
        self.out.file.flush()

    def table(self, table: Table) -> None:
        """Draw a table to stdout, without the blanks that would fill each line to the width."""
        with self.out.capture() as captured:
            self.out.print(table)
        self.result("\n".join(line.rstrip() for line in captured.get().splitlines()))

    def note(self, text: str) -> None:
        """Say something to the person at the terminal; silent with `--quiet`."""
        if not self.quiet:
            self.problem(text)

    def problem(self, text: str) -> None:
        """Say what went wrong; never silent, never wrapped, so that a place stays on its line."""
        self.err.print(Text(text), soft_wrap=True)


def make_sink(quiet: bool = False) -> Sink:
    """The sink of this process: rich on a terminal, plain and uncut off it."""
    return Sink(_console(stderr=False), _console(stderr=True), quiet)


def _console(stderr: bool) -> Console:
    stream = sys.stderr if stderr else sys.stdout
    unlimited = not stream.isatty() and "COLUMNS" not in os.environ
    return Console(
        stderr=stderr,
        width=WIDE if unlimited else None,
        # With NO_COLOR rich would still write bold and dim.
        color_system=None if os.environ.get("NO_COLOR") else "auto",
        # A name may hold brackets and colons; only regcli itself chooses styles.
        markup=False,
        emoji=False,
        highlight=False,
    )
