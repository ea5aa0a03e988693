"""The metric `log_loss` against scikit-learn."""

import numpy as np
import pytest
from sklearn.metrics import log_loss

from regcli.metrics.predictions import Predictions, Scale

from .examples import BINARY, SEVERAL, binary, probabilities, score_one, several, with_truth

ONE_CLASS = [with_truth(binary(1), number) for number in (0, 1)]


@pytest.mark.parametrize("given", [*BINARY, *SEVERAL, *ONE_CLASS])
def test_logits(given: Predictions) -> None:
    expected = log_loss(given.truth, probabilities(given), labels=range(given.classes))
    assert score_one("classification", "log_loss", given) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("given", [BINARY[0], BINARY[4], SEVERAL[0]])
def test_probabilities(given: Predictions) -> None:
    """Certain ones too, which are kept above 0 by float32's rounding."""
    shares = probabilities(given).astype(np.float32)
    shares[:5] = np.eye(given.classes)[0]
    single = given.outputs.shape[-1] == 1
    outputs = shares[:, 1:] if single else shares
    own = Predictions(given.truth, outputs[np.newaxis], Scale.PROBABILITIES)
    if single:
        shares = np.stack([1 - outputs[:, 0], outputs[:, 0]], axis=1)
    expected = log_loss(given.truth, shares, labels=range(given.classes))
    assert score_one("classification", "log_loss", own) == pytest.approx(expected, rel=1e-6)


def test_logits_have_no_largest_loss() -> None:
    """Scikit-learn's ends at 36, where a probability rounds to 0."""
    given = Predictions(np.array([0]), np.array([[[100.0]]], np.float32), Scale.LOGITS)
    assert score_one("classification", "log_loss", given) == 100
    assert log_loss([0], [[0.0, 1.0]], labels=[0, 1]) == pytest.approx(36.04, abs=0.01)


def test_outputs_that_are_each_a_yes_or_no() -> None:
    """Their probabilities are shares of the sum, as OneVsRestClassifier's are."""
    given = several(2)
    own = Predictions(given.truth, given.outputs, Scale.SEPARATE_LOGITS)
    sigmoids = 1 / (1 + np.exp(-given.outputs[0].astype(float)))
    shares = sigmoids / sigmoids.sum(axis=1, keepdims=True)
    expected = log_loss(given.truth, shares, labels=range(4))
    assert score_one("classification", "log_loss", own) == pytest.approx(expected, rel=1e-12)
    already = Predictions(given.truth, sigmoids[np.newaxis], Scale.SEPARATE_PROBABILITIES)
    assert score_one("classification", "log_loss", already) == pytest.approx(expected, rel=1e-12)
