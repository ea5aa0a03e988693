"""The metric `recall` against scikit-learn."""

import numpy as np
import pytest
from sklearn.metrics import recall_score

from regcli.metrics.predictions import Predictions

from .examples import BINARY, SEVERAL, binary, check_decisions, several, with_truth


@pytest.mark.parametrize("given", [*BINARY, *SEVERAL])
def test_random_rows(given: Predictions) -> None:
    check_decisions("recall", recall_score, given)


@pytest.mark.parametrize("number", [0, 1])
@pytest.mark.parametrize("positive", [0, 1])
def test_one_class_alone(number: int, positive: int) -> None:
    given = binary(1, positive=positive)
    check_decisions("recall", recall_score, with_truth(given, number))


@pytest.mark.parametrize("output", [-1.0, 1.0])
@pytest.mark.parametrize("positive", [0, 1])
def test_one_class_predicted_for_all(output: float, positive: int) -> None:
    given = binary(2, positive=positive)
    same = np.full_like(given.outputs, output)
    check_decisions("recall", recall_score, Predictions(given.truth, same, given.scale, positive))


def test_a_class_without_rows() -> None:
    check_decisions("recall", recall_score, with_truth(several(3), [1, 2]))
