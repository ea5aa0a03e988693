"""Members on splits with unequally many rows, in one program: each as `fit` trains it alone."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from regcli.config.schema import Config
from regcli.data.dataset import Part, Splits

from .examples import a_config, labels, rows, splits_of
from .populations import assert_same_training, train_by_fit, train_together

SIZES = ((64, 21), (65, 30), (97, 17), (33, 25), (20, 40))
"""Rows to train on and to validate on: from one batch of 32 to four, full ones and smaller ones."""


def cut(splits: Splits, train: int, validation: int) -> Splits:
    """So many rows of each part."""
    given = splits.validation
    assert given is not None

    def first(part: Part, count: int) -> Part:
        assert len(part) >= count
        return Part(part.x[:count], part.y[:count])

    return replace(splits, train=first(splits.train, train), validation=first(given, validation))


def of_classes(shape: tuple[int, ...] = (4,), sizes: Any = SIZES) -> list[Splits]:
    y = labels(200, 3)
    whole = splits_of(rows(shape, 200) + rows(shape, 3, seed=1)[y], y, classes=3)
    return [cut(whole, *own) for own in sizes]


def of_quantities() -> list[Splits]:
    x = rows((4,), 200)
    y = 5 + x @ [1.0, -2.0, 0.5, 0.0] + rows((), 200, 1)
    whole = splits_of(x, y)
    return [cut(whole, *own) for own in SIZES]


TANH = {"Dense": {"units": 6, "activation": "tanh"}}
EARLY = {"monitor": "validation.data_loss", "patience": 1}
CASES: Mapping[str, tuple[Sequence[Splits], Sequence[Any], Mapping[str, Any]]] = {
    "adam, class weights, early stopping": (
        of_classes(),
        [TANH],
        {
            "optimizer": {"name": "adam", "learning_rate": 0.1},
            "class_weight": "balanced",
            "early_stopping": EARLY,
            "epochs": 6,
        },
    ),
    "momentum, batch normalization": (
        of_quantities(),
        [TANH, "BatchNormalization"],
        {"optimizer": {"name": "sgd", "learning_rate": 0.01, "momentum": 0.9}},
    ),
    "sequential, averages": (
        of_quantities(),
        [TANH],
        {"optimizer": {"name": "lamb", "use_ema": True, "ema_overwrite_frequency": 3}},
    ),
    "steps in time, activities": (
        of_classes((3, 2)),
        [
            {"TimeDistributed": {"layer": {"Dense": {"units": 3}}}},
            {"ActivityRegularization": {"l2": 0.01}},
            "Flatten",
        ],
        {"optimizer": {"name": "nadam"}},
    ),
}


@pytest.mark.usefixtures("uncompiled")
@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
def test_each_member_trains_as_fit_does_on_its_rows(case: str) -> None:
    data, layers, training = CASES[case]
    configs = [
        a_config(
            layers,
            regularization={"l2": 0.01},
            training={"epochs": 3, "batch_size": 32, "seed": seed, **training},
        )
        for seed in range(len(data))
    ]
    together = train_together(configs, data)
    for config, own, outcome in zip(configs, data, together, strict=True):
        assert_same_training(outcome, train_by_fit(config, own))
