"""A terminal of 80 columns in which the commands of a page run one after the other.

`regcli` and Python scripts run in this process, because one that loads TensorFlow for each command
would take most of the time. All else runs in bash.
"""

import io
import os
import runpy
import shlex
import subprocess
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

from regcli.cli.app import run

_OF_THE_TERMINAL = {"COLUMNS": "80", "NO_COLOR": "1", "_TYPER_FORCE_DISABLE_TERMINAL": "1"}
_LEFT_OUT = ("REGCLI_RUNS", "LINES", "FORCE_COLOR", "TERM")


class Shell:
    """What a person has in front of them.

    Attributes:
        folder: where they are; `cd` changes it.
        code: how the last command ended; `echo $?` shows it.
        names: what statements of Python have given names to.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.code = 0
        self.names: dict[str, Any] = {"__name__": "__main__"}

    def run(self, command: str) -> str:
        """Run a command.

        Returns:
            What it writes to stdout and stderr, in order. Messages have absolute paths: the
            folder's own is left out, because every reader has another one.
        """
        words = shlex.split(command)
        if command == "echo $?":
            shown, self.code = f"{self.code}\n", 0
            return shown
        if words[0] == "cd" and len(words) == 2:
            self.folder = self.folder / words[1]
            return ""
        with _environment(), chdir(self.folder):
            if words[0] in {"regcli", "python"} and not _has_shell_syntax(command):
                output = self._in_process(words)
            else:
                output = self._in_bash(command)
        return self._shown(output)

    def run_python(self, statement: str) -> str:
        """Run a statement as at Python's prompt.

        Returns:
            What it writes, and the value where it is an expression; of an error the last line.
        """
        fault = ""
        with _environment(), chdir(self.folder), _received() as received:
            try:
                exec(compile(f"{statement}\n", "<page>", "single"), self.names)
            except Exception as error:
                fault = "".join(traceback.format_exception_only(error))
        return self._shown(received.getvalue().decode("utf-8") + fault)

    def _shown(self, output: str) -> str:
        lines = output.replace(f"{self.folder}{os.sep}", "").strip("\n").splitlines()
        return "".join(f"{line.rstrip()}\n" for line in lines)

    def _in_process(self, words: list[str]) -> str:
        with _received() as received:
            if words[0] == "regcli":
                self.code = run(words[1:])
            else:
                runpy.run_path(words[1], run_name="__main__")
                self.code = 0
        return received.getvalue().decode("utf-8")

    def _in_bash(self, command: str) -> str:
        done = subprocess.run(
            ["/bin/bash", "-c", command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        self.code = done.returncode
        return done.stdout


def _has_shell_syntax(command: str) -> bool:
    """Whether a word outside of quotes says something to a shell."""
    lexer = shlex.shlex(command, punctuation_chars=True)
    lexer.whitespace_split = True
    return any(set(word) <= set(lexer.punctuation_chars) for word in lexer)


@contextmanager
def _received() -> Iterator[io.BytesIO]:
    """What is written to stdout and stderr in the block, in order."""
    received = io.BytesIO()
    stream = io.TextIOWrapper(received, encoding="utf-8", write_through=True)
    with redirect_stdout(stream), redirect_stderr(stream):
        yield received
        stream.flush()
    stream.detach()


@contextmanager
def _environment() -> Iterator[None]:
    """The variables of a terminal of 80 columns without colours.

    Others stay as a command leaves them: XLA reads the flags that regcli sets when it first
    compiles, which may be in a later command.
    """
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    wanted = {**dict.fromkeys(_LEFT_OUT), **_OF_THE_TERMINAL, "PATH": path}
    before = {name: os.environ.get(name) for name in wanted}
    _set(wanted)
    try:
        yield
    finally:
        _set(before)


def _set(variables: Mapping[str, str | None]) -> None:
    for name, value in variables.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
