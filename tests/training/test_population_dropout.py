"""Dropout in a population trains as in `fit`."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import pytest

from regcli.config.schema import Config
from regcli.data.dataset import Splits
from regcli.results.outcomes import Outcome
from regcli.training import reference

from .examples import a_config, binary_splits
from .populations import moved, train_by_fit, train_together


def fitted_by_one_model(configs: Sequence[Config], splits: Splits) -> list[Outcome]:
    """Outcomes of `fit` for configs that differ in their seeds alone.

    Keras traces one model for all; before each seed it is given all that a model of its own has.
    """
    prepare, shared = reference.prepare_model, reference.prepare_model(configs[0], splits)

    def prepared(config: Config, splits: Splits) -> reference.Prepared:
        own = prepare(config, splits)
        for model in (own.model, shared.model):
            model.optimizer.build(model.trainable_variables)
        for kept, value in zip(state(shared.model), state(own.model), strict=True):
            kept.assign(value)
        return shared

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reference, "prepare_model", prepared)
        return [train_by_fit(config, splits) for config in configs]


def state(model: keras.Sequential) -> list[keras.Variable]:
    """Weights, states of random numbers and metrics, and what the optimizer keeps."""
    return [*model.variables, *model.optimizer.variables]


@pytest.mark.slow
def test_dropout_trains_as_in_fit_over_thirty_seeds() -> None:
    """Final data losses have one distribution: their means differ by less than 3 standard errors.

    The start and the batches of a seed are the same in both, so the difference is taken by pairs.
    """
    splits = binary_splits((6,), 60)

    def config(seed: int, rate: float) -> Any:
        layers = [{"Dense": {"units": 16, "activation": "relu"}}, {"Dropout": {"rate": rate}}]
        optimizer = {"name": "adam", "learning_rate": 0.02}
        training = {"epochs": 12, "batch_size": 16, "seed": seed, "optimizer": optimizer}
        return a_config(layers, training=training)

    configs = [config(seed, 0.5) for seed in range(30)]
    ours = train_together([*configs, config(0, 0.0)], splits)
    theirs = fitted_by_one_model(configs, splits)
    for part in ("train", "validation"):
        mine, fits = (
            np.array([outcome.metrics[part]["data_loss"] for outcome in outcomes])
            for outcomes in (ours[:30], theirs)
        )
        difference = mine - fits
        error = difference.std(ddof=1) / np.sqrt(30)
        assert abs(difference.mean()) < 3 * error
        # It could have been told from training without dropout:
        assert error < abs(ours[30].metrics[part]["data_loss"] - ours[0].metrics[part]["data_loss"])
    assert moved(ours[0], ours[30]) > 0.01
