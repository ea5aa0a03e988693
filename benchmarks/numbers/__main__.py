"""Compare the numbers of BASE with those of this checkout: `python -m benchmarks.numbers BASE`."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.numbers.cases import CASES, Case, write_data
from benchmarks.numbers.compare import Comparison, compare

HERE = Path(__file__).resolve().parents[2]
MEASURE = Path(__file__).with_name("measure.py")
_MOST_LINES = 3
"""Differences of a case that are shown."""


def main(arguments: list[str]) -> int:
    """The exit code: 0 where all numbers are the same, 1 where some differ."""
    base, words = (*arguments, "", "")[:2]
    cases = [case for case in CASES if words in case.name]
    if not base or not cases:
        what = "a commit or a folder: make same-numbers BASE=HEAD~1" if cases else "a case's name"
        sys.stderr.write(f"same-numbers needs {what}\n")
        return 2
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, _checkout(base, Path(folder)) as checkout:
        comparisons = _measure_both(Path(folder), checkout, cases)
    differs = 0
    for case, found in zip(cases, comparisons, strict=True):
        differs += bool(found.differences)
        print(_line(case.name, found))
    seconds = time.monotonic() - started
    verdict = f"{differs} of {len(cases)} cases differ" if differs else "every number is the same"
    print(f"{verdict}; {seconds:.0f} s")
    return 1 if differs else 0


def _line(name: str, found: Comparison) -> str:
    counts = f"{found.runs} runs, {found.numbers:,} numbers"
    lines = [f"{'DIFFERS' if found.differences else 'same   '} {name}: {counts}"]
    lines += [f"        {text}" for text in found.differences[:_MOST_LINES]]
    if more := len(found.differences) - _MOST_LINES:
        lines += [f"        and {more} more"] if more > 0 else []
    for what, keys in (("removed", found.removed), ("added", found.added)):
        lines += [f"        {what}: {', '.join(keys)}"] if keys else []
    return "\n".join(lines)


@contextmanager
def _checkout(base: str, folder: Path) -> Iterator[Path]:
    """A checkout of the base: the folder that was given, or a worktree of the commit."""
    if Path(base).is_dir():
        yield Path(base).resolve()
        return
    worktree = folder / "base"
    git = ["git", "-C", str(HERE), "worktree"]
    subprocess.run([*git, "add", "--quiet", "--detach", str(worktree), base], check=True)
    try:
        yield worktree
    finally:
        subprocess.run([*git, "remove", "--force", str(worktree)], check=True)


def _measure_both(folder: Path, base: Path, cases: Sequence[Case]) -> list[Comparison]:
    """Both sides train at the same time, each in a folder of its own."""
    file = folder / "cases.json"
    file.write_text(json.dumps([asdict(case) for case in cases]))
    sides = {"before": base, "now": HERE}
    processes = [_start(folder / name, file, checkout) for name, checkout in sides.items()]
    codes = [process.wait() for process in processes]
    if any(codes):
        sys.exit("same-numbers: a side ended before it had trained every case")
    return [
        compare(*(_read(folder / name, number) for name in sides)) for number in range(len(cases))
    ]


def _start(folder: Path, cases: Path, checkout: Path) -> "subprocess.Popen[bytes]":
    folder.mkdir()
    write_data(folder)
    environment = {**os.environ, "PYTHONPATH": str(checkout)}
    command = [sys.executable, str(MEASURE), str(cases), str(folder), str(checkout)]
    return subprocess.Popen(command, cwd=folder, env=environment)


def _read(folder: Path, number: int) -> tuple[dict[str, Any], dict[str, Any]]:
    with np.load(folder / f"{number}.npz") as stored:
        arrays = {name: stored[name] for name in stored.files}
    return json.loads((folder / f"{number}.json").read_text()), arrays


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
