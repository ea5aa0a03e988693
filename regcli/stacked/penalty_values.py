"""What the penalties of members that have ended come to, in float64."""

import threading
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from regcli.models.kernel_penalties import penalty_sum, regularizer_sum
from regcli.penalties.penalty import Strengths
from regcli.stacked.member_loop import MemberLoop
from regcli.stacked.recipe import Arrays, Regularized


class PenaltyValues:
    """The penalties of members, of each as it would be alone; threads may share one.

    Args:
        regularized: what the strengths are of.
        regularizers: of other kinds, by position of the weight.
    """

    def __init__(self, regularized: Sequence[Regularized], regularizers: Mapping[int, Any]) -> None:
        self.regularized, self.regularizers = regularized, regularizers
        self._loop: MemberLoop | None = None
        self._tracing = threading.Lock()

    def __call__(
        self, stacked: Arrays, strengths: Sequence[Sequence[Strengths]]
    ) -> NDArray[np.float64]:
        """The sum of every member's penalties, (members,).

        Args:
            stacked: weights by position, (members, …) each.
            strengths: of each member, in the order of `regularized`.
        """
        total, others = np.zeros(len(strengths)), np.zeros(len(strengths))
        if not self.regularized and not self.regularizers:
            return total
        numbers = [
            [[own[place].numbers[p.name] for p in one.penalty.parameters] for own in strengths]
            for place, one in enumerate(self.regularized)
        ]
        places = [*(one.position for one in self.regularized), *self.regularizers]
        given = [tf.constant(stacked[place]) for place in places]
        given += [tf.constant(values, tf.float64) for values in numbers]
        with self._tracing:
            self._loop = self._loop or MemberLoop(self._of_one, given)
        sums = [part.numpy() for part in self._loop(given)]
        for values in sums[: len(self.regularized)]:
            total += values
        for values in sums[len(self.regularized) :]:
            others += values
        return total + others

    def _of_one(self, *tensors: Any) -> list[Any]:
        """Each penalty of a member, then what each other regularizer adds."""
        first, count = len(self.regularized), len(self.regularized) + len(self.regularizers)
        weights = [tf.cast(part, tf.float64) for part in tensors[:count]]
        sums = []
        for one, kernel, values in zip(
            self.regularized, weights[:first], tensors[count:], strict=True
        ):
            names = [parameter.name for parameter in one.penalty.parameters]
            own = Strengths(one.penalty, dict(zip(names, tf.unstack(values), strict=True)))
            sums.append(penalty_sum(kernel, own))
        others = zip(self.regularizers.values(), weights[first:], strict=True)
        return sums + [regularizer_sum(regularizer, kernel) for regularizer, kernel in others]
