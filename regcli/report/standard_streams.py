"""stdout and stderr as they are found: of any encoding and width, and with readers that leave."""

import contextlib
import io
import os
import re
import sys
from collections.abc import MutableMapping
from typing import IO

from regcli.report.plain_text import SHOWN

NARROWEST, WIDEST = 20, 10_000
"""Smallest and largest width of a table, for any value of `COLUMNS`."""


def prepare_streams() -> None:
    """Let no character be one that stdout or stderr cannot take, and no width be impossible."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=SHOWN)
    settle_sizes(os.environ)


def settle_sizes(environment: MutableMapping[str, str]) -> None:
    """Bring `COLUMNS` and `LINES` into bounds; remove a value that is not a size."""
    for name, least in (("COLUMNS", NARROWEST), ("LINES", 1)):
        given = environment.get(name, "")
        if re.fullmatch("[0-9]{1,9}", given) and int(given):
            environment[name] = str(min(max(int(given), least), WIDEST))
        else:
            environment.pop(name, None)


def say(line: str) -> None:
    """Write a line to stderr; where nobody reads it any more, nothing happens."""
    try:
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()
    except OSError:
        give_up(sys.stderr)


def give_up(stream: IO[str]) -> None:
    """Flush a stream; where that fails, write nothing more to it, not even at exit."""
    try:
        stream.flush()
    except (OSError, ValueError):
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
