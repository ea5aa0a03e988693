"""Where a path ends, told from what is left of a run."""

import numpy as np
import pytest
from stored_examples import a_run

from regcli.results.records import RunState
from regcli.results.sparsity import in_a_row, summarize
from regcli.results.stops import Stop

KERNELS = {"dense": np.zeros((3, 2)), "output": np.ones((2, 1))}
LEFT = summarize(KERNELS, in_a_row(KERNELS.items()))
BUT_INPUTS = summarize({**KERNELS, "dense": np.eye(3, 2)}, None)


@pytest.mark.parametrize(
    ("stop", "ends"),
    [
        (Stop(), False),
        (Stop(max_nonzero=2), True),
        (Stop(max_inputs=0), True),
        (Stop(layers=frozenset({"dense"})), True),
        (Stop(layers=frozenset({"output"})), False),
        (Stop(layers=frozenset({"dense", "output"})), False),
        (Stop(max_nonzero=2, layers=frozenset({"output"})), True),
    ],
)
def test_a_path_ends_where_its_strength_has_nothing_left_to_do(stop: Stop, ends: bool) -> None:
    assert stop.ends_with(a_run("a", sparsity=LEFT)) == ends


def test_it_goes_on_where_something_is_left() -> None:
    assert not Stop(layers=frozenset({"dense"})).ends_with(a_run("a", sparsity=BUT_INPUTS))


def test_nothing_goes_on_from_a_run_that_diverged() -> None:
    assert Stop().ends_with(a_run("a", state=RunState.DIVERGED.value, sparsity=BUT_INPUTS))
