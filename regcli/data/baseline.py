"""How well a model does that knows the target alone: what any setting has to beat."""

from collections.abc import Mapping

import numpy as np

from regcli.data.dataset import Part, Splits
from regcli.metrics.all_scores import score
from regcli.metrics.predictions import Predictions, Scale
from regcli.metrics.registry import kind_of


def baseline(splits: Splits) -> Mapping[str, Mapping[str, float]]:
    """The metrics of one prediction for all rows of validation and of test, by part and key.

    For classes it is their shares among the training rows, of which the largest is predicted; for
    a quantity the mean of the training rows.
    """
    parts = {"validation": splits.validation, "test": splits.test}
    return {name: _scores(splits, part) for name, part in parts.items() if part is not None}


def _scores(splits: Splits, part: Part) -> Mapping[str, float]:
    task, known = splits.table.task, splits.train.y
    if task == "regression":
        constant, scale = np.array([known.mean(dtype=np.float64)]), Scale.VALUES
    else:
        counts = np.bincount(known.astype(np.int64), minlength=len(splits.table.classes))
        constant, scale = counts / len(known), Scale.PROBABILITIES
    outputs = np.broadcast_to(constant, (1, len(part), len(constant)))
    given = Predictions(part.y, np.ascontiguousarray(outputs), scale, splits.positive)
    return {key: float(values[0]) for key, values in score(kind_of(task), given).items()}
