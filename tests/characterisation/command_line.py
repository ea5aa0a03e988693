"""`regcli` in this process: what a command writes, at a width or into a pipe."""

import io
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from regcli.cli.app import run


@dataclass(frozen=True)
class Written:
    """What a command has written, and how it ended."""

    out: str
    err: str
    code: int


def regcli(*arguments: str, folder: Path, columns: int | None = None) -> Written:
    """Run a command line in a folder; without columns as into a pipe."""
    streams = [io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2)]
    out, err = streams
    with _in(folder), _environment(columns), redirect_stdout(out), redirect_stderr(err):
        code = run(arguments)
    return Written(*map(_text, streams), code)


def document(*arguments: str, folder: Path) -> dict[str, Any]:
    """The JSON document that a command writes."""
    written = regcli(*arguments, folder=folder)
    assert written.code == 0, (arguments, written.err)
    found: dict[str, Any] = json.loads(written.out)
    return found


def _text(stream: io.TextIOWrapper) -> str:
    stream.flush()
    assert isinstance(stream.buffer, io.BytesIO)
    return stream.buffer.getvalue().decode("utf-8")


@contextmanager
def _in(folder: Path) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


@contextmanager
def _environment(columns: int | None) -> Iterator[None]:
    """The variables that decide what a screen looks like, as they are on nobody's machine."""
    before = dict(os.environ)
    for name in ("COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR", "TERM", "REGCLI_RUNS"):
        os.environ.pop(name, None)
    if columns is not None:
        os.environ["COLUMNS"] = str(columns)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
