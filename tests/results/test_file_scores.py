"""What a run's scores on the rows of a file leave open."""

import numpy as np
import pytest
from scipy import stats
from stored_examples import a_run

from regcli.metrics.predictions import Predictions, Scale
from regcli.results.file_scores import score_file


def test_a_class_that_is_never_found_has_the_interval_of_its_own_rows() -> None:
    truth = np.repeat([0, 1], [200, 12])
    outputs = np.full((1, 212, 1), -3.0, np.float32)
    given = Predictions(truth, outputs, Scale.LOGITS, 1)
    scores = {
        score.key: score
        for score in score_file(a_run("0" * 12), "classification", given, None).scores
    }
    z = stats.t.ppf(0.975, 11)
    assert scores["recall"].value == 0
    assert scores["recall"].interval == (0, pytest.approx(z * z / (12 + z * z)))
    low, high = scores["accuracy"].interval or (0, 1)
    assert 0.9 < low < 200 / 212 < high < 0.98
