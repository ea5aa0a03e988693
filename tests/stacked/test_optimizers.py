"""Which of its two forms an optimizer takes, and what the stacked one clips."""

from typing import Any

import keras
import numpy as np
import pytest
from numpy.testing import assert_array_equal

from regcli.stacked.optimizer import is_sequential
from regcli.stacked.stacked_optimizer import clip_by_member


def model_of(*layers: keras.Layer) -> keras.Sequential:
    return keras.Sequential([keras.Input((4,)), *layers])


@pytest.mark.parametrize(
    ("optimizer", "dense", "tokens"),
    [
        (keras.optimizers.SGD(momentum=0.9, nesterov=True), False, False),
        (keras.optimizers.SGD(clipnorm=1.0), False, True),
        (keras.optimizers.Lion(), False, False),
        (keras.optimizers.Adam(loss_scale_factor=8.0), False, True),
        (keras.optimizers.ScheduleFreeAdamW(), False, True),
        (keras.optimizers.SGD(use_ema=True), True, True),
        (keras.optimizers.SGD(gradient_accumulation_steps=2), True, True),
        (keras.optimizers.Lamb(), True, True),
        (keras.optimizers.Muon(), True, True),
        (keras.optimizers.Adafactor(), True, True),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, bool) else "",
)
def test_only_those_are_sequential_that_must(optimizer: Any, dense: bool, tokens: bool) -> None:
    assert is_sequential(optimizer, model_of(keras.layers.Dense(2))) is dense
    table = keras.layers.Embedding(5, 2)
    assert is_sequential(optimizer, model_of(table, keras.layers.Flatten())) is tokens


class Clipping:
    """An optimizer's three limits; one of them is set."""

    def __init__(self, **limits: float) -> None:
        self.clipvalue = limits.get("clipvalue")
        self.clipnorm = limits.get("clipnorm")
        self.global_clipnorm = limits.get("global_clipnorm")


@pytest.mark.parametrize("limit", ["clipnorm", "global_clipnorm", "clipvalue"])
def test_clipping_takes_the_norm_of_each_member(limit: str) -> None:
    """A member with a huge gradient, or none that is a number, shortens nobody else's."""
    rng = np.random.default_rng(0)
    gradients = [rng.standard_normal((3, 4)).astype(np.float32) for _ in range(2)]
    huge = [g * np.float32([[1], [1e12], [1]]) for g in gradients]
    lost = [g * np.float32([[1], [np.nan], [1]]) for g in gradients]
    clipping = Clipping(**{limit: 0.5})
    plain, beside_huge, beside_lost = (
        [np.asarray(g) for g in clip_by_member(clipping, made)] for made in (gradients, huge, lost)
    )
    norms = np.sqrt(sum(np.square(g).sum(axis=1) for g in plain))
    if limit == "global_clipnorm":
        np.testing.assert_allclose(norms, 0.5, rtol=1e-5)
    for first, second, third in zip(plain, beside_huge, beside_lost, strict=True):
        assert np.abs(first).max() <= 0.5 + 1e-6
        assert_array_equal(second[[0, 2]], first[[0, 2]])
        assert_array_equal(third[[0, 2]], first[[0, 2]])
        assert np.isfinite(second).all()
