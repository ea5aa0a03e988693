"""Runs that a process is training: who has claimed them, and whether it is still alive.

A claim is by a process on a machine. Whether a process of this machine runs can be asked; one of
another machine, or of another container, is taken for alive while its heartbeat is young.
"""

import os
import platform
import sqlite3
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

SECONDS_TO_LIVE = 60.0
"""After so long without a heartbeat, a process of another machine is taken for dead."""


@dataclass(frozen=True)
class Claimant:
    """Who claims runs.

    Attributes:
        token: tells claims of one process apart.
        process: its number, and when it began, because numbers are given again.
        machine: where the number means this process.
    """

    token: str
    process: str
    machine: str

    @classmethod
    def here(cls, token: str) -> "Claimant":
        """This process."""
        return cls(token, f"{os.getpid()}:{_began(os.getpid())}", _machine())

    @property
    def is_of_this_machine(self) -> bool:
        """Whether it can be checked that its process still runs."""
        return self.machine == _machine()

    def is_alive(self, beat: float, now: float) -> bool:
        """Whether its process runs, or may: its last heartbeat was less than a minute ago."""
        if not self.is_of_this_machine:
            return now - beat < SECONDS_TO_LIVE
        number, _, began = self.process.partition(":")
        return number.isdigit() and runs(int(number)) and _began(int(number)) == began


def take(connection: sqlite3.Connection, ids: Sequence[str], by: Claimant) -> set[str]:
    """Claim those of some runs that no living process has; the ids of those that are had then.

    In a transaction of the caller's.
    """
    now = time.time()
    taken = set()
    for run_id in ids:
        row = connection.execute(
            "SELECT token, process, machine, beat FROM claims WHERE run_id = ?", (run_id,)
        ).fetchone()
        if row is not None and row[0] != by.token and Claimant(*row[:3]).is_alive(row[3], now):
            continue
        connection.execute(
            "INSERT OR REPLACE INTO claims VALUES (?, ?, ?, ?, ?)",
            (run_id, by.token, by.process, by.machine, now),
        )
        taken.add(run_id)
    return taken


def beat(connection: sqlite3.Connection, by: Claimant) -> None:
    """Say that a claimant is alive."""
    connection.execute("UPDATE claims SET beat = ? WHERE token = ?", (time.time(), by.token))


def release(connection: sqlite3.Connection, by: Claimant) -> None:
    """Give up every claim."""
    connection.execute("DELETE FROM claims WHERE token = ?", (by.token,))


@cache
def _machine() -> str:
    """This boot of this machine, as far as process numbers mean the same."""
    parts = [platform.node()]
    with suppress(OSError):
        parts.append(Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip())
    with suppress(OSError):
        parts.append(str(Path("/proc/self/ns/pid").readlink()))
    return " ".join(parts)


def runs(process: int) -> bool:
    """Whether there is a process of this number, on this machine."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True  # another user's
    return True


def _began(process: int) -> str:
    """When a process began, in the system's own count; empty where it does not tell."""
    with suppress(OSError, IndexError):
        text = Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace")
        return text.rpartition(")")[2].split()[19]
    return ""
