"""How many full-batch steps proximal training ends with."""

from typing import Any

import keras
import pytest

from regcli.training.polish import polish_steps
from regcli.training.polishes import Polishes
from regcli.training.population.from_configs import make_recipe

from .examples import a_config, binary_splits

L = keras.layers
STEPS = (4, 3)
PROXIMAL = {"l1": 0.1, "method": "proximal"}


@pytest.mark.parametrize(
    ("layers", "shape", "expected"),
    [
        ([L.Dense(1)], (4,), 10_000),
        ([L.Flatten(), L.Dense(1)], STEPS, 10_000),
        ([L.Dense(3), L.Dense(1)], (4,), 100),
        ([L.LSTM(2), L.Dense(1)], STEPS, 100),
        ([L.Dropout(0.1), L.Dense(1)], (4,), 0),
        ([L.LSTM(2, dropout=0.5), L.Dense(1)], STEPS, 0),
        ([L.TimeDistributed(L.Dropout(0.1)), L.Flatten(), L.Dense(1)], STEPS, 0),
    ],
)
def test_steps_unless_the_config_says_otherwise(
    layers: list[Any], shape: tuple[int, ...], expected: int
) -> None:
    model = keras.Sequential([keras.Input(shape), *layers])
    config = a_config(regularization={"l1": 0.1, "method": "proximal"})
    assert polish_steps(config, model) == expected
    own = a_config(regularization={"l1": 0.1, "method": "proximal"}, training={"polish": 7})
    assert polish_steps(own, model) == 7


@pytest.mark.parametrize(
    ("optimizer", "is_polished"),
    [
        ({"name": "sgd"}, True),
        ({"name": "sgd", "weight_decay": 0.1}, False),
        ({"name": "adam", "weight_decay": 0.0}, False),  # it is compared with others of its grid
        ({"name": "adamw"}, False),
    ],
    ids=str,
)
def test_weight_decay_beside_the_objective_is_not_undone(
    optimizer: dict[str, Any], is_polished: bool
) -> None:
    training = {"optimizer": optimizer}
    config = a_config(regularization={"l1": 0.1, "method": "proximal"}, training=training)
    polish = Polishes().of(config, binary_splits(), keras.losses.BinaryCrossentropy())
    assert (polish is not None) == is_polished


def test_one_architecture_has_one_polish_whatever_its_strengths() -> None:
    polishes = Polishes()

    def made(l1: float, units: int) -> object:
        config = a_config(
            [{"Dense": {"units": units}}, {"Dense": {"units": 1}}],
            regularization={"l1": l1, "method": "proximal"},
        )
        return polishes.of(config, binary_splits(), keras.losses.BinaryCrossentropy())

    assert made(0.1, units=3) is made(0.2, units=3)
    assert made(0.1, units=3) is not made(0.1, units=4)


def test_the_programs_of_a_population_share_one_polish() -> None:
    config = a_config([{"Dense": {"units": 3}}, {"Dense": {"units": 1}}], regularization=PROXIMAL)
    polishes, splits = Polishes(), [binary_splits()]
    first, second = (make_recipe(config, splits, (), False, polishes) for _ in range(2))
    assert first.polish is not None
    assert first.polish is second.polish


def test_trainings_share_no_polish() -> None:
    config = a_config([{"Dense": {"units": 1}}], regularization=PROXIMAL)
    first, second = (
        Polishes().of(config, binary_splits(), keras.losses.BinaryCrossentropy()) for _ in range(2)
    )
    assert first is not None
    assert first is not second
