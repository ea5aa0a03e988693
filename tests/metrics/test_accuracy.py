"""The metric `accuracy` against scikit-learn."""

import numpy as np
import pytest
from sklearn.metrics import accuracy_score

from regcli.metrics.predictions import Predictions, Scale

from .examples import BINARY, SEVERAL, binary, decisions, score_one, with_truth

ONE_CLASS = [with_truth(binary(1), number) for number in (0, 1)]


@pytest.mark.parametrize("given", [*BINARY, *SEVERAL, *ONE_CLASS])
def test_as_in_scikit_learn(given: Predictions) -> None:
    expected = accuracy_score(given.truth, decisions(given))
    assert score_one("classification", "accuracy", given) == expected


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_row_whose_output_is_not_finite_is_wrong(value: float) -> None:
    outputs = np.array([[[3.0], [value], [3.0], [-3.0]]], np.float32)
    for truth in ([1, 0, 1, 0], [1, 1, 1, 0]):
        given = Predictions(np.array(truth), outputs, Scale.LOGITS)
        assert score_one("classification", "accuracy", given) == 0.75
        assert score_one("classification", "recall", given) == (2 / 3 if truth[1] else 1)
        assert score_one("classification", "precision", given) == 1


@pytest.mark.parametrize(
    ("scale", "right"),
    [(Scale.LOGITS, 1), (Scale.MARGINS, 1), (Scale.PROBABILITIES, 0), (Scale.VALUES, 0)],
)
def test_where_one_output_turns_to_the_other_class(scale: Scale, right: float) -> None:
    given = Predictions(np.array([1]), np.array([[[0.25]]], np.float32), scale)
    assert score_one("classification", "accuracy", given) == right
