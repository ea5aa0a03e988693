"""Every trainer keeps one contract: the tests that take `fit` run once for each of them."""

from typing import Any

import pytest

from regcli.config.schema import Config
from regcli.data.dataset import Splits
from regcli.training import reference
from regcli.training.devices import prepare_device
from regcli.training.outcome import OnEpoch, Outcome

from .examples import Fit, Trainer

TRAINERS: dict[str, Trainer] = {"reference": reference.train}


@pytest.fixture(params=TRAINERS)
def trainer(request: Any) -> Trainer:
    return TRAINERS[request.param]


@pytest.fixture
def fit(trainer: Trainer) -> Fit:
    """Train a config on splits, on the CPU made ready as a command does it."""
    device = prepare_device("cpu")

    def ignore(epoch: int) -> None:
        del epoch

    def train(config: Config, splits: Splits, on_epoch: OnEpoch = ignore) -> Outcome:
        return trainer(config, splits, device, on_epoch)

    return train
