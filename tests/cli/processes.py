"""The installed `regcli` as a person starts it: in a shell, on a terminal, interrupted, killed."""

import fcntl
import os
import pty
import random
import re
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from characterisation.command_line import shell_environment

REGCLI = Path(sys.executable).with_name("regcli")
PATIENCE = 300.0
"""Seconds after which a process hangs, however busy the machine is."""

REQUESTS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def regcli(
    *arguments: str,
    cwd: Path,
    env: Mapping[str, str] | None = None,
    **options: Any,
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [REGCLI, *arguments],
        cwd=cwd,
        env=shell_environment(**(env or {})),
        timeout=PATIENCE,
        text=True,
        **{"capture_output": "stdout" not in options, "stdin": subprocess.DEVNULL, **options},
    )


def in_shell(line: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """A line as it is pasted into a shell of the environment that regcli is installed in."""
    return subprocess.run(
        f"set -o pipefail; {line}",
        shell=True,
        executable="/bin/bash",
        cwd=cwd,
        env=shell_environment(PATH=f"{REGCLI.parent}:{os.environ['PATH']}"),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )


_REPORTING = """
import atexit, sys
path = sys.argv.pop(1)
atexit.register(lambda: open(path, "w").write(" ".join(sys.modules)))
from regcli.__main__ import main
main()
"""


def loaded_packages(*arguments: str, cwd: Path, code: int = 0) -> set[str]:
    """Top-level packages that are loaded when a command ends."""
    report = cwd / "loaded.txt"
    done = subprocess.run(
        [sys.executable, "-c", _REPORTING, report, *arguments],
        cwd=cwd,
        env=shell_environment(),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode == code, done
    return {name.partition(".")[0] for name in report.read_text().split()}


@dataclass
class Background:
    """A process that goes on while the test acts."""

    process: subprocess.Popen[str]
    stderr_file: Path

    @property
    def stderr(self) -> str:
        return self.stderr_file.read_text()

    def wait_for_runs(self, count: int) -> None:
        self._wait_until(lambda: len(re.findall(r"^\[\d+/", self.stderr, re.M)) >= count)

    def wait_for_library(self, name: str) -> None:
        """Wait until a compiled library is loaded: so far has the process come."""
        maps = Path(f"/proc/{self.process.pid}/maps")
        self._wait_until(lambda: name in maps.read_text())

    def wait_for_handlers(self) -> None:
        """Wait until the process answers requests to end by itself: so early can they come."""
        status = Path(f"/proc/{self.process.pid}/status")
        caught = re.compile(r"^SigCgt:\s*(\w+)$", re.M)
        own = 1 << signal.SIGHUP - 1  # Python itself catches Ctrl-C alone
        self._wait_until(lambda: int(caught.findall(status.read_text())[0], 16) & own != 0)

    def _wait_until(self, reached: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not reached():
            assert self.process.poll() is None, f"ended too early: {self.stderr}"
            assert time.monotonic() < deadline, self.stderr
            time.sleep(0.01)

    def send_burst(self, chance: random.Random) -> None:
        """Ask the process to end several times, at gaps from nothing to some milliseconds."""
        for _ in range(chance.randint(1, 20)):
            self.process.send_signal(chance.choice(REQUESTS))
            time.sleep(chance.choice([0.0, 1e-5, 1e-3, 1e-2]))
            if self.process.poll() is not None:
                return

    def end(self, number: signal.Signals | None = None, times: int = 1) -> tuple[int, str]:
        """Send a signal, or none; the exit code and what was written to stdout."""
        for repeat in range(times):
            if repeat:
                time.sleep(random.uniform(0.0, 0.2))
            if number is not None and self.process.poll() is None:
                self.process.send_signal(number)
        stdout, _ = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, stdout


def start(*arguments: str, cwd: Path) -> Background:
    stderr_file = cwd / f"stderr-{time.monotonic_ns()}.txt"
    with stderr_file.open("w") as stderr:
        process = subprocess.Popen(
            [REGCLI, *arguments],
            cwd=cwd,
            env=shell_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
            # A test run in the background of a shell would hand on that Ctrl-C is switched off.
            preexec_fn=lambda: [signal.signal(number, signal.SIG_DFL) for number in REQUESTS],
        )
    return Background(process, stderr_file)


def on_terminal(
    *arguments: str, cwd: Path, columns: int, stream: str = "stdout", **env: str
) -> tuple[int, str]:
    """Run with one stream on a terminal; the exit code and what the terminal received."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    streams: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(
        [REGCLI, *arguments],
        cwd=cwd,
        env=shell_environment(**{"TERM": "xterm-256color", **env}),
        stdin=subprocess.DEVNULL,
        **{**streams, stream: slave},
    )
    os.close(slave)
    received = b""
    try:
        while chunk := os.read(master, 65536):
            received += chunk
    except OSError:  # how Linux says that the other side is closed
        pass
    os.close(master)
    return process.wait(timeout=PATIENCE), received.decode()
