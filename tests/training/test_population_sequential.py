"""Optimizers that take members in turns: tokens, averages, neighbours, and who takes turns."""

from typing import Any

import keras
import numpy as np
import pytest
from numpy.testing import assert_array_equal

from regcli.config.schema import Config
from regcli.data.dataset import Splits
from regcli.results.records import RunState
from regcli.stacked.optimizer import is_sequential

from .examples import a_config, labels, number_splits, rows, splits_of
from .populations import assert_same_training, moved, train_by_fit, train_together

HIDDEN = {"Dense": {"units": 6, "activation": "tanh"}}
TABLE = {"Embedding": {"input_dim": 10, "output_dim": 3}}
RATES = {"SGD": 0.1, "Lion": 0.003, "Adafactor": 0.1}


def token_splits() -> Splits:
    """Rows of six tokens, some of them equal; the last batch of 7 out of 20 rows has 6."""
    tokens = np.abs(rows((6,)) * 3).clip(0, 9).round()
    return splits_of(tokens, labels(), classes=2)


def tokens_config(optimizer: dict[str, Any]) -> Config:
    return a_config(
        [TABLE, "Flatten", {"Dense": {"units": 4, "activation": "tanh"}}],
        regularization={"l2": 0.003},
        training={"epochs": 5, "batch_size": 7, "optimizer": optimizer, "seed": 4},
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    "optimizer",
    [
        {"name": "Adafactor"},
        {"name": "Adam", "clipnorm": 0.05, "amsgrad": True},
        {"name": "Lamb"},
        {"name": "Lion", "clipvalue": 0.01},
        {"name": "Muon"},
        {"name": "Nadam", "gradient_accumulation_steps": 2},
        {"name": "RMSprop", "use_ema": True},
        {"name": "SGD", "global_clipnorm": 0.05, "momentum": 0.9},
    ],
    ids=lambda optimizer: " ".join([optimizer["name"], *list(optimizer)[1:]]),
)
def test_tokens_equal_fit(optimizer: dict[str, Any]) -> None:
    rate = RATES.get(optimizer["name"], 0.01)
    config = tokens_config({"learning_rate": rate, **optimizer})
    splits = token_splits()
    (ours,) = train_together([config], splits)
    assert ours.history["loss"][-1] < ours.history["loss"][0] - 1e-3
    assert_same_training(ours, train_by_fit(config, splits))


def member(seed: int = 0, epochs: int = 8, early: Any = None, **optimizer: Any) -> Config:
    return a_config(
        [HIDDEN],
        regularization={"l2": 0.01},
        training={
            "epochs": epochs,
            "batch_size": 8,
            "seed": seed,
            "optimizer": optimizer,
            "early_stopping": early,
        },
    )


@pytest.mark.slow
def test_early_stopping_puts_weights_back_after_the_averages() -> None:
    """Labels by chance: members stop at different epochs, and others take their slots."""
    splits = splits_of(rows((6,), 60), np.random.default_rng(5).integers(0, 2, 60), classes=2)
    early = {"monitor": "validation.data_loss", "patience": 3}
    averages = {"use_ema": True, "ema_momentum": 0.8, "gradient_accumulation_steps": 2}
    configs = [
        member(seed, 30, early, name="lamb", learning_rate=rate, **averages)
        for seed, rate in ((0, 0.1), (1, 0.05), (2, 0.02))
    ]
    outcomes = train_together(configs, splits, size=2)
    for config, outcome in zip(configs, outcomes, strict=True):
        assert_same_training(outcome, train_by_fit(config, splits))
    epochs = [outcome.epochs for outcome in outcomes]
    assert min(epochs) < 30
    assert len(set(epochs)) > 1


@pytest.mark.slow
def test_a_member_that_diverges_leaves_the_others_as_they_are() -> None:
    """To the bit, with averages too, and the next member in its slot starts afresh."""

    def with_rate(rate: float, seed: int) -> Config:
        return member(seed, name="lamb", learning_rate=rate, use_ema=True)

    splits = number_splits()
    sane = [with_rate(0.05, 0), with_rate(0.02, 1), with_rate(0.01, 2)]
    calm = train_together([sane[0], sane[0], sane[1], sane[2]], splits, size=3)
    stormy = train_together([sane[0], with_rate(1e30, 3), sane[1], sane[2]], splits, size=3)
    assert stormy[1].state is RunState.DIVERGED
    assert stormy[1].epochs < 8
    for place in (0, 2, 3):
        assert stormy[place].state is RunState.FINISHED
        assert stormy[place].history == calm[place].history
        for weight, values in calm[place].weights.items():
            assert_array_equal(stormy[place].weights[weight], values, err_msg=weight)
    assert moved(calm[0], calm[2]) > 1e-3


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
def test_only_those_take_turns_that_must(optimizer: Any, dense: bool, tokens: bool) -> None:
    assert is_sequential(optimizer, model_of(keras.layers.Dense(2))) is dense
    table = keras.layers.Embedding(5, 2)
    assert is_sequential(optimizer, model_of(table, keras.layers.Flatten())) is tokens
