"""The message at the end of an interrupted command.

Nothing heavy is imported here: this also handles a Ctrl-C while the rest is loading.
"""

import shlex
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from regcli.report.standard_streams import give_up, say

_NOTHING_KEPT = frozenset({"--help", "-h", "--dry-run"})
"""Options with which a command trains nothing."""


def say_interrupted(arguments: Sequence[str]) -> None:
    """Say on stderr how an interrupted command ended, once all results are written."""
    give_up(sys.stdout)
    say(interrupted_text(arguments))


def interrupted_text(arguments: Sequence[str]) -> str:
    """The message at the end of an interrupted command, with the command that resumes it."""
    if {"sweep", "path"}.isdisjoint(arguments) or not _NOTHING_KEPT.isdisjoint(arguments):
        return "regcli: interrupted"
    if "--fresh" in arguments:
        return "regcli: interrupted; runs that ended replace the stored ones, others stay as stored"
    command = shlex.join([*_program(sys.argv[0]), *arguments])
    return f"regcli: interrupted; finished runs are kept. Resume with: {command}"


def _program(started: str) -> list[str]:
    """How this program is started again from the same place."""
    if Path(started).name == "__main__.py":
        return [sys.executable, "-m", "regcli"]
    found = shutil.which("regcli")
    on_path = found is not None and Path(found).absolute() == Path(started).absolute()
    return ["regcli"] if on_path else [started]
