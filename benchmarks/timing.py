"""Fair timing: candidates take turns, so that a slow minute of the machine hits them all."""

import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Timing:
    """Seconds of several runs of one candidate."""

    seconds: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)


def interleave(candidates: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, Timing]:
    """Run every candidate once a round; of several rounds one more comes first, not counted."""
    seconds: dict[str, list[float]] = {name: [] for name in candidates}
    warming = int(rounds > 1)
    for round_number in range(rounds + warming):
        for name, candidate in candidates.items():
            started = time.perf_counter()
            candidate()
            if round_number >= warming:
                seconds[name].append(time.perf_counter() - started)
    return {name: Timing(tuple(values)) for name, values in seconds.items()}


def command(arguments: Sequence[str], **options: object) -> Callable[[], object]:
    """A whole process as a candidate; it must succeed."""
    return lambda: subprocess.run(
        arguments,
        check=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        **options,
    )
