"""The metric `roc_auc` against scikit-learn."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from regcli.metrics.predictions import Predictions, Scale

from .examples import BINARY, SEVERAL, binary, probabilities, score_one, several, with_truth

BOTH = [given for given in BINARY if 0 < given.truth.mean() < 1]
WHOLE = [given for given in SEVERAL if len(set(given.truth)) == given.classes]


@pytest.mark.parametrize("given", BOTH)
def test_two_classes(given: Predictions) -> None:
    expected = roc_auc_score(given.truth, probabilities(given)[:, 1])
    assert score_one("classification", "roc_auc", given) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("given", WHOLE)
def test_several_classes(given: Predictions) -> None:
    expected = roc_auc_score(given.truth, probabilities(given), multi_class="ovr")
    assert score_one("classification", "roc_auc", given) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("number", [0, 1])
def test_one_class_alone_has_none(number: int) -> None:
    assert np.isnan(score_one("classification", "roc_auc", with_truth(binary(1), number)))
    assert np.isnan(score_one("classification", "roc_auc", with_truth(several(1), number)))


def test_classes_without_rows_are_left_out() -> None:
    given = with_truth(several(3), [1, 2])
    areas = [roc_auc_score(given.truth == n, probabilities(given)[:, n]) for n in (1, 2)]
    assert score_one("classification", "roc_auc", given) == pytest.approx(np.mean(areas))


def test_equal_scores_tell_nothing() -> None:
    given = binary(1)
    same = Predictions(given.truth, np.zeros_like(given.outputs), given.scale)
    assert score_one("classification", "roc_auc", same) == 0.5


@pytest.mark.parametrize("scale", [Scale.MARGINS, Scale.VALUES])
@pytest.mark.parametrize("positive", [0, 1])
def test_scores_without_probabilities(scale: Scale, positive: int) -> None:
    given = binary(1, scale=scale, positive=positive)
    expected = roc_auc_score(given.truth, given.outputs[0, :, 0])
    assert score_one("classification", "roc_auc", given) == pytest.approx(expected, rel=1e-12)
    two = binary(1, outputs=2, scale=scale, positive=positive)
    expected = roc_auc_score(two.truth, np.diff(two.outputs[0].astype(float))[:, 0])
    assert score_one("classification", "roc_auc", two) == pytest.approx(expected, rel=1e-12)


def test_logits_that_are_all_but_certain_keep_their_ranks() -> None:
    """As probabilities both would be 1."""
    outputs = np.array([[[40.0], [50.0]]], np.float32)
    given = Predictions(np.array([0, 1]), outputs, Scale.LOGITS)
    assert score_one("classification", "roc_auc", given) == 1


@pytest.mark.parametrize("positive", [0, 1])
def test_two_probabilities_of_which_one_was_rounded_to_1_keep_their_ranks(positive: int) -> None:
    shares = np.array([[[1e-9, 1.0], [1e-12, 1.0], [0.0, 1.0], [0.5, 0.5]]], np.float32)
    given = Predictions(np.array([0, 1, 1, 0]), shares, Scale.PROBABILITIES, positive)
    assert score_one("classification", "roc_auc", given) == 1


@pytest.mark.parametrize("positive", [0, 1])
def test_two_probabilities(positive: int) -> None:
    rng = np.random.default_rng(0)
    truth, p = rng.integers(0, 2, 50), rng.random(50).astype(np.float32)
    shares = np.stack([1 - p, p], axis=1)
    given = Predictions(truth, shares[np.newaxis], Scale.PROBABILITIES, positive)
    expected = roc_auc_score(truth, p)
    assert score_one("classification", "roc_auc", given) == pytest.approx(expected, rel=1e-12)
