"""Keras models trained side by side, and the same ones by `fit`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from numpy.testing import assert_allclose
from numpy.typing import NDArray

from regcli.metrics.predictions import Scale
from regcli.models.weights import KERNELS
from regcli.penalties.elastic_net import ELASTIC_NET
from regcli.stacked.program import EpochProgram
from regcli.stacked.recipe import Recipe, Regularized, Start
from regcli.stacked.rows import Rows
from regcli.stacked.stacking import is_statistic

Build = Callable[[], keras.Model]
Array = NDArray[Any]
ROWS, BATCH = 26, 7
"""An epoch's last batch has 5 rows."""
MEMBERS = ((0.003, 4), (0.05, 5))
"""The l2 of each member, and the seed of its start."""


@dataclass(frozen=True)
class Trained:
    """A model's weights and statistics after training, and its loss after each epoch."""

    weights: list[Array]
    losses: list[float]


def data_for(model: keras.Model, rows: int = ROWS, tokens: int = 0) -> tuple[Array, Array]:
    """Inputs for a model, and a target of one number."""
    rng, shape = np.random.default_rng(0), model.inputs[0].shape[1:]
    x = (
        rng.standard_normal((rows, *shape))
        if not tokens
        else rng.integers(0, tokens, (rows, *shape))
    )
    y = np.tanh(x.reshape(rows, -1)[:, :3].sum(axis=1)) + 0.3 * rng.standard_normal(rows)
    return x.astype(np.float32), y.astype(np.float32)[:, np.newaxis]


def orders(epochs: int, rows: int) -> list[Array]:
    rng = np.random.default_rng(1)
    return [rng.permutation(rows).astype(np.int32) for _ in range(epochs)]


def kernels(model: keras.Model) -> list[int]:
    """Positions of what is regularized among the trainable variables."""
    named = enumerate(model.trainable_variables)
    return [place for place, v in named if v.name in KERNELS and v.regularizer is None]


def start_of(build: Build, seed: int) -> keras.Model:
    keras.utils.set_random_seed(seed)
    return build()


def by_fit(
    build: Build,
    optimizer: Callable[[], keras.optimizers.Optimizer],
    data: tuple[Array, Array],
    member: tuple[float, int],
    epochs: int,
    batch: int = BATCH,
) -> Trained:
    l2, seed = member
    model = start_of(build, seed)
    for place in kernels(model):
        model.trainable_variables[place].regularizer = keras.regularizers.L2(l2)
    model.compile(optimizer(), loss="mean_squared_error")
    x, y = data
    losses = [
        model.fit(x[order], y[order], batch_size=batch, shuffle=False, verbose=0).history["loss"][0]
        for order in orders(epochs, len(x))
    ]
    statistics = [v for v in model.non_trainable_variables if is_statistic(v)]
    return Trained([np.array(v) for v in (*model.trainable_variables, *statistics)], losses)


def recipe_of(
    model: keras.Model,
    optimizer: keras.optimizers.Optimizer,
    data: tuple[Array, Array],
    batch: int = BATCH,
) -> Recipe:
    x, y = data
    rows = Rows(
        x[np.newaxis], y[np.newaxis], y[np.newaxis, :, 0], None, np.array([len(x)], np.int32)
    )
    return Recipe(
        model=model,
        optimizer=optimizer,
        loss=keras.losses.MeanSquaredError(),
        kind="regression",
        scale=Scale.VALUES,
        regularized=tuple(Regularized(n, ELASTIC_NET, keeps_zeros=True) for n in kernels(model)),
        keep_zeros=False,
        proximal=False,
        transposed=frozenset(),
        batch_size=batch,
        parts={"train": rows},
        scalars=(),
        dropouts=(),
        units=None,
    )


def start(recipe: Recipe, build: Build, member: tuple[float, int]) -> Start:
    l2, seed = member
    model = start_of(build, seed)
    return Start(
        weights=[np.array(v) for v in model.trainable_variables],
        statistics=[np.array(v) for v in model.non_trainable_variables if is_statistic(v)],
        strengths=(ELASTIC_NET.strengths(l2=l2),) * len(recipe.regularized),
        seed=seed,
        split=0,
        scalars={},
        rates={},
    )


def together(
    build: Build,
    optimizer: Callable[[], keras.optimizers.Optimizer],
    data: tuple[Array, Array],
    epochs: int,
    batch: int = BATCH,
) -> list[Trained]:
    """Both members in one program."""
    recipe = recipe_of(build(), optimizer(), data, batch)
    program: EpochProgram[Recipe] = EpochProgram(recipe, len(MEMBERS))
    program.place({slot: start(recipe, build, member) for slot, member in enumerate(MEMBERS)})
    logs = [
        np.array(program.train_epoch(np.repeat(order[:, np.newaxis], len(MEMBERS), axis=1))["loss"])
        for order in orders(epochs, len(data[0]))
    ]
    stacked = program.read_ends()
    return [
        Trained(program.unstack(stacked, slot), [float(losses[slot]) for losses in logs])
        for slot in range(len(MEMBERS))
    ]


def assert_same_as_fit(
    build: Build,
    optimizer: Callable[[], keras.optimizers.Optimizer],
    data: tuple[Array, Array],
    epochs: int = 4,
    batch: int = BATCH,
    atol: float = 1e-5,
) -> None:
    """Weights, statistics and losses of two members are those of `fit`, and they are trained."""
    ours = together(build, optimizer, data, epochs, batch)
    for member, trained in zip(MEMBERS, ours, strict=True):
        theirs = by_fit(build, optimizer, data, member, epochs, batch)
        assert_allclose(trained.losses, theirs.losses, rtol=1e-5, atol=atol)
        assert trained.losses[-1] < trained.losses[0]
        for number, (one, other) in enumerate(zip(trained.weights, theirs.weights, strict=True)):
            assert_allclose(one, other, rtol=0, atol=atol, err_msg=str(number))
    assert any(
        np.abs(one - other).max() > 0.01
        for one, other in zip(ours[0].weights, ours[1].weights, strict=True)
    )
