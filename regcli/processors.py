"""The processors that this process may use, by its affinity and by its control groups."""

import os
from collections.abc import Iterator
from pathlib import Path


def usable_cores() -> int:
    """Processors that this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def group_limit(system: Path = Path("/")) -> float | None:
    """How many processors' time the control groups of this process allow; None for no limit.

    The least of all groups above the process, of cgroup version 1 and 2, as containers and batch
    systems set them.

    Args:
        system: the folder that contains `proc` and `sys`.
    """
    return min(_limits(system), default=None)


def _limits(system: Path) -> Iterator[float]:
    for line in _words(system / "proc/self/cgroup", "\n"):
        _, controllers, path = [*line.split(":", 2), "", ""][:3]
        groups = system / "sys/fs/cgroup"
        if "cpu" in controllers.split(","):
            groups = groups / "cpu"
        elif controllers:
            continue
        inside = groups / path.strip("/")
        # Within a container the path may be one of the host's, so that only the top is there.
        for group in (inside, *inside.parents):
            quota = _words(group / "cpu.max") or [
                *_words(group / "cpu.cfs_quota_us"),
                *_words(group / "cpu.cfs_period_us"),
            ]
            if len(quota) == 2 and all(word.isdecimal() for word in quota) and int(quota[1]):
                yield int(quota[0]) / int(quota[1])  # else "max", or -1
            if group == groups:
                break


def _words(file: Path, separator: str | None = None) -> list[str]:
    try:
        return file.read_text(encoding="utf-8", errors="replace").split(separator)
    except OSError:
        return []
