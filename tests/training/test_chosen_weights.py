"""Strengths of single weights and of groups of layers, by both trainers, in float64."""

from typing import Any

import keras
import numpy as np
import pytest
from numpy.testing import assert_array_equal

from regcli.config.schema import Config
from regcli.models.interface import Interface
from regcli.models.model_source import model_source
from regcli.models.weights import read_weights, variable_name
from regcli.results.outcomes import Outcome, WarmStart
from regcli.training.existing_regularizers import existing_notes
from regcli.training.template import strengths_by_position

from .examples import Array, Fit, a_config, labels, rows, splits_of

RECURRENT = [
    {"LSTM": {"units": 3, "bias_regularizer": {"L2": {"l2": 0.05}}}},
    "BatchNormalization",
    {"Dense": {"units": 4, "name": "wide"}},
]
GROUPED = {
    "l1": 0.01,
    "l2": 0.02,
    "layers": ["wide", "gamma", "lstm/recurrent_kernel"],
    "bias": {"l2": 0.3},
    "groups": [
        {"layers": "lstm/kernel", "l1": 0.1},
        {"layers": ["out*"], "l2": 0.2},
        {"layers": "lstm/bias", "l1": 0.4},
    ],
}
TERMS = {
    "lstm/lstm_cell/kernel": (0.1, 0.0),
    "lstm/lstm_cell/recurrent_kernel": (0.01, 0.02),
    "lstm/lstm_cell/bias": (0.4, 0.05),  # a group's l1, and the layer's own l2
    "batch_normalization/gamma": (0.01, 0.02),
    "wide/kernel": (0.01, 0.02),
    "wide/bias": (0.0, 0.3),
    "output/kernel": (0.0, 0.2),
}


@pytest.fixture
def fit(uncompiled_fit: Fit) -> Fit:
    return uncompiled_fit


def sequences() -> Any:
    return splits_of(rows((3, 2), 48), labels(48), classes=2)


def penalty(outcome: Outcome, terms: dict[str, tuple[float, float]]) -> float:
    total = 0.0
    for name, (l1, l2) in terms.items():
        w: Array = outcome.weights[name].astype(np.float64)
        total += float(l1 * np.abs(w).sum() + l2 * (w**2).sum())
    return total


@pytest.mark.slow
@pytest.mark.parametrize("method", ["penalty", "proximal"])
def test_a_record_has_the_penalty_of_every_weight_that_is_named(fit: Fit, method: str) -> None:
    training = {"polish": 0} if method == "proximal" else {}
    section = {**GROUPED, "method": method}
    outcome = fit(a_config(RECURRENT, regularization=section, training=training), sequences())
    for scores in outcome.metrics.values():
        assert scores["penalty"] == pytest.approx(penalty(outcome, TERMS), rel=1e-12)
    assert outcome.sparsity is not None
    assert [layer.name for layer in outcome.sparsity.layers] == [
        "lstm",
        "lstm/lstm_cell/recurrent_kernel",
        "lstm/lstm_cell/bias",
        "batch_normalization/gamma",
        "wide",
        "output",
    ]


@pytest.mark.slow
def test_both_trainers_end_with_the_same_weights() -> None:
    from .conftest import BY_FIT, fit_by, train_in_a_population_of_one

    config = a_config(RECURRENT, regularization=GROUPED, training={"epochs": 3})
    splits = sequences()
    one, other = (fit_by(t)(config, splits) for t in (BY_FIT, train_in_a_population_of_one))
    for name, weights in one.weights.items():
        np.testing.assert_allclose(other.weights[name], weights, rtol=2e-4, atol=2e-6)


def one_step(fit: Fit, **regularization: Any) -> Outcome:
    """One full-batch step of gradient descent with rate 1."""
    training = {"epochs": 1, "batch_size": 64, "optimizer": {"name": "sgd", "learning_rate": 1.0}}
    config = a_config(RECURRENT, regularization=regularization, training=training)
    return fit(config, sequences())


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "moved"),
    [
        ("recurrent_kernel", {"lstm/lstm_cell/recurrent_kernel"}),
        ("*/gamma", {"batch_normalization/gamma"}),
        ("LSTM", {"lstm/lstm_cell/kernel"}),
        ("wide/*", {"wide/kernel", "wide/bias"}),
        ("hidden", {"lstm/lstm_cell/kernel", "wide/kernel"}),
    ],
)
def test_the_gradient_changes_for_chosen_weights_only(fit: Fit, text: str, moved: set[str]) -> None:
    """A step of rate 1 from start weights w differs by −2·l2·w, where strengths apply."""
    before = one_step(fit, layers=[text])
    after = one_step(fit, layers=[text], l2=0.125)
    config = a_config(RECURRENT)
    keras.utils.set_random_seed(config.training.seed)
    source = model_source(config, Interface.of_splits(sequences()))
    start = read_weights(source.bare())
    changed = set()
    for name, weights in before.weights.items():
        difference = after.weights[name] - weights
        expected = -0.25 * start[name] if name in moved else np.zeros_like(weights)
        np.testing.assert_allclose(difference, expected, atol=1e-6)
        if np.abs(difference).max() > 1e-5:
            changed.add(name)
    assert changed == {name for name in moved if np.any(start[name])}


@pytest.mark.slow
def test_strengths_of_zero_change_nothing(fit: Fit) -> None:
    named = {
        "layers": ["all", "recurrent_kernel", "gamma"],
        "groups": [{"layers": "lstm/bias", "l1": 0}],
    }
    without, zero = (one_step(fit, **section) for section in ({}, named))
    for name, weights in without.weights.items():
        assert_array_equal(zero.weights[name], weights)
    assert zero.metrics["train"]["penalty"] == without.metrics["train"]["penalty"]


@pytest.mark.slow
@pytest.mark.parametrize("keeps", [False, True])
def test_zeros_of_named_weights_are_held(fit: Fit, keeps: bool) -> None:
    """Those of weights that nobody names may leave zero."""
    start = dict(one_step(fit, layers=["recurrent_kernel"]).weights)
    names = ("lstm/lstm_cell/recurrent_kernel", "batch_normalization/gamma")
    for name in names:
        start[name] = start[name].copy()
        start[name].flat[::2] = 0.0
    config = a_config(RECURRENT, regularization={"layers": ["recurrent_kernel"]})
    ended = fit(config, sequences(), start=WarmStart(start, keeps)).weights
    recurrent, gamma = (ended[name].flat[::2] for name in names)
    assert np.all(gamma != 0)
    assert np.all(recurrent == 0) if keeps else np.all(recurrent != 0)


@pytest.mark.slow
def test_proximal_steps_make_zeros_of_named_weights(fit: Fit) -> None:
    section = {"l1": 0.05, "method": "proximal", "layers": ["recurrent_kernel"]}
    config = a_config(RECURRENT, regularization=section, training={"epochs": 20, "polish": 0})
    sparsity = fit(config, sequences()).sparsity
    assert sparsity is not None
    zeros = {layer.name: layer.exact for layer in sparsity.layers}
    assert zeros.pop("lstm/lstm_cell/recurrent_kernel") > 0.2
    assert set(zeros.values()) == {0.0}


OWN = [{"Dense": {"units": 3, "bias_regularizer": {"L2": {"l2": 0.5}}}}]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("existing", "bias", "note"),
    [
        (
            "add",
            (0.1, 0.5),
            "Regularizers of the model itself count in addition to strengths: L2 of dense/bias.",
        ),
        (
            "replace",
            (0.1, 0.0),
            "Regularizers of the model itself are removed, strengths take their place: L2 of "
            "dense/bias.",
        ),
        (
            "keep",
            (0.0, 0.5),
            "Regularizers of the model itself are kept in place of strengths: L2 of dense/bias.",
        ),
    ],
)
def test_what_becomes_of_a_regularizer_that_the_model_has(
    fit: Fit, existing: str, bias: tuple[float, float], note: str
) -> None:
    section = {"l1": 0.1, "layers": ["dense/bias"], "existing": existing}
    config, splits = a_config(OWN, regularization=section), splits_of(rows((4,)), labels(), 2)
    outcome = fit(config, splits)
    for scores in outcome.metrics.values():
        expected = penalty(outcome, {"dense/bias": bias})
        assert scores["penalty"] == pytest.approx(expected, rel=1e-12)
        assert expected > 0
    assert list(existing_notes(config, splits)) == [note]


def positions(config: Config, splits: Any) -> dict[str, dict[str, float]]:
    model = model_source(config, Interface.of_splits(splits)).bare()
    names = [variable_name(model, v) for v in model.trainable_variables]
    found = strengths_by_position(model, config, splits)
    return {names[place]: dict(own.numbers) for place, own in found.items()}


def test_members_of_a_grid_have_the_same_variables_whatever_their_strengths() -> None:
    """A strength of 0 is one too: members that differ in strengths share one program."""
    splits = splits_of(rows((4,)), labels(), 2)
    own = [
        positions(
            a_config(OWN, regularization={"groups": [{"layers": "dense/bias", "l1": l1}]}), splits
        )
        for l1 in (0.0, 0.1)
    ]
    assert [list(each) for each in own] == [["dense/kernel", "dense/bias", "output/kernel"]] * 2
    assert [each["dense/bias"]["l1"] for each in own] == [0.0, 0.1]
