"""Training members together, and comparing what comes out with what `fit` gives."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.testing import assert_allclose

from regcli.config.schema import Config
from regcli.data.dataset import Splits
from regcli.planning.events import RunsEnded
from regcli.results.outcomes import Outcome
from regcli.stacked.layout import Layout
from regcli.training import reference
from regcli.training.devices import prepare_device
from regcli.training.polishes import Polishes
from regcli.training.population.trainer import PopulationMember, train_population

POLISHES = Polishes()
"""Compiled once for all tests of one architecture."""


def train_together(
    configs: Sequence[Config],
    splits: Splits | Sequence[Splits],
    size: int | None = None,
    threads: int = 1,
) -> list[Outcome]:
    """Outcomes in the order of the configs; one program that holds them all unless told else.

    The splits are one for all, or one for each.
    """
    layout = Layout(size or len(configs), threads)
    outcomes: dict[str, Outcome] = {}
    data = [splits] * len(configs) if isinstance(splits, Splits) else splits
    members = [
        PopulationMember(str(number), config, own)
        for number, (config, own) in enumerate(zip(configs, data, strict=True))
    ]
    for event in train_population(members, layout, prepare_device("cpu"), polishes=POLISHES):
        if isinstance(event, RunsEnded):
            outcomes.update(event.outcomes)
    return [outcomes[str(number)] for number in range(len(configs))]


def train_by_fit(config: Config, splits: Splits) -> Outcome:
    device = prepare_device("cpu")
    return reference.train(config, splits, device, lambda epoch: None, polishes=POLISHES)


def assert_same_weights(ours: Outcome, theirs: Outcome, atol: float) -> None:
    assert list(ours.weights) == list(theirs.weights)
    for name, values in theirs.weights.items():
        assert_allclose(ours.weights[name], values, rtol=0, atol=atol, err_msg=name)


def assert_same_scores(
    ours: Mapping[str, Any], theirs: Mapping[str, Any], rtol: float, atol: float
) -> None:
    """Histories, or the scores of one part: the same names, and values that agree."""
    assert set(ours) == set(theirs)
    for name, values in theirs.items():
        assert_allclose(ours[name], values, rtol=rtol, atol=atol, err_msg=name)


def assert_same_training(
    ours: Outcome, theirs: Outcome, rtol: float = 1e-5, atol: float = 1e-5
) -> None:
    """Everything that an outcome tells is the same, but for the seconds."""
    assert (ours.state, ours.epochs, ours.message) == (theirs.state, theirs.epochs, theirs.message)
    assert_same_scores(ours.history, theirs.history, rtol, atol)
    assert_same_weights(ours, theirs, atol)
    assert set(ours.metrics) == set(theirs.metrics)
    for part, scores in theirs.metrics.items():
        assert_same_scores(ours.metrics[part], scores, rtol, atol)
    assert set(ours.rows) == set(theirs.rows)
    for part, rows in theirs.rows.items():
        assert_same_scores(ours.rows[part], rows, 10 * rtol, 10 * atol)
    assert ours.sparsity is not None
    assert theirs.sparsity is not None
    assert ours.sparsity.total == theirs.sparsity.total
    assert ours.sparsity.exact == theirs.sparsity.exact


def moved(outcome: Outcome, start: Outcome) -> float:
    """How far the weights of two outcomes are apart, at the most."""
    return max(float(np.abs(outcome.weights[n] - start.weights[n]).max()) for n in start.weights)
