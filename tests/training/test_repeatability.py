"""A seed fixes start weights and batch order, in every process and under every strength."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from regcli.data.row_order import batch_order
from regcli.results.outcomes import Outcome

from .conftest import TRAINERS
from .examples import Fit, a_config, binary_splits

HIDDEN = {"Dense": {"units": 3, "activation": "tanh"}}
TRAIN_AND_HASH = """
import hashlib
from training.conftest import TRAINERS
from training.examples import a_config, class_splits
from regcli.training.devices import prepare_device
config = a_config(
    [{"Dense": {"units": 8, "activation": "relu"}}, {"Dropout": {"rate": 0.2}}],
    regularization={"l1": 0.001, "l2": 0.01},
)
for trainer in TRAINERS.values():
    outcome = trainer(config, class_splits(), prepare_device("cpu"), lambda epoch: None)
    digest = hashlib.sha256(b"".join(array.tobytes() for array in outcome.weights.values()))
    print(digest.hexdigest(), outcome.history["loss"], outcome.metrics)
"""


def started_and_seen(fit: Fit, seed: int, l1: float = 0.0, l2: float = 0.0) -> Outcome:
    """One epoch of single rows that leaves the weights where they start."""
    config = a_config(
        [HIDDEN],
        regularization={"l1": l1, "l2": l2},
        training={
            "seed": seed,
            "epochs": 1,
            "batch_size": 1,
            "optimizer": {"name": "sgd", "learning_rate": 0.0},
        },
    )
    return fit(config, binary_splits())


def test_members_of_a_seed_start_alike_whatever_their_strengths(fit: Fit) -> None:
    free = started_and_seen(fit, seed=1)
    held = started_and_seen(fit, seed=1, l1=0.1, l2=0.3)
    other = started_and_seen(fit, seed=2)
    for name, values in free.weights.items():
        assert_array_equal(held.weights[name], values)
    assert np.abs(other.weights["dense/kernel"] - free.weights["dense/kernel"]).max() > 0.1


def test_members_of_a_seed_see_rows_in_one_order_whatever_their_strengths(fit: Fit) -> None:
    """A strength too small to matter leaves steps on single rows as they are; a seed does not."""

    def weights(seed: int, l2: float) -> np.ndarray:
        kernel = {"kernel_initializer": "ones"}  # so that the seed acts through the order alone
        config = a_config(
            [{"Dense": {"units": 1, **kernel}}],
            regularization={"l2": l2},
            training={
                "seed": seed,
                "epochs": 2,
                "batch_size": 1,
                "optimizer": {"name": "sgd", "learning_rate": 0.5},
            },
        )
        return fit(config, binary_splits()).weights["dense/kernel"]

    free = weights(seed=1, l2=0.0)
    assert_allclose(weights(seed=1, l2=1e-9), free, rtol=0, atol=1e-6)
    assert np.abs(weights(seed=2, l2=0.0) - free).max() > 1e-2


@given(st.integers(0, 2**31 - 1), st.integers(0, 10_000), st.integers(1, 200))
def test_an_order_is_a_permutation_that_follows_from_seed_and_epoch(
    seed: int, epoch: int, rows: int
) -> None:
    order = batch_order(seed, epoch, rows)
    assert_array_equal(np.sort(order), np.arange(rows))
    assert_array_equal(batch_order(seed, epoch, rows), order)


def test_epochs_and_seeds_have_orders_of_their_own() -> None:
    orders = {tuple(batch_order(seed, epoch, 50)) for seed in range(10) for epoch in range(10)}
    assert len(orders) == 100


@pytest.mark.slow
def test_two_processes_give_the_same_bits() -> None:
    command = [sys.executable, "-c", TRAIN_AND_HASH]
    tests = Path(__file__).parents[1]
    outputs = [
        subprocess.run(command, cwd=tests, capture_output=True, text=True, check=True)
        for _ in range(2)
    ]
    first, second = (output.stdout.splitlines() for output in outputs)
    assert [len(line.split()[0]) for line in first] == [64] * len(TRAINERS)
    assert first == second
    assert [output.stderr for output in outputs] == ["", ""]
