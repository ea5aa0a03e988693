"""Running a measurement in a process of its own, so that no candidate changes another's ground."""

import resource
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any


def apart(function: Callable[..., float], *arguments: Any) -> tuple[float, float]:
    """A function's result in a new process, and the process's peak memory in MiB.

    Not a daemon, as a `Pool` would make it: those may have no processes of their own.
    """
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as executor:
        return executor.submit(_with_peak, function, arguments).result()


def _with_peak(function: Callable[..., float], arguments: Any) -> tuple[float, float]:
    result = function(*arguments)
    return result, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
