"""One thread for linear algebra while problems are solved.

The matrices are small: threads that wait for each other cost more than they gain, ten times more
where cores are shared, as by the workers of a population.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from threadpoolctl import threadpool_limits

_lock = threading.Lock()
_inside = 0
_limits: threadpool_limits | None = None


@contextmanager
def one_thread() -> Iterator[None]:
    """Limit NumPy's linear algebra to one thread; the last caller restores the earlier setting."""
    global _inside, _limits
    with _lock:
        _inside += 1
        if _limits is None:
            _limits = threadpool_limits(limits=1, user_api="blas")
    try:
        yield
    finally:
        with _lock:
            _inside -= 1
            if _inside == 0 and _limits is not None:
                _limits.restore_original_limits()
                _limits = None
