"""Names of a run's results, as conditions, columns and documents have them."""

from regcli.metrics.registry import METRICS

PARTS = ("train", "validation", "test")
_WITHOUT_PENALTY = ("data_loss", "weighted_data_loss", *METRICS)
_SCORES = ("data_loss", "weighted_data_loss", "penalty", "objective", *METRICS)
_LEFT = ("active_inputs", "live_units", "precision", "recall", "f1", "active_noise")
_SPARSITY = ("exact", "near", "nonzero", "total", "gzip_bytes", "norm", "largest", *_LEFT)
KEYS = (
    *(f"{part}.{score}" for part in PARTS for score in _SCORES),
    *(f"sparsity.{measure}" for measure in _SPARSITY),
    *(f"after_zeroing.{part}.{score}" for part in PARTS for score in _WITHOUT_PENALTY),
    *(f"after_zeroing.{measure}" for measure in ("nonzero", *_LEFT)),
    "epochs",
    "seconds",
)
GAP = "gap"
"""Validation loss − train loss: how much better a run does on the rows it was trained on.

It follows from two others, so records, exports and comparisons leave it out unless requested.
"""
