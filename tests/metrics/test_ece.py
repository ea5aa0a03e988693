"""The metric `ece` against its definition, written out bin by bin."""

from itertools import pairwise

import numpy as np
import pytest

from regcli.metrics.predictions import Predictions, Scale

from .examples import BINARY, SEVERAL, Array, decisions, probabilities, score_one


def expected_error(right: Array, confidence: Array) -> float:
    edges, total = np.linspace(0, 1, 16), 0.0
    for low, high in pairwise(edges):
        inside = (confidence > low) & (confidence <= high)
        if inside.any():
            gap = abs(right[inside].mean() - confidence[inside].mean())
            total += inside.mean() * gap
    return total


@pytest.mark.parametrize("given", [*BINARY, *SEVERAL])
def test_by_its_definition(given: Predictions) -> None:
    right = decisions(given) == given.truth
    expected = expected_error(right, probabilities(given).max(axis=1))
    assert score_one("classification", "ece", given) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(("truth", "expected"), [([1, 1, 0, 1], 0.25), ([1, 1, 1, 1], 0.0)])
def test_certain_probabilities(truth: list[int], expected: float) -> None:
    given = Predictions(np.array(truth), np.ones((1, 4, 1), np.float32), Scale.PROBABILITIES)
    assert score_one("classification", "ece", given) == expected
