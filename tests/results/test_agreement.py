"""Scores that are computed again are those of the run, or named."""

import math

import pytest

from regcli.results.agreement import TOLERANCE, Disagreement, disagreement
from regcli.results.records import Scores

CLASSES: Scores = {"data_loss": 0.5, "penalty": 1.0, "objective": 1.5, "accuracy": 0.9}
AMOUNTS: Scores = {"data_loss": 4.0, "penalty": 0.0, "objective": 4.0, "r2": 0.75, "mae": 1.5}
CLASSES_OF_ZEROS: Scores = {"data_loss": 0.69, "accuracy": 0.5}
AMOUNTS_OF_ZEROS: Scores = {"data_loss": 1e6, "r2": -1e5, "mae": 1e3}


def compared(stored: Scores, of_zeros: Scores, **changes: float | None) -> Disagreement | None:
    found = {**stored, "penalty": 0.0, "objective": 0.0, **changes}
    return disagreement("test", 100, stored, found, of_zeros, TOLERANCE)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"data_loss": 0.5004},
        {"accuracy": 0.91},  # one row of 100
        {"data_loss": 3.0, "weighted_data_loss": 0.5},  # of which older records have one
    ],
)
def test_the_same(changes: dict[str, float]) -> None:
    assert compared(CLASSES, CLASSES_OF_ZEROS, **changes) is None


@pytest.mark.parametrize(
    ("score", "value"),
    [("data_loss", 0.502), ("data_loss", math.nan), ("data_loss", None), ("accuracy", 0.88)],
)
def test_not_the_same(score: str, value: float | None) -> None:
    found = compared(CLASSES, CLASSES_OF_ZEROS, **{score: value})
    assert found is not None
    assert (found.part, found.score, found.stored) == ("test", score, CLASSES[score])


def test_metrics_that_one_row_can_move_far_are_not_compared() -> None:
    stored = {**CLASSES, "f1": 0.5, "roc_auc": 0.9, "log_loss": 0.5}
    assert compared(stored, CLASSES_OF_ZEROS, f1=0.6, roc_auc=0.8) is None
    found = compared(stored, CLASSES_OF_ZEROS, log_loss=0.502)
    assert found is not None
    assert found.score == "log_loss"


def test_losses_with_and_without_weights_are_compared_each() -> None:
    stored = {**CLASSES, "weighted_data_loss": 0.4}
    assert compared(stored, CLASSES_OF_ZEROS) is None
    for name in ("data_loss", "weighted_data_loss"):
        found = compared(stored, CLASSES_OF_ZEROS, **{name: 0.6})
        assert found is not None
        assert found.score == name


def test_quantities() -> None:
    assert compared(AMOUNTS, AMOUNTS_OF_ZEROS, r2=0.7505, mae=1.501) is None
    for name, value in {"r2": 0.748, "mae": 1.51, "data_loss": 6.0}.items():
        found = compared(AMOUNTS, AMOUNTS_OF_ZEROS, **{name: value})
        assert found is not None
        assert found.score == name


def test_errors_next_to_nothing_are_measured_against_those_of_outputs_of_zero() -> None:
    perfect: Scores = {"data_loss": 1e-12, "r2": 1.0, "mae": 1e-6}
    of_zeros: Scores = {"data_loss": 1.0, "r2": 0.0, "mae": 1.0}
    assert compared(perfect, of_zeros, data_loss=3e-12, mae=1.5e-6) is None
    assert compared(perfect, of_zeros, data_loss=3e-6) is not None
    assert compared(perfect, {"data_loss": math.inf, "mae": 1.0}, data_loss=3e-12) is not None


def test_a_run_without_finite_scores_is_met_by_the_same() -> None:
    diverged: Scores = {"data_loss": None, "accuracy": 0.0}
    assert compared(diverged, CLASSES_OF_ZEROS, data_loss=math.nan) is None
    assert compared(diverged, CLASSES_OF_ZEROS, data_loss=1.0) is not None
