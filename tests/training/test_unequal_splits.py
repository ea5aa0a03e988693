"""Members on splits with unequally many rows, in one program: each as `fit` trains it alone."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from compiling import without_xla
from numpy.testing import assert_array_equal

from regcli.config.schema import Config
from regcli.data.dataset import Part, Splits
from regcli.planning.events import RunsEnded
from regcli.results.outcomes import Outcome
from regcli.stacked.layout import Layout
from regcli.training.devices import prepare_device
from regcli.training.population import worker
from regcli.training.population.trainer import PopulationMember, train_population

from .examples import a_config, labels, rows, splits_of
from .populations import assert_same_training, train_by_fit, train_together

SIZES = ((64, 21), (97, 17), (20, 40))
"""Rows to train on and to validate on: from one batch of 32 to four, full ones and smaller ones."""


def cut(splits: Splits, train: int, validation: int) -> Splits:
    """So many rows of each part."""
    given = splits.validation
    assert given is not None

    def first(part: Part, count: int) -> Part:
        assert len(part) >= count
        return Part(part.x[:count], part.y[:count])

    return replace(splits, train=first(splits.train, train), validation=first(given, validation))


def of_classes(sizes: Sequence[tuple[int, int]] = SIZES) -> list[Splits]:
    y = labels(200, 3)
    whole = splits_of(rows((4,), 200) + rows((4,), 3, seed=1)[y], y, classes=3)
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
            "class_weight": {"0": 3.0, "2": 0.5},
            "early_stopping": EARLY,
            "epochs": 6,
        },
    ),
    "momentum, batch normalization, activities": (
        of_quantities(),
        [TANH, "BatchNormalization", {"ActivityRegularization": {"l2": 0.01}}],
        {"optimizer": {"name": "sgd", "learning_rate": 0.01, "momentum": 0.9}},
    ),
    "sequential, averages": (
        of_quantities()[1:],
        [TANH],
        {"optimizer": {"name": "lamb", "use_ema": True, "ema_overwrite_frequency": 3}},
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


@pytest.mark.usefixtures("uncompiled")
@pytest.mark.slow
@pytest.mark.parametrize("layers", [[], [TANH]], ids=["one layer", "a net"])
def test_a_polish_sees_a_member_s_own_rows_alone(layers: Sequence[Any]) -> None:
    """One layer ends at the optimum of its rows; a net takes the steps that it takes alone."""
    data = of_classes(sizes=((97, 17), (33, 25)))
    regularization = {"l1": 0.01, "method": "proximal"}
    training = {"batch_size": 32, "polish": 20 if layers else None}
    config = a_config(layers, regularization=regularization, training=training)
    together = train_together([config] * len(data), data)
    for own, outcome in zip(data, together, strict=True):
        alone = train_by_fit(config, own)
        assert_same_training(outcome, alone)
        assert outcome.optimality is not None
        assert alone.optimality is not None
        assert outcome.optimality.settled is alone.optimality.settled is (not layers)
        assert outcome.optimality.polish_steps == pytest.approx(alone.optimality.polish_steps)


DROPOUT = [TANH, "BatchNormalization", {"Dropout": {"rate": 0.3}}]


@pytest.fixture(scope="module")
def mixed() -> tuple[list[Config], list[Splits]]:
    """Two members on each of three splits, of one to four steps an epoch; random as they train."""
    data = of_classes(sizes=((97, 17), (33, 25), (20, 40)))
    training = {"epochs": 3, "batch_size": 32}
    configs = [a_config(DROPOUT, training={**training, "seed": seed}) for seed in (0, 1)]
    return [config for config in configs for _ in data], data * len(configs)


@pytest.fixture(scope="module")
def undisturbed(mixed: tuple[list[Config], list[Splits]]) -> list[Outcome]:
    return train_together(*mixed)


@pytest.mark.slow
def test_company_of_another_size_is_not_felt(
    mixed: tuple[list[Config], list[Splits]], undisturbed: Sequence[Outcome]
) -> None:
    """Noise, moving statistics and steps are a member's own: as in a population of its size."""
    configs, data = mixed
    with without_xla():
        for number in (1, 5):
            (alone,) = train_together([configs[number]], data[number])
            assert_same_training(undisturbed[number], alone)


@pytest.mark.slow
def test_what_is_left_of_a_population_goes_on_bit_for_bit(
    mixed: tuple[list[Config], list[Splits]],
    undisturbed: Sequence[Outcome],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Stopped in its first epochs; then the members of one split are all that is left to train."""
    monkeypatch.setattr(worker, "SECONDS_BETWEEN", -1.0)
    members = [
        PopulationMember(str(number), config, own)
        for number, (config, own) in enumerate(zip(*mixed, strict=True))
    ]
    device = prepare_device("cpu")
    begun = train_population(members, Layout(6, 1), device, tmp_path)
    next(begun)
    begun.close()
    assert len(list(tmp_path.iterdir())) == len(members)
    left, every = members[1::3], mixed[1][:3]
    found: dict[str, Outcome] = {}
    for event in train_population(left, Layout(2, 1), device, tmp_path, splits=every):
        if isinstance(event, RunsEnded):
            found.update(event.outcomes)
    assert list(found) == ["1", "4"]
    for name, outcome in found.items():
        expected = undisturbed[int(name)]
        assert (outcome.history, outcome.metrics) == (expected.history, expected.metrics)
        for variable, numbers in expected.weights.items():
            assert_array_equal(outcome.weights[variable], numbers)
