"""The metric `average_precision` against scikit-learn."""

import warnings

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from regcli.metrics.predictions import Predictions

from .examples import BINARY, SEVERAL, binary, probabilities, score_one, several, with_truth

WHOLE = [given for given in SEVERAL if len(set(given.truth)) == given.classes]
ONE_CLASS = [with_truth(binary(1, positive=p), number) for number in (0, 1) for p in (0, 1)]


@pytest.mark.parametrize("given", [*BINARY, *ONE_CLASS])
def test_two_classes(given: Predictions) -> None:
    is_own = given.truth == given.positive
    scores = probabilities(given)[:, given.positive]
    with warnings.catch_warnings(action="ignore"):  # of no row of the class
        expected = average_precision_score(is_own, scores)
    found = score_one("classification", "average_precision", given)
    assert found == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("given", WHOLE)
def test_several_classes(given: Predictions) -> None:
    expected = average_precision_score(given.truth, probabilities(given))
    found = score_one("classification", "average_precision", given)
    assert found == pytest.approx(expected, rel=1e-12)


def test_classes_without_rows_are_left_out() -> None:
    given = with_truth(several(3), [1, 2])
    areas = [average_precision_score(given.truth == n, probabilities(given)[:, n]) for n in (1, 2)]
    found = score_one("classification", "average_precision", given)
    assert found == pytest.approx(np.mean(areas))


def test_equal_scores_find_the_share_of_the_class() -> None:
    given = binary(1)
    same = Predictions(given.truth, np.zeros_like(given.outputs), given.scale)
    found = score_one("classification", "average_precision", same)
    assert found == pytest.approx(given.truth.mean())
