"""The metric `r2` against scikit-learn."""

import numpy as np
import pytest
from sklearn.metrics import r2_score

from regcli.metrics.predictions import Predictions

from .examples import QUANTITIES, quantities, score_one, with_truth


@pytest.mark.parametrize("given", [*QUANTITIES, quantities(5, zeros=9)])
def test_as_in_scikit_learn(given: Predictions) -> None:
    expected = r2_score(given.truth.astype(float), given.outputs[0, :, 0].astype(float))
    assert score_one("regression", "r2", given) == pytest.approx(expected, rel=1e-12)


def test_targets_that_are_all_equal_have_none() -> None:
    """Scikit-learn gives 1 to a model that is exactly right, and 0 to every other."""
    assert np.isnan(score_one("regression", "r2", with_truth(quantities(1), 3.0)))
