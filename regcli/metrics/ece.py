"""Expected calibration error: how far a model's confidence is from its accuracy."""

from typing import TYPE_CHECKING

from regcli.metrics.metric import Constant, Metric

if TYPE_CHECKING:
    from regcli.metrics.metric import Values
    from regcli.metrics.predictions import Predictions

BINS = 15


def _gap(given: "Predictions") -> "Values":
    """Σ_b |right_b − Σ confidence_b| / rows over bins of the largest probability.

    The bins are (0, 1/15], …, (14/15, 1], as in C. Guo et al., On calibration of modern neural
    networks, ICML 2017.
    """
    import numpy as np

    confidence = given.confidence
    members, rows = confidence.shape
    known = np.asarray(np.isfinite(confidence).all(axis=-1))
    usable = np.where(known[:, np.newaxis], confidence, 0.0)
    bins = np.clip(np.ceil(usable * BINS).astype(np.int64) - 1, 0, BINS - 1)
    slots = (bins + BINS * np.arange(members)[:, np.newaxis]).ravel()
    right, confident = (
        np.bincount(slots, values.ravel(), members * BINS).reshape(members, BINS)
        for values in (given.is_right, usable)
    )
    gaps = np.abs(right - confident).sum(axis=-1) / rows
    return np.where(known, gaps, np.nan)


METRIC = Metric(
    key="ece",
    label="calibration error",
    short="ECE",
    meaning="Mean gap between confidence and accuracy, in 15 bins of the largest probability.",
    kind="classification",
    higher_is_better=False,
    constant=Constant.SHARES,
    form=_gap,
    needs_probabilities=True,
    is_diagnostic=True,
    other_names=("calibration_error", "expected_calibration_error", "calibration"),
)
