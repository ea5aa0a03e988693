"""The console blocks of the README: what is typed, and what is printed."""

import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

README = Path(__file__).parent.parent / "README.md"
_BLOCK = re.compile(r"```console\n(.*?)```", re.DOTALL)


@dataclass(frozen=True)
class Command:
    """A command of the README and the output that stands below it."""

    text: str
    output: str


def commands(text: str) -> Iterator[Command]:
    """Every `$ command` of the console blocks, in order."""
    for block in _BLOCK.findall(text):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            yield Command(command, output)


def run(command: str, folder: Path, bin_folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a command as a person would in a terminal of 100 columns, in `folder`."""
    environment = {**os.environ, "COLUMNS": "100", "NO_COLOR": "1"}
    environment["PATH"] = f"{bin_folder}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        command,
        shell=True,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
