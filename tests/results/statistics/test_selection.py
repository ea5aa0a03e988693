"""Bootstrap bias-corrected selection: it takes away what chance gives to the best of many."""

import numpy as np
import pytest

from regcli.results.statistics.selection import bias_corrected


def test_the_optimism_of_the_best_of_equal_settings_is_taken_away() -> None:
    """20 equal settings of mean loss 1, 200 rows: what is left is under .2 standard errors."""
    rng = np.random.default_rng(0)
    apparent, corrected = [], []
    for number in range(200):
        losses = 1 + rng.normal(0, 0.3, (20, 200))
        found = bias_corrected(losses, seed=number, resamples=200)
        apparent.append(found.apparent - 1)
        corrected.append(found.corrected - 1)
    error = 0.3 / 200**0.5
    assert np.mean(apparent) / error < -1.5
    assert abs(np.mean(corrected)) / error < 0.2


def test_a_setting_that_is_clearly_best_is_chosen_every_time() -> None:
    rng = np.random.default_rng(1)
    losses = rng.normal(0, 0.1, (3, 50)) + np.array([[1.0], [0.0], [1.0]])
    found = bias_corrected(losses)
    assert found.recurrence.tolist() == [0.0, 1.0, 0.0]
    assert found.corrected == pytest.approx(found.apparent, abs=0.005)


def test_settings_that_are_equal_row_by_row_share_nothing() -> None:
    losses = np.tile(np.random.default_rng(2).normal(0, 1, 30), (4, 1))
    assert bias_corrected(losses).recurrence.tolist() == [1.0, 0.0, 0.0, 0.0]


def test_how_much_is_drawn_at_a_time_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    losses = np.random.default_rng(3).normal(0, 1, (5, 40))
    whole = bias_corrected(losses, seed=7)
    monkeypatch.setattr("regcli.results.statistics.selection.MOST_NUMBERS", 40 * 13)
    parts = bias_corrected(losses, seed=7)
    assert parts.recurrence.tolist() == whole.recurrence.tolist()
    assert parts.corrected == pytest.approx(whole.corrected, rel=1e-12)


def test_two_rows_may_leave_none_to_score_on() -> None:
    found = bias_corrected(np.array([[0.0, 1.0], [1.0, 0.0]]))
    assert 0.5 < found.corrected <= 1.0
    assert found.recurrence.sum() == pytest.approx(1.0)
