"""The metric `mae` against scikit-learn."""

import pytest
from sklearn.metrics import mean_absolute_error

from regcli.metrics.predictions import Predictions

from .examples import QUANTITIES, quantities, score_one


@pytest.mark.parametrize("given", [*QUANTITIES, quantities(5, zeros=9)])
def test_as_in_scikit_learn(given: Predictions) -> None:
    expected = mean_absolute_error(given.truth.astype(float), given.outputs[0, :, 0].astype(float))
    assert score_one("regression", "mae", given) == pytest.approx(expected, rel=1e-12)
