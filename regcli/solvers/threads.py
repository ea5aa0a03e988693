"""One thread for linear algebra while problems are solved.

The matrices are small: threads that wait for each other cost more than they gain, ten times more
where cores are shared, as by the workers of a population.
"""

import threading

from threadpoolctl import threadpool_limits


class OneThread:
    """Holds NumPy's linear algebra to one thread while anything is solved in it.

    How many threads there are is a matter of the whole process: what is solved at the same time
    has to share one of these. It may be entered from many threads; what was set before the first
    came in is put back by the last.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside = 0
        self._limits: threadpool_limits | None = None

    def __enter__(self) -> None:
        with self._lock:
            self._inside += 1
            if self._limits is None:
                self._limits = threadpool_limits(limits=1, user_api="blas")

    def __exit__(self, *raised: object) -> None:
        with self._lock:
            self._inside -= 1
            if self._inside == 0 and self._limits is not None:
                self._limits.restore_original_limits()
                self._limits = None
