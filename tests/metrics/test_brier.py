"""The metric `brier` against scikit-learn."""

import pytest
from sklearn.metrics import brier_score_loss

from regcli.metrics.predictions import Predictions

from .examples import BINARY, SEVERAL, binary, probabilities, score_one, with_truth

ONE_CLASS = [with_truth(binary(1), number) for number in (0, 1)]


@pytest.mark.parametrize("given", [*BINARY, *ONE_CLASS])
def test_two_classes(given: Predictions) -> None:
    expected = brier_score_loss(given.truth, probabilities(given)[:, 1], pos_label=1)
    assert score_one("classification", "brier", given) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("given", SEVERAL)
def test_several_classes(given: Predictions) -> None:
    shares, labels = probabilities(given), list(range(given.classes))
    expected = brier_score_loss(given.truth, shares, labels=labels)
    assert score_one("classification", "brier", given) == pytest.approx(expected, rel=1e-12)
