"""`regcli` as in `processes`, but in the process of the tests: what a command needs, and fast.

Processes are for what only they show: signals, terminals, closed or full streams, limits of the
system, which packages a command loads, and what it is like to be started.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

from characterisation import command_line


def regcli(
    *arguments: str, cwd: Path, env: Mapping[str, str] | None = None
) -> CompletedProcess[str]:
    written = command_line.regcli(*arguments, folder=cwd, env=env)
    return CompletedProcess(arguments, written.code, written.out, written.err)


def problem(*arguments: str, cwd: Path, env: Mapping[str, str] | None = None) -> str:
    """What a command that is refused says: see `refusal`."""
    return refusal(regcli(*arguments, cwd=cwd, env=env))


def refusal(done: CompletedProcess[str]) -> str:
    """Exit code 2, nothing on stdout, and this one line on stderr."""
    assert (done.returncode, done.stdout) == (2, ""), done
    assert done.stderr.count("\n") == 1, done.stderr
    return done.stderr.removesuffix("\n")


def document(*arguments: str, cwd: Path, code: int = 0) -> dict[str, Any]:
    """The JSON document that a command writes."""
    done = regcli(*arguments, cwd=cwd)
    assert done.returncode == code, done
    return parse(done.stdout)


def parse(text: str) -> dict[str, Any]:
    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is not JSON")

    found = json.loads(text, parse_constant=refuse)
    assert isinstance(found, dict)
    return found
