"""A program by itself, from plain Keras objects and arrays."""

import keras
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from regcli.metrics.predictions import Scale
from regcli.penalties.elastic_net import ELASTIC_NET
from regcli.stacked.program import EpochProgram
from regcli.stacked.recipe import Recipe, Regularized, Start
from regcli.stacked.rows import Rows

RATE, ROWS = 0.1, 12
rng = np.random.default_rng(0)
X = rng.standard_normal((ROWS, 3)).astype(np.float32)
Y = rng.standard_normal((ROWS, 1)).astype(np.float32)
KERNEL = rng.standard_normal((3, 1)).astype(np.float32)
STRENGTHS = [0.0, 0.1, 0.5]


@pytest.fixture(scope="module")
def program() -> EpochProgram[Recipe]:
    """Three linear models on all rows at once, before their first step."""
    recipe = Recipe(
        model=keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)]),
        optimizer=keras.optimizers.SGD(RATE),
        loss=keras.losses.MeanSquaredError(),
        kind="regression",
        scale=Scale.VALUES,
        regularized=(Regularized(0, ELASTIC_NET, is_kernel=True),),
        keep_zeros=False,
        proximal=False,
        transposed=frozenset(),
        batch_size=ROWS,
        parts={
            "train": Rows(
                inputs=X[np.newaxis],
                targets=Y[np.newaxis],
                y=Y[np.newaxis, :, 0],
                weights=None,
                counts=np.array([ROWS], np.int32),
            )
        },
        scalars=(),
        dropouts=(),
        units=None,
    )
    starts = {
        slot: Start(
            weights=[KERNEL, np.zeros(1, np.float32)],
            statistics=[],
            strengths=(ELASTIC_NET.strengths(l2=l2),),
            seed=0,
            split=0,
            scalars={},
            rates={},
        )
        for slot, l2 in enumerate(STRENGTHS)
    }
    made = EpochProgram(recipe, len(starts))
    made.place(starts)
    return made


def test_an_epoch_is_a_step_of_each_member_under_its_own_strength(
    program: EpochProgram[Recipe],
) -> None:
    order = np.repeat(np.arange(ROWS, dtype=np.int32)[:, np.newaxis], len(STRENGTHS), axis=1)
    logs = {name: np.array(values) for name, values in program.train_epoch(order).items()}
    stacked = program.read()
    off = X @ KERNEL - Y
    for slot, l2 in enumerate(STRENGTHS):
        kernel, bias = program.unstack(stacked, slot)
        slope = 2 / ROWS * X.T @ off + 2 * l2 * KERNEL
        assert_allclose(kernel, KERNEL - RATE * slope, rtol=1e-5, atol=1e-6)
        assert_allclose(bias, -RATE * 2 * off.mean(axis=0), rtol=1e-5)
        before = np.square(off).mean() + l2 * np.square(KERNEL).sum()
        assert_allclose(logs["loss"][slot], before, rtol=1e-5)
        assert_allclose(logs["data_loss"][slot], np.square(off).mean(), rtol=1e-5)


def test_states_go_out_and_in_again(program: EpochProgram[Recipe]) -> None:
    states = program.read_states([0, 2])
    program.write_states({0: states[2], 2: states[0]})
    swapped = program.read_states([0, 2])
    for before, after in zip(states[0], swapped[2], strict=True):
        assert_array_equal(before, after)
