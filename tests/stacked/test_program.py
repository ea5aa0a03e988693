"""A program by itself, from plain Keras objects and arrays."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from numpy.typing import NDArray

from regcli.metrics.predictions import Scale
from regcli.penalties.elastic_net import ELASTIC_NET
from regcli.stacked.program import EpochProgram
from regcli.stacked.recipe import Recipe, Regularized, Start
from regcli.stacked.rows import Rows
from regcli.stacked.shared_traces import SharedTraces

RATE, ROWS = 0.1, 12
rng = np.random.default_rng(0)
X = rng.standard_normal((ROWS, 3)).astype(np.float32)
Y = rng.standard_normal((ROWS, 1)).astype(np.float32)
KERNEL = rng.standard_normal((3, 1)).astype(np.float32)
STRENGTHS = [0.0, 0.1, 0.5]


class CountedLoss(keras.losses.MeanSquaredError):
    """A loss that counts how often it is traced."""

    traced = 0

    def call(self, y_true: Any, y_pred: Any) -> Any:
        self.traced += 1
        return super().call(y_true, y_pred)


def linear(optimizer: keras.optimizers.Optimizer) -> Recipe:
    """A linear model on all rows at once."""
    return Recipe(
        model=keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)]),
        optimizer=optimizer,
        loss=CountedLoss(),
        kind="regression",
        scale=Scale.VALUES,
        regularized=(Regularized(0, ELASTIC_NET, keeps_zeros=True),),
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


def starts_with(strengths: Sequence[float]) -> dict[int, Start]:
    """A start in each slot, alike but for its strength."""
    return {
        slot: Start(
            weights=[KERNEL, np.zeros(1, np.float32)],
            statistics=[],
            strengths=(ELASTIC_NET.strengths(l2=l2),),
            seed=0,
            split=0,
            scalars={},
            rates={},
        )
        for slot, l2 in enumerate(strengths)
    }


@pytest.fixture(scope="module")
def program() -> EpochProgram[Recipe]:
    """Three linear models before their first step."""
    return placed(linear(keras.optimizers.SGD(RATE)), STRENGTHS)


def placed(
    recipe: Recipe, strengths: Sequence[float], traces: SharedTraces | None = None
) -> EpochProgram[Recipe]:
    """A program whose slots are filled."""
    made = EpochProgram(recipe, len(strengths), traces)
    made.place(starts_with(strengths))
    return made


def in_order(members: int) -> NDArray[np.int32]:
    """Every member sees the rows in the order that they have."""
    return np.repeat(np.arange(ROWS, dtype=np.int32)[:, np.newaxis], members, axis=1)


def test_an_epoch_is_a_step_of_each_member_under_its_own_strength(
    program: EpochProgram[Recipe],
) -> None:
    logs = program.train_epoch(in_order(len(STRENGTHS)))
    logs = {name: np.array(values) for name, values in logs.items()}
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


SHARING = {
    "SGD": (lambda: keras.optimizers.SGD(RATE), True),
    "Adam": (lambda: keras.optimizers.Adam(RATE), True),
    "averages, one member after the other": (
        lambda: keras.optimizers.SGD(RATE, use_ema=True),
        False,
    ),
}


@pytest.mark.parametrize("name", SHARING)
def test_programs_that_share_traces_train_as_they_would_alone(name: str) -> None:
    """Each on its own variables; the second is not traced where these are all known."""
    optimizer, is_shared = SHARING[name]
    traces, others = SharedTraces(), [0.3, 0.0, 0.2]
    recipes = [linear(optimizer()) for _ in range(2)]
    given = list(zip(recipes, (STRENGTHS, others), strict=True))
    together = [placed(recipe, strengths, traces) for recipe, strengths in given]
    alone = [placed(linear(optimizer()), strengths) for _, strengths in given]
    order = in_order(len(STRENGTHS))
    for _ in range(2):
        for made in (*together, *alone):
            made.train_epoch(order)
    for one, other in zip(together, alone, strict=True):
        for found, wanted in zip(one.read_ends(), other.read_ends(), strict=True):
            assert_array_equal(found, wanted)
    assert not np.array_equal(together[0].read()[0], together[1].read()[0])
    assert (recipes[1].loss.traced == 0) == is_shared
