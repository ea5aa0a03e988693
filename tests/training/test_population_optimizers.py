"""Every optimizer and schedule, as one of each member: 20 epochs that equal `fit`'s."""

from typing import Any

import pytest

from regcli.config import catalogue
from regcli.planning.populations import MEMBER_SCALARS

from .examples import a_config, class_splits
from .populations import assert_same_training, train_by_fit, train_together

OPTIMIZERS: list[dict[str, Any]] = [
    {"name": "SGD", "learning_rate": 0.1},
    {"name": "SGD", "learning_rate": 0.1, "momentum": 0.9, "weight_decay": 0.01},
    {"name": "SGD", "momentum": 0.8, "nesterov": True, "clipnorm": 0.05},
    {"name": "Adam", "learning_rate": 0.01},
    {"name": "Adam", "beta_1": 0.8, "beta_2": 0.95, "epsilon": 1e-4, "amsgrad": True},
    {"name": "Adam", "learning_rate": 0.01, "global_clipnorm": 0.05},
    {"name": "AdamW", "learning_rate": 0.01},
    {"name": "AdamW", "learning_rate": 0.01, "weight_decay": 0.1, "clipvalue": 0.01},
    {"name": "Adamax", "learning_rate": 0.01, "beta_1": 0.8},
    {"name": "Nadam", "learning_rate": 0.01, "beta_1": 0.8},
    {"name": "RMSprop", "learning_rate": 0.01, "rho": 0.8},
    {"name": "RMSprop", "momentum": 0.5, "centered": True, "epsilon": 1e-3},
    {"name": "Adagrad", "learning_rate": 0.1, "initial_accumulator_value": 0.2},
    {"name": "Adadelta", "learning_rate": 1.0, "rho": 0.9},
    {"name": "Lion", "learning_rate": 0.003, "weight_decay": 0.1},
    {
        "name": "Ftrl",
        "learning_rate": 0.1,
        "learning_rate_power": -0.6,
        "l2_regularization_strength": 0.01,
    },
    {"name": "ScheduleFreeAdamW", "learning_rate": 0.03, "warmup_steps": 5, "weight_decay": 0.1},
    {"name": "Lamb", "learning_rate": 0.03, "weight_decay": 0.1, "clipnorm": 0.05},
    {"name": "Adafactor", "learning_rate": 0.1},
    {"name": "Adafactor", "learning_rate": 0.1, "relative_step": False, "global_clipnorm": 0.1},
    {"name": "Muon", "learning_rate": 0.03, "exclude_layers": ["last"]},
    {"name": "Adam", "learning_rate": 0.01, "loss_scale_factor": 1024.0},
    {"name": "Adam", "learning_rate": 0.02, "use_ema": True, "ema_momentum": 0.9},
    {"name": "SGD", "learning_rate": 0.1, "use_ema": True, "ema_overwrite_frequency": 3},
    {
        "name": "Nadam",
        "learning_rate": 0.03,
        "gradient_accumulation_steps": 2,
        "use_ema": True,
        "ema_momentum": 0.8,
        "ema_overwrite_frequency": 7,
        "loss_scale_factor": 64.0,
        "clipvalue": 0.1,
        "weight_decay": 0.01,
    },
]
SCHEDULES: dict[str, dict[str, Any]] = {
    "CosineDecay": {
        "initial_learning_rate": 0.01,
        "decay_steps": 60,
        "warmup_target": 0.1,
        "warmup_steps": 20,
    },
    "CosineDecayRestarts": {"initial_learning_rate": 0.1, "first_decay_steps": 25, "m_mul": 0.8},
    "ExponentialDecay": {
        "initial_learning_rate": 0.1,
        "decay_steps": 12,
        "decay_rate": 0.7,
        "staircase": True,
    },
    "InverseTimeDecay": {"initial_learning_rate": 0.1, "decay_steps": 10, "decay_rate": 0.9},
    "PiecewiseConstantDecay": {"boundaries": [15, 40], "values": [0.1, 0.03, 0.2]},
    "PolynomialDecay": {
        "initial_learning_rate": 0.1,
        "decay_steps": 30,
        "power": 2.0,
        "cycle": True,
    },
}


def named(optimizer: dict[str, Any]) -> str:
    rest = [name for name in optimizer if name not in {"name", "learning_rate"}]
    return " ".join([optimizer["name"], *rest])


def assert_equals_fit(optimizer: dict[str, Any]) -> None:
    splits = class_splits(scale="standard")
    config = a_config(
        [{"Dense": {"units": 6, "activation": "tanh"}}, {"Dense": {"units": 3, "name": "last"}}],
        regularization={"l2": 0.003},
        training={"epochs": 20, "batch_size": 8, "optimizer": optimizer, "seed": 2},
    )
    (ours,) = train_together([config], splits)
    assert ours.history["loss"][-1] < ours.history["loss"][0] - 0.01
    assert_same_training(ours, train_by_fit(config, splits))


@pytest.mark.slow
@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=named)
def test_an_optimizer_equals_fit(optimizer: dict[str, Any]) -> None:
    assert_equals_fit(optimizer)


@pytest.mark.usefixtures("uncompiled")
@pytest.mark.slow
@pytest.mark.parametrize("name", SCHEDULES)
def test_a_schedule_equals_fit(name: str) -> None:
    """80 steps, over which each schedule turns, restarts or jumps."""
    assert_equals_fit({"name": "SGD", "learning_rate": {name: SCHEDULES[name]}})


@pytest.mark.usefixtures("uncompiled")
@pytest.mark.slow
def test_a_schedule_goes_by_the_steps_that_accumulate() -> None:
    schedule = {"ExponentialDecay": SCHEDULES["ExponentialDecay"]}
    assert_equals_fit({"name": "SGD", "learning_rate": schedule, "gradient_accumulation_steps": 3})


def test_none_is_left_out() -> None:
    assert {optimizer["name"] for optimizer in OPTIMIZERS} == set(MEMBER_SCALARS)
    assert set(MEMBER_SCALARS) == set(catalogue.names("optimizers"))
    assert set(SCHEDULES) == set(catalogue.names("schedules"))
