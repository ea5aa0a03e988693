"""How well a model does that knows the target alone: what any setting has to beat."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from regcli.data.dataset import Part, Splits
from regcli.metrics.metric import Constant
from regcli.metrics.predictions import Predictions, Scale
from regcli.metrics.registry import kind_of, metrics_of


def baseline(splits: Splits) -> Mapping[str, Mapping[str, float]]:
    """The metrics of the best constant answers on validation and test rows, by part and key.

    Each metric has an answer of its own, `Metric.constant`, from the training rows.
    """
    parts = {"validation": splits.validation, "test": splits.test}
    answers = _answers(splits)
    return {
        name: _scores(splits, part, answers) for name, part in parts.items() if part is not None
    }


def _answers(splits: Splits) -> Mapping[Constant, NDArray[np.float64]]:
    """What a model would give for each row, (outputs,): a quantity, or the classes' probabilities.

    The largest of the classes' shares is that of the most frequent one, so that one answer is both.
    """
    known = splits.train.y
    if splits.table.task == "regression":
        mean, median = known.mean(dtype=np.float64), np.median(known.astype(np.float64))
        return {Constant.MEAN: np.array([mean]), Constant.MEDIAN: np.array([median])}
    classes = len(splits.table.classes)
    shares = np.bincount(known.astype(np.int64), minlength=classes) / len(known)
    is_binary = splits.table.task == "binary"
    positive = np.eye(classes)[splits.positive] if is_binary else shares
    return {
        Constant.SHARES: shares,
        Constant.MOST_FREQUENT: shares,
        Constant.POSITIVE: positive,
    }


def _scores(
    splits: Splits, part: Part, answers: Mapping[Constant, NDArray[np.float64]]
) -> Mapping[str, float]:
    kind = kind_of(splits.table.task)
    scale = Scale.VALUES if kind == "regression" else Scale.PROBABILITIES
    given = {
        constant: Predictions(
            part.y,
            np.ascontiguousarray(np.broadcast_to(answer, (1, len(part), len(answer)))),
            scale,
            splits.positive,
        )
        for constant, answer in answers.items()
    }
    with np.errstate(all="ignore"):
        return {
            metric.key: float(metric.values(given[metric.constant])[0])
            for metric in metrics_of(kind)
        }
