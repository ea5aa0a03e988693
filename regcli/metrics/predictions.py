"""What models say of rows whose truth is known, with what several metrics are made from.

Many models, the members, are scored by one call. No number depends on how many there are: sums go
along the last axis, of memory that belongs to one member.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from regcli.metrics.over_classes import all_hold, largest, total
from regcli.metrics.ranks import RankAreas, rank_areas

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

MOST_NUMBERS = 4_000_000
"""Scores that are sorted at a time."""


class Scale(Enum):
    """What outputs are numbers of."""

    VALUES = "values"
    """Compared with the target itself, be it a quantity or 0 and 1."""
    PROBABILITIES = "probabilities"
    """Of class 1, or of all classes."""
    SEPARATE_PROBABILITIES = "separate probabilities"
    """Of each class separately, such as a sigmoid for each; they need not add up to 1."""
    LOGITS = "logits"
    """Their sigmoid or softmax are probabilities."""
    SEPARATE_LOGITS = "separate logits"
    """Their sigmoids are separate probabilities."""
    MARGINS = "margins"
    """Their sign tells two classes apart, and nothing says how probable they are."""

    @property
    def threshold(self) -> float:
        """Where a single output turns from class 0 to class 1."""
        return 0.5 if self in _AROUND_HALF else 0.0

    @property
    def has_probabilities(self) -> bool:
        """Whether outputs are probabilities of classes, or make them."""
        return self not in {Scale.VALUES, Scale.MARGINS}

    @property
    def is_separate(self) -> bool:
        """Whether probabilities of several classes are divided by their sum."""
        return self in {Scale.SEPARATE_PROBABILITIES, Scale.SEPARATE_LOGITS}


_AROUND_HALF = frozenset({Scale.VALUES, Scale.PROBABILITIES, Scale.SEPARATE_PROBABILITIES})


class Counts(NamedTuple):
    """Rows of each class: of its truth (classes,), predicted and rightly so (members, classes)."""

    truth: Integers
    predicted: Integers
    right: Integers


class _Softmax(NamedTuple):
    """What probabilities are made of: of logits z, less the largest of their row m.

    Attributes:
        below: z − m, (members, rows, classes).
        powers: e^(z − m), (members, rows, classes).
        sums: of the powers of each row, (members, rows).
    """

    below: Floats
    powers: Floats
    sums: Floats


@dataclass(frozen=True)
class Predictions:
    """Outputs of members for the same rows.

    Attributes:
        truth: class numbers from 0 or quantities, (rows,); one row or more.
        outputs: (members, rows, outputs), of which a quantity has one, two classes one or two, and
            several classes one for each; contiguous.
        scale: what the outputs are.
        positive: of two classes the one that precision, recall and the like are about.
    """

    truth: NDArray[Any]
    outputs: NDArray[Any]
    scale: Scale
    positive: int = 1

    # Quantities

    @cached_property
    def residual(self) -> Floats:
        """Truth less output, (members, rows)."""
        return self.truth.astype(np.float64) - self.outputs[..., 0].astype(np.float64)

    @cached_property
    def total_of_squares(self) -> float:
        """Σ(y − ȳ)²; NaN where that is 0."""
        centered = self.truth.astype(np.float64) - self.truth.mean(dtype=np.float64)
        return float((centered**2).sum()) or float("nan")

    # Classes

    @property
    def is_single(self) -> bool:
        """Whether one output tells two classes apart."""
        return bool(self.outputs.shape[-1] == 1)

    @property
    def classes(self) -> int:
        """How many classes there are."""
        return max(2, int(self.outputs.shape[-1]))

    @cached_property
    def is_finite(self) -> NDArray[np.bool_]:
        """Whether all of a row's outputs are finite, (members, rows)."""
        return all_hold(np.isfinite(self.outputs))

    @cached_property
    def predicted(self) -> Integers:
        """Class numbers, (members, rows); −1 where an output is not finite."""
        if self.is_single:
            predicted = (self.outputs[..., 0] > self.scale.threshold).astype(np.int64)
        else:
            predicted = self.outputs.argmax(axis=-1)
        return np.where(self.is_finite, predicted, -1)

    @cached_property
    def is_right(self) -> NDArray[np.bool_]:
        """Whether the class of each row is predicted, (members, rows)."""
        return np.asarray(np.equal(self.predicted, self.truth))

    @cached_property
    def counts(self) -> Counts:
        """How many rows of each class there are, and are found; of rows with a prediction."""
        truth = np.bincount(self.truth, minlength=self.classes)
        right = np.where(self.is_right, self.predicted, -1)
        return Counts(truth, self._counted(self.predicted), self._counted(right))

    def _counted(self, numbers: Integers) -> Integers:
        """Rows of each class, (members, classes), from class numbers or −1, (members, rows)."""
        members, width = len(numbers), self.classes + 1
        slots = numbers + 1 + width * np.arange(members)[:, np.newaxis]
        counted = np.bincount(slots.ravel(), minlength=members * width)
        return counted.reshape(members, width)[:, 1:]

    # Probabilities

    @cached_property
    def probabilities(self) -> Floats:
        """Of every class, (members, rows, classes); NaN where an output is not finite.

        Separate ones are divided by their sum, as scikit-learn's OneVsRestClassifier does.
        """
        z = self.outputs.astype(np.float64)
        if self.is_single:
            is_logit = self.scale is Scale.LOGITS
            found = np.concatenate((_sigmoid(-z), _sigmoid(z)) if is_logit else (1 - z, z), axis=-1)
        elif self.scale is Scale.LOGITS:
            found = self._softmax.powers / self._softmax.sums[..., np.newaxis]
        else:
            found = _sigmoid(z) if self.scale is Scale.SEPARATE_LOGITS else z
            if self.scale.is_separate:
                found /= total(found)[..., np.newaxis]
        found[~self.is_finite] = np.nan
        return found

    @cached_property
    def confidence(self) -> Floats:
        """The largest probability of each row, (members, rows)."""
        return largest(self.probabilities)

    @cached_property
    def _softmax(self) -> "_Softmax":
        below = self.outputs.astype(np.float64)
        below -= largest(below)[..., np.newaxis]
        powers = np.exp(below)
        return _Softmax(below, powers, total(powers))

    @cached_property
    def surprise(self) -> Floats:
        """−log of the probability of each row's class, (members, rows).

        From logits it is exact. Probabilities are kept above 0 by the rounding of their own type,
        as in scikit-learn's `log_loss`: 1.2e-7 for float32.
        """
        rows = np.arange(len(self.truth))
        if self.scale is Scale.LOGITS and self.is_single:
            z = self.outputs[..., 0].astype(np.float64)
            found = np.logaddexp(0.0, np.where(self.truth == 1, -z, z))
        elif self.scale is Scale.LOGITS:
            found = np.log(self._softmax.sums) - self._softmax.below[:, rows, self.truth]
        else:
            least = float(np.finfo(self.outputs.dtype).eps)
            own = self.probabilities[:, rows, self.truth]
            found = -np.log(np.clip(own, least, 1 - least))
        return np.where(self.is_finite, found, np.nan)

    # Ranks

    @cached_property
    def rank_areas(self) -> RankAreas:
        """Areas under the curves of each class against the others, (members, classes).

        Of two classes that of the positive one, (members, 1).
        """
        scores, is_own = self._ranked()
        numbers = range(len(is_own))
        step = max(1, MOST_NUMBERS // max(1, scores.shape[0] * scores.shape[2]))
        areas = [
            rank_areas(scores[:, start : start + step], is_own[start : start + step])
            for start in range(0, len(numbers), step)
        ]
        usable = np.asarray(self.is_finite.all(axis=-1))[:, np.newaxis]
        joined = (np.concatenate(part, axis=-1) for part in zip(*areas, strict=True))
        return RankAreas(*(np.where(usable, area, np.nan) for area in joined))

    def rankings(self) -> Iterator[tuple[Floats, NDArray[np.bool_]]]:
        """For each class of `rank_areas` what ranks the rows, (members, rows), and its own rows."""
        scores, is_own = self._ranked()
        for number, own in enumerate(is_own):
            ranked = np.where(self.is_finite, scores[:, number], np.nan)
            yield ranked, own

    def _ranked(self) -> tuple[NDArray[Any], NDArray[np.bool_]]:
        """What ranks the rows, (members, classes, rows), and which are of a class, (classes, rows).

        Of two classes there is the positive one alone.
        """
        if self.classes == 2:
            scores = self._scores_of_the_positive()[:, np.newaxis]
            return scores, np.asarray(self.truth == self.positive)[np.newaxis]
        by_class = self.probabilities if self.scale.has_probabilities else self.outputs
        scores = np.ascontiguousarray(np.moveaxis(by_class, -1, 1))
        return scores, np.asarray(self.truth == np.arange(self.classes)[:, np.newaxis])

    def _scores_of_the_positive(self) -> Floats:
        """What ranks the rows by their positive class, (members, rows).

        Of two probabilities it is their quotient: where one has been rounded to 1, the other still
        has its digits.
        """
        z = self.outputs.astype(np.float64)
        if self.is_single:
            return z[..., 0] if self.positive == 1 else -z[..., 0]
        if self.scale is Scale.PROBABILITIES:
            return z[..., self.positive] / z[..., 1 - self.positive]
        if self.scale is Scale.LOGITS or not self.scale.has_probabilities:
            return z[..., self.positive] - z[..., 1 - self.positive]
        return self.probabilities[..., self.positive]


def _sigmoid(z: Floats) -> Floats:
    """1/(1 + e^−z) without an overflow."""
    power = np.exp(-np.abs(z))
    return np.where(z < 0, power, 1.0) / (1.0 + power)
