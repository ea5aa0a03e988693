"""What is kept of a model's outputs for pictures of single rows."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from regcli.metrics.predictions import Predictions, Scale
from regcli.results.kept_predictions import (
    MOST_CURVES,
    MOST_ROWS,
    KeptPredictions,
    kept_predictions,
    pooled,
    sampled_rows,
)


def test_a_sample_is_bounded_and_always_the_same() -> None:
    assert sampled_rows(5, 64).tolist() == [0, 1, 2, 3, 4]
    many = sampled_rows(50_000, 64)
    assert len(many) == MOST_ROWS
    assert_array_equal(many, sampled_rows(50_000, 64))
    assert_array_equal(many, np.unique(many))
    assert many.max() < 50_000
    assert len(sampled_rows(50_000, 32 * 32 * 3)) == 1365
    assert len(sampled_rows(3, 2**30)) == 1


def test_of_two_classes_the_scores_are_those_of_the_positive_one() -> None:
    outputs = np.array([[[2.0], [-1.0], [np.nan], [0.5]]], np.float32)
    given = Predictions(np.array([1, 0, 1, 0]), outputs, Scale.LOGITS, positive=0)
    kept = kept_predictions("validation", 4, given, 2)
    assert (kept.part, kept.of, len(kept)) == ("validation", 4, 3)
    assert kept.truth.tolist() == [1, 0, 0]
    assert kept.predicted.tolist() == [1, 0, 1]
    assert kept.scores is not None
    assert kept.sure is not None
    assert_allclose(kept.scores, [[-2.0, 1.0, -0.5]])
    assert_allclose(kept.sure, 1 / (1 + np.exp(-np.array([2.0, 1.0, 0.5]))), rtol=1e-6)


@pytest.mark.parametrize(("classes", "has_scores"), [(3, True), (MOST_CURVES + 1, False)])
def test_each_of_a_few_classes_has_its_scores(classes: int, has_scores: bool) -> None:
    outputs = np.random.default_rng(0).normal(size=(1, 20, classes)).astype(np.float32)
    given = Predictions(np.arange(20) % classes, outputs, Scale.LOGITS)
    kept = kept_predictions("test", 20, given, classes)
    assert kept.predicted.tolist() == outputs[0].argmax(axis=-1).tolist()
    assert kept.sure is not None
    assert_allclose(kept.sure, given.probabilities[0].max(axis=-1), rtol=1e-6)
    assert (kept.scores is not None) == has_scores
    if kept.scores is not None:
        assert_allclose(kept.scores, given.probabilities[0].T)


def test_margins_say_nothing_of_how_sure_they_are() -> None:
    given = Predictions(np.array([0, 1]), np.array([[[-2.0], [3.0]]]), Scale.MARGINS)
    kept = kept_predictions("validation", 2, given, 2)
    assert kept.sure is None
    assert kept.scores is not None


def test_a_quantity_has_its_predictions_alone() -> None:
    given = Predictions(np.array([1.5, 2.5]), np.array([[[1.0], [3.0]]]), Scale.VALUES)
    kept = kept_predictions("validation", 2, given, 0)
    assert (kept.truth.tolist(), kept.predicted.tolist()) == ([1.5, 2.5], [1.0, 3.0])
    assert (kept.sure, kept.scores) == (None, None)


def test_rows_of_folds_are_joined_with_what_all_of_them_have() -> None:
    ones = np.ones(2)
    sure, scores = ones.astype(np.float32), np.array([[1.0, 2.0]])
    first = KeptPredictions("validation", 2, ones, ones, sure, scores)
    second = KeptPredictions("validation", 5, ones, ones, None, scores + 2)
    joined = pooled([first, second])
    assert joined is not None
    assert (joined.of, len(joined), joined.sure) == (7, 4, None)
    assert joined.scores is not None
    assert joined.scores.tolist() == [[1, 2, 3, 4]]
    assert pooled([]) is None
    assert pooled([first, KeptPredictions("test", 2, ones, ones)]) is None
