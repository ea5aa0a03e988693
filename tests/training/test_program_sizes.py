"""A member has the same bits whoever is trained beside it, alone too."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from regcli.data.dataset import Splits
from regcli.results.outcomes import Outcome
from regcli.stacked.layout import even_layout

from .examples import a_config, labels, rows, splits_of
from .populations import train_together

RELU = {"activation": "relu"}
DENSE = [{"Dense": {"units": 24, **RELU}}, "BatchNormalization", {"Dropout": {"rate": 0.3}}]
CASES: Mapping[str, tuple[list[Any], tuple[int, ...], Any, str]] = {
    "dense": (DENSE, (20,), "adam", "proximal"),
    "convolution": (
        [{"Conv2D": {"filters": 6, "kernel_size": 3, **RELU}}, "MaxPooling2D", "Flatten"],
        (8, 8, 1),
        {"name": "rmsprop", "global_clipnorm": 0.5},
        "penalty",
    ),
    "recurrent": ([{"LSTM": {"units": 7}}], (9, 3), "nadam", "penalty"),
    "in turns": ([{"Dense": {"units": 6}}], (20,), "muon", "penalty"),
}


def many_splits(shape: tuple[int, ...]) -> Splits:
    """So many rows that sums over them are large to XLA, for some members and not for one."""
    y = labels(240, 3)
    return splits_of(rows(shape, 240) + rows(shape, 3, seed=1)[y], y, classes=3)


def numbers_of(outcome: Outcome) -> dict[str, Any]:
    """Everything that a record keeps of training, validation and scoring."""
    scores = {f"{p}.{n}": v for p, part in outcome.metrics.items() for n, v in part.items()}
    return {**outcome.weights, **outcome.history, **scores}


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
def test_programs_of_any_size_give_the_same_bits(case: str) -> None:
    layers, shape, optimizer, method = CASES[case]
    splits = many_splits(shape)
    configs = [
        a_config(
            layers,
            regularization={"l1": 0.001 * number, "l2": 0.001, "method": method},
            training={"epochs": 1, "batch_size": 60, "optimizer": optimizer, "polish": 0},
        )
        for number in range(7)
    ]
    expected = numbers_of(train_together(configs, splits)[0])
    alone = even_layout(1, 1, threads=1)
    found = numbers_of(train_together(configs[:1], splits, alone.size)[0])
    assert found.keys() == expected.keys()
    for name, values in expected.items():
        assert np.array_equal(found[name], values), name
