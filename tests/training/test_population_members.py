"""A member's numbers are its own: whoever is trained beside it, wherever, and in whose place."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from regcli.config.schema import Config
from regcli.results.outcomes import Outcome
from regcli.results.records import RunState
from regcli.stacked import program
from regcli.stacked.stacked_optimizer import clip_by_member

from .examples import a_config, class_splits, number_splits, rows, splits_of
from .populations import (
    assert_same_training,
    assert_same_weights,
    moved,
    train_by_fit,
    train_together,
)

HIDDEN = {"Dense": {"units": 6, "activation": "tanh"}}


def member(
    l1: float = 0.0,
    l2: float = 0.0,
    seed: int = 0,
    rate: float | None = None,
    epochs: int = 6,
    early_stopping: Any = None,
    **optimizer: Any,
) -> Config:
    """A small net of one hidden layer; with a dropout rate, also a Dropout layer."""
    dropout = [] if rate is None else [{"Dropout": {"rate": rate}}]
    return a_config(
        [HIDDEN, *dropout],
        regularization={"l1": l1, "l2": l2},
        training={
            "epochs": epochs,
            "batch_size": 8,
            "seed": seed,
            "optimizer": {"name": "adam", "learning_rate": 0.01, **optimizer},
            "early_stopping": early_stopping,
        },
    )


def assert_bit_identical(ours: Outcome, theirs: Outcome) -> None:
    for name, values in theirs.weights.items():
        assert_array_equal(ours.weights[name], values, err_msg=name)
    assert ours.history == theirs.history
    assert ours.metrics == theirs.metrics


MIXED = [
    member(l2=0.01, rate=0.2),
    member(l1=0.003, seed=1, rate=0.2),
    member(l2=0.1, seed=2, rate=0.6, learning_rate=0.03),
    member(seed=1, rate=0.0, learning_rate=0.001),
    member(l1=0.001, l2=0.001, seed=2**31 - 1, rate=0.3),
]


@pytest.fixture(scope="module")
def alone() -> list[Outcome]:
    """Each of MIXED in a population of its own."""
    splits = class_splits()
    return [train_together([config], splits)[0] for config in MIXED]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("order", "size", "threads"),
    [
        ([0, 1, 2, 3, 4], 5, 1),
        ([3, 4, 1, 0, 2], 2, 1),  # three of them in slots that others have left
        ([4, 3, 2, 1, 0], 2, 2),
        ([2, 0, 4, 1, 3], 1, 1),
    ],
    ids=["together", "refilled", "two programs", "one after the other"],
)
def test_company_and_place_change_nothing(
    alone: Sequence[Outcome], order: list[int], size: int, threads: int
) -> None:
    outcomes = train_together([MIXED[place] for place in order], class_splits(), size, threads)
    for place, outcome in zip(order, outcomes, strict=True):
        assert_same_training(outcome, alone[place], rtol=1e-6, atol=1e-6)
    assert min(moved(outcomes[0], other) for other in outcomes[1:]) > 1e-3


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "differing"),
    [
        ("adam", {"beta_1": [0.5, 0.95], "weight_decay": [0.0, 0.3], "epsilon": [1e-7, 0.1]}),
        ("nadam", {"beta_2": [0.9, 0.999], "learning_rate": [0.1, 0.001]}),
        ("sgd", {"learning_rate": [0.3, 0.01], "weight_decay": [0.2, 0.0]}),
        ("rmsprop", {"rho": [0.5, 0.99], "learning_rate": [0.03, 0.001]}),
        ("lion", {"beta_1": [0.5, 0.95], "beta_2": [0.9, 0.999]}),
        (
            "lamb",
            {"learning_rate": [0.1, 0.001], "beta_1": [0.5, 0.95], "weight_decay": [0.0, 0.3]},
        ),
        ("adafactor", {"learning_rate": [0.3, 0.01], "clip_threshold": [1.0, 0.3]}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_scalars_of_the_optimizer_are_each_member_s_own(
    name: str, differing: dict[str, list[float]]
) -> None:
    """Three members in two slots, so that one of them takes over a slot with its optimizer."""
    splits = class_splits()
    picked = [{key: values[place] for key, values in differing.items()} for place in (0, 1, 0)]
    seeds = (0, 0, 1)
    configs = [
        member(name=name, seed=seed, **scalars) for seed, scalars in zip(seeds, picked, strict=True)
    ]
    outcomes = train_together(configs, splits, size=2)
    assert moved(outcomes[0], outcomes[1]) > 1e-2
    for config, outcome in zip(configs, outcomes, strict=True):
        assert_same_training(outcome, train_by_fit(config, splits))


@pytest.mark.slow
def test_strengths_of_single_layers_are_each_member_s_own() -> None:
    def config(first: float, last: float) -> Config:
        layers = [
            {"Dense": {"units": 5, "activation": "tanh", "l2": first}},
            {"Dense": {"units": 3, "l2": last}},
        ]
        return a_config(layers, regularization={"l2": 0.5}, training={"epochs": 6})

    splits = class_splits()
    configs = [config(0.0, 0.1), config(0.1, 0.0), config(0.1, 0.1)]
    for ours, made in zip(train_together(configs, splits), configs, strict=True):
        assert_same_training(ours, train_by_fit(made, splits))


def overfitting(patience: int, seed: int, l2: float, monitor: str) -> Config:
    return member(
        l2=l2,
        seed=seed,
        epochs=30,
        learning_rate=0.05,
        early_stopping={"monitor": monitor, "patience": patience},
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    "monitor", ["validation.data_loss", "validation.objective", "validation.accuracy"]
)
def test_each_member_stops_by_itself_and_has_its_best_weights_back(monitor: str) -> None:
    """Labels by chance: members stop at different epochs, and others take their slots."""
    splits = splits_of(rows((6,), 60), np.random.default_rng(5).integers(0, 2, 60), classes=2)
    configs = [
        overfitting(3, seed, l2, monitor) for seed, l2 in ((0, 0.0), (1, 0.0), (0, 0.3), (2, 0.01))
    ]
    outcomes = train_together(configs, splits, size=2)
    for config, outcome in zip(configs, outcomes, strict=True):
        assert_same_training(outcome, train_by_fit(config, splits))
    epochs = [outcome.epochs for outcome in outcomes]
    assert min(epochs) < 30
    assert len(set(epochs)) > 1


@pytest.mark.slow
@pytest.mark.parametrize("clipping", [{}, {"clipnorm": 0.5}, {"global_clipnorm": 0.5}])
def test_a_member_that_diverges_leaves_the_others_as_they_are(clipping: dict[str, float]) -> None:
    """To the bit, and the next member in its slot starts afresh."""
    config = a_config([HIDDEN], training={"epochs": 8, "batch_size": 8})

    def with_rate(rate: float, seed: int) -> Config:
        optimizer = {"name": "sgd", "learning_rate": rate, **clipping}
        training = config.training.model_dump() | {"optimizer": optimizer, "seed": seed}
        return a_config([HIDDEN], training=training)

    splits = number_splits()
    sane = [with_rate(0.05, 0), with_rate(0.02, 1), with_rate(0.01, 2)]
    broken = with_rate(1e38 if clipping else 1e30, 3)
    calm = train_together([sane[0], sane[0], sane[1], sane[2]], splits, size=3)
    stormy = train_together([sane[0], broken, sane[1], sane[2]], splits, size=3)
    assert stormy[1].state is RunState.DIVERGED
    assert stormy[1].epochs < 8
    assert stormy[1].message == f"the loss was not finite after epoch {stormy[1].epochs}"
    for place in (0, 2, 3):
        assert stormy[place].state is RunState.FINISHED
        assert_bit_identical(stormy[place], calm[place])


@pytest.mark.slow
def test_a_member_that_diverges_right_after_its_best_epoch_keeps_its_best_weights() -> None:
    """The rate jumps after two epochs of three steps: epoch 3 is lost, epoch 2 was the best."""
    jump = {"PiecewiseConstantDecay": {"boundaries": [5], "values": [0.05, 1e30]}}
    config = a_config(
        [HIDDEN],
        training={
            "epochs": 9,
            "batch_size": 8,
            "optimizer": {"name": "sgd", "learning_rate": jump},
            "early_stopping": {"monitor": "validation.data_loss", "patience": 5},
        },
    )
    splits = number_splits()
    (ours,) = train_together([config], splits)
    theirs = train_by_fit(config, splits)
    assert (theirs.state, theirs.epochs) == (RunState.DIVERGED, 3)
    assert (ours.state, ours.epochs, ours.message) == (theirs.state, 3, theirs.message)
    assert_same_weights(ours, theirs, 1e-5)
    assert ours.metrics["validation"]["data_loss"] == pytest.approx(
        min(theirs.history["val_data_loss"][:2]), rel=1e-5
    )


class Clipping:
    """An optimizer's three limits; one of them is set."""

    def __init__(self, **limits: float) -> None:
        self.clipvalue = limits.get("clipvalue")
        self.clipnorm = limits.get("clipnorm")
        self.global_clipnorm = limits.get("global_clipnorm")


@pytest.mark.parametrize("limit", ["clipnorm", "global_clipnorm", "clipvalue"])
def test_clipping_takes_the_norm_of_each_member(limit: str) -> None:
    """A member with a huge gradient, or none that is a number, shortens nobody else's."""
    rng = np.random.default_rng(0)
    gradients = [rng.standard_normal((3, 4)).astype(np.float32) for _ in range(2)]
    huge = [g * np.float32([[1], [1e12], [1]]) for g in gradients]
    lost = [g * np.float32([[1], [np.nan], [1]]) for g in gradients]
    clipping = Clipping(**{limit: 0.5})
    plain, beside_huge, beside_lost = (
        [np.asarray(g) for g in clip_by_member(clipping, made)] for made in (gradients, huge, lost)
    )
    norms = np.sqrt(sum(np.square(g).sum(axis=1) for g in plain))
    if limit == "global_clipnorm":
        np.testing.assert_allclose(norms, 0.5, rtol=1e-5)
    for first, second, third in zip(plain, beside_huge, beside_lost, strict=True):
        assert np.abs(first).max() <= 0.5 + 1e-6
        assert_array_equal(second[[0, 2]], first[[0, 2]])
        assert_array_equal(third[[0, 2]], first[[0, 2]])
        assert np.isfinite(second).all()


COUNT_COMPILATIONS = """
from training.examples import binary_splits
from training.populations import train_together
from training.test_population_members import member
early = {"monitor": "validation.data_loss", "patience": 1}
differing = [(0.0, 0, 0.1, 0.01), (0.1, 0, 0.2, 0.1), (0.01, 1, 0.3, 0.001), (1.0, 2, 0.4, 0.01)]
configs = [
    member(l1=l1, seed=seed, rate=rate, learning_rate=learning_rate, early_stopping=early)
    for l1, seed, rate, learning_rate in differing
]
print(sum(outcome.epochs for outcome in train_together(configs, binary_splits(), size=2)))
"""


@pytest.mark.slow
def test_a_program_is_compiled_once(tmp_path: Path) -> None:
    """Over epochs, refills, strengths, rates and seeds, by what XLA itself says it has compiled."""
    ended = subprocess.run(
        [sys.executable, "-c", COUNT_COMPILATIONS],
        cwd=Path(__file__).parents[1],
        env=os.environ | {"XLA_FLAGS": f"--xla_dump_to={tmp_path} --xla_dump_hlo_as_text"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(ended.stdout) > 8
    compiled = [path.name for path in tmp_path.glob("*train_epoch*.before_optimizations.txt")]
    assert len(compiled) == 1, compiled


@pytest.mark.slow
def test_members_may_have_splits_of_their_own() -> None:
    data = [class_splits(seed=seed) for seed in (0, 1)]
    members = [(member(l2=0.01, seed=seed), splits) for seed in (0, 1) for splits in data]
    configs, splits = [config for config, _ in members], [split for _, split in members]
    together = train_together(configs, splits)
    for outcome, (config, split) in zip(together, members, strict=True):
        assert_same_training(outcome, train_by_fit(config, split))


@pytest.mark.slow
def test_splits_of_a_quantity_have_a_spread_of_their_own() -> None:
    data = [number_splits(seed=seed) for seed in (0, 1)]
    together = train_together([member(), member()], data)
    for outcome, split in zip(together, data, strict=True):
        assert_same_training(outcome, train_by_fit(member(), split))


@pytest.mark.slow
def test_validation_rows_that_are_many_go_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of two rows for two members of four columns and six units; the last is filled up."""
    monkeypatch.setattr(program, "MAX_NUMBERS", 2 * 6 * 2)
    splits, configs = class_splits(validation=0.25), [member(l2=0.01), member(seed=1)]
    assert splits.validation is not None
    assert len(splits.validation) % 2
    for outcome, config in zip(train_together(configs, splits), configs, strict=True):
        assert_same_training(outcome, train_by_fit(config, splits))
