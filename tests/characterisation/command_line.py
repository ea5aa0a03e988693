"""`regcli` in this process: what a command writes, at a width or into a pipe."""

import io
import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from regcli.cli.app import run

_OF_THE_SHELL = re.compile(
    r"REGCLI_.*|_TYPER_.*|COLUMNS|LINES|NO_COLOR|FORCE_COLOR|TTY_.*|GITHUB_ACTIONS|TERM"
)


@dataclass(frozen=True)
class Written:
    """What a command has written, and how it ended."""

    out: str
    err: str
    code: int


def regcli(
    *arguments: str,
    folder: Path,
    columns: int | None = None,
    env: Mapping[str, str] | None = None,
) -> Written:
    """Run a command line in a folder; without columns as into a pipe."""
    variables = dict(env or {}) | ({} if columns is None else {"COLUMNS": str(columns)})
    streams = [io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2)]
    out, err = streams
    with _in(folder), _environment(variables), redirect_stdout(out), redirect_stderr(err):
        code = run(arguments)
    return Written(*map(_text, streams), code)


def document(*arguments: str, folder: Path) -> dict[str, Any]:
    """The JSON document that a command writes."""
    written = regcli(*arguments, folder=folder)
    assert written.code == 0, (arguments, written.err)
    found: dict[str, Any] = json.loads(written.out)
    return found


def shell_environment(**changes: str) -> dict[str, str]:
    """The variables that a command finds, the same on everybody's machine."""
    kept = {key: value for key, value in os.environ.items() if not _OF_THE_SHELL.fullmatch(key)}
    return {**kept, "_TYPER_FORCE_DISABLE_TERMINAL": "1", **changes}


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
def _environment(changes: Mapping[str, str]) -> Iterator[None]:
    """The variables of a command, and afterwards those of the tests again.

    What the command has set itself stays: XLA reads regcli's flags when it first compiles, which
    may be in a later command.
    """
    before, given = dict(os.environ), shell_environment(**changes)
    os.environ.clear()
    os.environ.update(given)
    try:
        yield
    finally:
        for name in before.keys() | given.keys():
            if name not in before:
                os.environ.pop(name, None)
            elif before[name] != given.get(name):
                os.environ[name] = before[name]
