"""Linear algebra on one thread while problems are solved, and on as many as before after it."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from regcli.solvers.threads import OneThread


def counts() -> set[int]:
    """How many threads NumPy's linear algebra may take: one number, as it has one library."""
    assert (np.eye(2) @ np.eye(2)).any()
    return {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"}


BEFORE = counts()


def test_the_last_one_out_puts_threads_back() -> None:
    threads = OneThread()
    with threads:
        with threads:
            assert counts() == {1}
        assert counts() == {1}
    assert counts() == BEFORE


def test_an_error_puts_threads_back() -> None:
    with pytest.raises(ValueError, match="lost"), OneThread():
        raise ValueError("lost")
    assert counts() == BEFORE


def test_threads_that_come_and_go_leave_it_to_the_others() -> None:
    threads = OneThread()

    def solve(_: int) -> set[int]:
        with threads:
            return counts()

    with threads:
        with ThreadPoolExecutor(4) as pool:
            assert list(pool.map(solve, range(8))) == [{1}] * 8
        assert counts() == {1}
    assert counts() == BEFORE
