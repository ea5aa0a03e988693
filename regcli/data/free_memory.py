"""Whether what is to be read fits into memory, asked before anything is read.

A process that takes more than there is ends without a word, or takes others with it.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path

from regcli.data.wording import quoted
from regcli.errors import DataError

_GB = 1e9
ALLOWED = "REGCLI_MEMORY"
"""The environment variable with the bytes that a person allows."""


def require_memory(
    needed: float, what: str, advice: str = "use fewer rows or columns, or more memory"
) -> None:
    """Refuse what does not fit.

    Args:
        needed: bytes, estimated from sizes that are known beforehand.
        what: the subject of the message, such as a file's name and a colon, or empty.
        advice: what to do about it.

    Raises:
        DataError: there is less memory. Not raised where the system does not say how much there is.
    """
    there = available()
    if there is not None and needed > there:
        raise DataError(
            f"{what}must fit into memory, about {needed / _GB:.3g} GB are needed and "
            f"{there / _GB:.3g} GB are free; {advice}"
        )


def available(system: Path = Path("/")) -> int | None:
    """Bytes that this process may still take, or None where the system does not say.

    The least of what the machine has left, of what each control group above the process has
    (cgroup version 1 and 2, as containers and batch systems set them), and of what a person allows
    with the environment variable `REGCLI_MEMORY`.

    Args:
        system: the folder that contains `proc` and `sys`.
    """
    figures = [*_of_machine(system / "proc"), *_of_groups(system), *_of_person()]
    return max(min(figures), 0) if figures else None


def _of_machine(proc: Path) -> Iterator[int]:
    for line in _lines(proc / "meminfo"):
        name, _, figure = line.partition(":")
        if name == "MemAvailable" and figure.split()[0].isdecimal():
            yield int(figure.split()[0]) * 1024
            return
    try:  # macOS and others: all there is, which is still a bound
        yield os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        return


def _of_person() -> Iterator[int]:
    """What a person allows: bytes, or a number with MB or GB behind it."""
    text = os.environ.get(ALLOWED, "").strip()
    if not text:
        return
    number = re.fullmatch(r"(\d+(?:\.\d+)?) ?([MG]B)?", text, re.IGNORECASE | re.ASCII)
    if number is None:
        raise DataError(
            f"{ALLOWED} must be a number of bytes, or one with MB or GB behind it such as 500MB, "
            f"got {quoted(text)}"
        )
    unit = {"": 1, "MB": 1e6, "GB": _GB}[(number[2] or "").upper()]
    yield int(float(number[1]) * unit)


def _of_groups(system: Path) -> Iterator[int]:
    """What every control group of this process has left."""
    for line in _lines(system / "proc/self/cgroup"):
        _, controllers, path = [*line.split(":", 2), "", ""][:3]
        groups = system / "sys/fs/cgroup"
        if controllers == "":
            files = ("memory.max", "memory.current", "")
        elif "memory" in controllers.split(","):
            groups = groups / "memory"
            files = ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_")
        else:
            continue
        inside = groups / path.strip("/")
        # Within a container the path may be one of the host's, so that only the top is there.
        for group in (inside, *inside.parents):
            yield from _left(group, *files)
            if group == groups:
                break


def _left(group: Path, limit: str, usage: str, prefix: str) -> Iterator[int]:
    """What a group has left: cached files count as used, but give way to a process."""
    files = (f"{prefix}inactive_file", f"{prefix}active_file")
    most, used = _figure(group / limit), _figure(group / usage)
    if most is None or used is None:
        return
    cached = 0
    for line in _lines(group / "memory.stat"):
        name, _, figure = line.partition(" ")
        if name in files and figure.strip().isdecimal():
            cached += int(figure)
    yield most - max(used - cached, 0)


def _figure(file: Path) -> int | None:
    lines = _lines(file)
    return int(lines[0]) if lines and lines[0].strip().isdecimal() else None  # not so: "max"


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
