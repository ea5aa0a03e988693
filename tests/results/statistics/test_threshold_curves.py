"""ROC and precision against recall, beside scikit-learn's."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.metrics import (
    average_precision_score,
    precision_recall_curve,
    roc_auc_score,
    roc_curve,
)

from regcli.results.statistics.threshold_curves import precision_recall, roc


def scored(seed: int, rows: int, digits: int) -> tuple[np.ndarray, np.ndarray]:
    """Scores, of which the more are equal the fewer digits they have, and own rows."""
    random = np.random.default_rng(seed)
    is_own = random.random(rows) < 0.4
    is_own[:2] = True, False
    return np.round(random.normal(size=rows) + is_own, digits), is_own


@pytest.mark.parametrize("digits", [0, 1, 9])
@pytest.mark.parametrize("rows", [2, 7, 300])
def test_the_points_are_those_of_scikit_learn(rows: int, digits: int) -> None:
    scores, is_own = scored(rows + digits, rows, digits)
    ours, theirs = roc(scores, is_own), roc_curve(is_own, scores, drop_intermediate=False)
    assert ours is not None
    assert_allclose(ours.false_positives, theirs[0])
    assert_allclose(ours.true_positives, theirs[1])
    assert ours.area == pytest.approx(roc_auc_score(is_own, scores))
    found = precision_recall(scores, is_own)
    assert found is not None
    precision, recall, _ = precision_recall_curve(is_own, scores)
    assert_allclose(found.precision, precision)
    assert_allclose(found.recall, recall)
    assert found.average_precision == pytest.approx(average_precision_score(is_own, scores))


def test_one_kind_of_row_alone_has_no_curve() -> None:
    scores = np.array([0.1, 0.2])
    assert roc(scores, np.array([True, True])) is None
    assert roc(scores, np.array([False, False])) is None
    assert precision_recall(scores, np.array([False, False])) is None
    assert precision_recall(scores, np.array([True, True])) is not None
