"""Running a measurement in a process of its own, so that no candidate changes another's ground."""

import resource
from collections.abc import Callable
from multiprocessing import get_context
from typing import Any


def apart(function: Callable[..., float], *arguments: Any) -> tuple[float, float]:
    """A function's result in a new process, and the process's peak memory in MiB."""
    with get_context("spawn").Pool(1) as pool:
        return pool.apply(_with_peak, (function, arguments))


def _with_peak(function: Callable[..., float], arguments: Any) -> tuple[float, float]:
    result = function(*arguments)
    return result, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
