"""The metric `balanced_accuracy` against scikit-learn."""

import warnings

import pytest
from sklearn.metrics import balanced_accuracy_score

from regcli.metrics.predictions import Predictions

from .examples import BINARY, SEVERAL, binary, decisions, score_one, several, with_truth

ONE_CLASS = [with_truth(binary(1), number) for number in (0, 1)]


@pytest.mark.parametrize("given", [*BINARY, *SEVERAL, *ONE_CLASS, with_truth(several(3), [1, 2])])
def test_as_in_scikit_learn(given: Predictions) -> None:
    with warnings.catch_warnings(action="ignore"):  # of classes that are predicted but not there
        expected = balanced_accuracy_score(given.truth, decisions(given))
    found = score_one("classification", "balanced_accuracy", given)
    assert found == pytest.approx(expected, rel=1e-12)
