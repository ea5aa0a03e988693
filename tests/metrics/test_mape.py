"""The metric `mape` against scikit-learn."""

import pytest
from sklearn.metrics import mean_absolute_percentage_error

from regcli.metrics.predictions import Predictions

from .examples import QUANTITIES, quantities, score_one


@pytest.mark.parametrize("given", [*QUANTITIES, quantities(5, zeros=1), quantities(6, zeros=50)])
def test_as_in_scikit_learn(given: Predictions) -> None:
    """Also with targets that are 0, whose error is divided by the least number there is."""
    truth, outputs = given.truth.astype(float), given.outputs[0, :, 0].astype(float)
    expected = mean_absolute_percentage_error(truth, outputs)
    assert score_one("regression", "mape", given) == pytest.approx(expected, rel=1e-12)
