"""Metrics that are no mean over rows: numbers of each row that have their mean and their spread."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from regcli.metrics.all_scores import score, score_rows
from regcli.metrics.metric import Metric
from regcli.metrics.predictions import Predictions, Scale
from regcli.metrics.registry import METRICS

from .examples import BINARY, SEVERAL, binary, several, with_truth

OF_CLASSES = [m for m in METRICS.values() if m.pseudo_values and m.kind == "classification"]
OF_QUANTITIES = [m for m in METRICS.values() if m.pseudo_values and m.kind == "regression"]
EACH = pytest.mark.parametrize("metric", OF_CLASSES, ids=lambda metric: metric.key)


def rows_of(metric: Metric, given: Predictions) -> NDArray[np.floating]:
    return score_rows(metric.kind, given, {metric.key})[metric.key]


def quantities(rows: int = 500) -> Predictions:
    rng = np.random.default_rng(7)
    truth = rng.normal(3.0, 2.0, rows).astype(np.float32)
    outputs = truth + rng.normal(0.2, 1.0, (4, rows))
    return Predictions(truth, outputs[..., np.newaxis].astype(np.float32), Scale.VALUES)


def without(given: Predictions, row: int) -> Predictions:
    return replace(
        given,
        truth=np.delete(given.truth, row),
        outputs=np.ascontiguousarray(np.delete(given.outputs, row, axis=1)),
    )


def test_there_are_metrics_of_both_kinds() -> None:
    assert {metric.key for metric in OF_CLASSES} == {
        *("roc_auc", "f1", "precision", "recall", "balanced_accuracy")
    }
    assert {metric.key for metric in OF_QUANTITIES} == {"r2", "rmse"}


@EACH
@pytest.mark.parametrize("given", [*BINARY, *SEVERAL])
def test_the_mean_of_the_rows_is_the_metric(metric: Metric, given: Predictions) -> None:
    expected = score("classification", given)[metric.key]
    np.testing.assert_allclose(rows_of(metric, given).mean(axis=-1), expected, atol=2e-6)


@pytest.mark.parametrize("metric", OF_QUANTITIES, ids=lambda metric: metric.key)
def test_the_mean_of_quantities_is_the_metric(metric: Metric) -> None:
    expected = score("regression", quantities())[metric.key]
    np.testing.assert_allclose(rows_of(metric, quantities()).mean(axis=-1), expected, rtol=1e-5)


@pytest.mark.parametrize("metric", [*OF_CLASSES, *OF_QUANTITIES], ids=lambda metric: metric.key)
def test_each_row_weighs_as_much_as_leaving_it_out_shows(metric: Metric) -> None:
    """The jackknife's pseudo-values, n·θ − (n − 1)·θ without the row, up to a share of 1/n."""
    rows = 400
    given = quantities(rows)
    if metric.kind == "classification":
        rng = np.random.default_rng(5)
        truth = rng.integers(0, 3, rows)
        outputs = rng.normal(0, 1, (2, rows, 3)) + 1.5 * np.eye(3)[truth]
        given = Predictions(truth, outputs.astype(np.float32), Scale.LOGITS)
    found = rows_of(metric, given).astype(np.float64)
    whole = score(metric.kind, given)[metric.key]
    for row in range(0, rows, 40):
        left = score(metric.kind, without(given, row))[metric.key]
        exact = rows * whole - (rows - 1) * left
        np.testing.assert_allclose(found[:, row], exact, atol=0.03 * np.abs(exact).max() + 0.01)


def test_the_variance_of_the_area_is_delong_s() -> None:
    """By the definition, over all pairs of rows; also the covariance of two models."""
    rng = np.random.default_rng(3)
    truth = (rng.random(120) < 0.3).astype(np.int64)
    scores = (truth + rng.normal(0, 1, (2, 120))).astype(np.float32)
    scores = np.round(scores, 1)  # with ties
    given = Predictions(truth, scores[..., np.newaxis], Scale.LOGITS)
    own, others = np.flatnonzero(truth == 1), np.flatnonzero(truth == 0)
    above = scores[:, own, np.newaxis] - scores[:, others][:, np.newaxis]
    right = (above > 0) + 0.5 * (above == 0)
    kernel, other = right.mean(axis=2), right.mean(axis=1)
    expected = np.cov(kernel) / len(own) + np.cov(other) / len(others)
    found = np.cov(rows_of(METRICS["roc_auc"], given)) / len(truth)
    np.testing.assert_allclose(found, expected, rtol=0.03)


def test_what_has_no_value_has_no_rows_either() -> None:
    one_class = with_truth(binary(1), 1)
    assert np.isnan(rows_of(METRICS["roc_auc"], one_class)).all()


def test_they_are_given_only_where_they_are_asked_for() -> None:
    given = several(3)
    plain, asked = score_rows("classification", given), score_rows("classification", given, {"f1"})
    assert set(asked) - set(plain) == {"f1"}
    for key, values in plain.items():
        np.testing.assert_array_equal(asked[key], values)


def test_every_metric_has_rows_or_is_known_to_have_none() -> None:
    without_rows = {metric.key for metric in METRICS.values() if not metric.has_rows}
    assert without_rows == {"average_precision", "ece"}
