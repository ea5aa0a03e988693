"""Every trainer keeps one contract: the tests that take `fit` run once for each of them.

Those that take `reference_fit` are about what the reference trainer alone does: configs that no
population takes, and errors that are found before a trainer is chosen.
"""

from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from regcli.config.schema import Config
from regcli.data.dataset import Splits
from regcli.planning.events import EpochsDone
from regcli.results.outcomes import OnEpoch, Outcome, WarmStart
from regcli.stacked.layout import even_layout
from regcli.training import reference
from regcli.training.devices import prepare_device
from regcli.training.population.trainer import PopulationMember, train_population

from .examples import Fit, Trainer


def train_in_a_population_of_one(
    config: Config,
    splits: Splits,
    device: str,
    on_epoch: OnEpoch,
    start: WarmStart | None = None,
) -> Outcome:
    done, outcomes = 0, []
    member = PopulationMember("", config, splits)
    if start is not None:
        given = start.weights
        member = replace(
            member, parent="stored", keep_zeros=start.keep_zeros, weights=lambda: given
        )
    for event in train_population([member], even_layout(1, 1, 1), device):
        if isinstance(event, EpochsDone):
            done += event.count
            on_epoch(done)
        else:
            outcomes += [outcome for _, outcome in event.outcomes]
    (outcome,) = outcomes
    return outcome


TRAINERS: dict[str, Trainer] = {
    "reference": reference.train,
    "population": train_in_a_population_of_one,
}


@pytest.fixture(
    params=["reference", pytest.param("population", marks=pytest.mark.slow)]  # it compiles
)
def trainer(request: Any) -> Trainer:
    return TRAINERS[request.param]


@pytest.fixture
def fit(trainer: Trainer) -> Fit:
    """Train a config on splits, on the CPU made ready as a command does it."""
    return fit_by(trainer)


@pytest.fixture
def reference_fit() -> Fit:
    """As `fit`, by the reference trainer."""
    return fit_by(reference.train)


@cache
def fit_by(trainer: Trainer) -> Fit:
    device = prepare_device("cpu")

    def ignore(epoch: int) -> None:
        del epoch

    def train(
        config: Config,
        splits: Splits,
        on_epoch: OnEpoch = ignore,
        start: WarmStart | None = None,
    ) -> Outcome:
        return trainer(config, splits, device, on_epoch, start)

    return train
