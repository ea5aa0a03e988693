"""The forms of metrics in training, of stacked members and in `fit`, against the NumPy form."""

from collections.abc import Iterator

import numpy as np
import pytest

from regcli.metrics.all_scores import score
from regcli.metrics.metric import Compared, Kind
from regcli.metrics.predictions import Predictions, Scale
from regcli.metrics.registry import WATCHED, watched_forms

from .examples import Array, binary, quantities, several


def stacked(given: Predictions) -> Predictions:
    """Five members with the same rows."""
    noise = np.random.default_rng(0).normal(size=(5, *given.outputs.shape[1:]))
    return Predictions(given.truth, (given.outputs + noise).astype(np.float32), given.scale)


CASES: dict[str, tuple[Kind, Predictions, str]] = {
    "one logit": ("classification", stacked(binary(1)), "column"),
    "one probability": ("classification", stacked(binary(1, scale=Scale.VALUES)), "column"),
    "class numbers": ("classification", stacked(several(1)), "column"),
    "one-hot rows": ("classification", stacked(several(1)), "one-hot"),
    "two logits": ("classification", stacked(binary(1, outputs=2)), "one-hot"),
    "quantities": ("regression", stacked(quantities(1)), "column"),
}


def targets(given: Predictions, form: str) -> Array:
    """As trainers have them, (rows, 1) or (rows, classes)."""
    if form == "one-hot":
        return np.eye(given.classes, dtype=np.float32)[given.truth]
    return given.truth.astype(np.float32)[:, np.newaxis]


def pairs(case: str) -> Iterator[tuple[str, Array, Array, Predictions]]:
    kind, given, form = CASES[case]
    expected = score(kind, given)
    for key in watched_forms(kind):
        yield key, expected[key], targets(given, form), given


def test_what_can_be_watched() -> None:
    assert WATCHED == ("accuracy", "r2", "mae", "rmse")


@pytest.mark.parametrize("case", CASES)
def test_stacked_members(case: str) -> None:
    import tensorflow as tf

    kind = CASES[case][0]
    for key, expected, y, given in pairs(case):
        form = watched_forms(kind)[key]
        repeated = tf.constant(np.repeat(y[np.newaxis], len(given.outputs), axis=0))
        by_row = form.by_row(given.scale.threshold, tf.constant(given.outputs), repeated)
        found = form.of_mean(tf.reduce_mean(by_row, 1), tf.fill([5], y.var()))
        np.testing.assert_allclose(found, expected, rtol=1e-5)


@pytest.mark.parametrize("case", CASES)
def test_the_metric_of_keras(case: str) -> None:
    kind, _, form = CASES[case]
    for key, expected, y, given in pairs(case):
        compared = Compared(given.scale.threshold, given.outputs.shape[-1], form == "column")
        metric = watched_forms(kind)[key].in_fit(key, compared)
        assert metric.name == key
        metric.update_state(y, given.outputs[2])
        np.testing.assert_allclose(float(metric.result()), expected[2], rtol=1e-5)


def test_an_output_that_is_not_finite_is_wrong_in_training_too() -> None:
    import tensorflow as tf

    given = several(1)
    outputs = given.outputs.copy()
    outputs[0, :4, 2] = [np.nan, np.inf, -np.inf, np.nan]
    y = targets(given, "column")[np.newaxis]
    form = watched_forms("classification")["accuracy"]
    right = form.by_row(0.0, tf.constant(outputs), tf.constant(y))
    assert not np.asarray(right)[0, [0, 1, 3]].any()
