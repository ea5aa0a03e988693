"""The sparse group penalty of weights in one vector: value, proximal map, conjugate, residual.

It is the form that the solvers take of `regcli.penalties`: float64, with a dual.

Each weight has strengths of its own, because the columns that it multiplies are scaled: a unit is a
weight alone, or where there are groups the weights of one input, or of all inputs of one column.
P(x) = Σ l1·|x| + l2·x² + Σ_g group·‖x_g‖, and S(u, t) = sign(u)·max(|u| − t, 0).
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from regcli.penalties.arrays import soft_threshold
from regcli.penalties.elastic_net import ELASTIC_NET

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class VectorPenalty:
    """Strengths of n weights.

    Attributes:
        l1, l2: (n,).
        group: the strength of each weight's group, (n,); equal within a group.
        groups: the number of each weight's group, (n,), counted from 0; None where there are none.
    """

    l1: Array
    l2: Array
    group: Array
    groups: NDArray[np.intp] | None

    @property
    def _numbers(self) -> dict[str, Array]:
        return {"l1": self.l1, "l2": self.l2}

    def of(self, chosen: NDArray[np.intp]) -> Self:
        """The penalty of some weights by position; groups are chosen as a whole."""
        groups = None
        if self.groups is not None:
            _, groups = np.unique(self.groups[chosen], return_inverse=True)
        return type(self)(self.l1[chosen], self.l2[chosen], self.group[chosen], groups)

    def norms(self, x: Array) -> Array:
        """The magnitude of each weight's unit, (n,)."""
        if self.groups is None:
            return np.abs(x)
        # Scaled, lest squares overflow or vanish.
        top = np.zeros(self.groups.max(initial=-1) + 1)
        np.maximum.at(top, self.groups, np.abs(x))
        safe = np.where(top > 0, top, 1)[self.groups]
        total = np.bincount(self.groups, (x / safe) ** 2)
        return np.asarray(safe * np.sqrt(total)[self.groups])

    @property
    def firsts(self) -> NDArray[np.intp]:
        """One weight of each unit, by position."""
        if self.groups is None:
            return np.arange(len(self.l1))
        return np.unique(self.groups, return_index=True)[1]

    def value(self, x: Array) -> float:
        """P(x)."""
        total = float((self.l1 * np.abs(x)).sum() + (self.l2 * x**2).sum())
        if self.groups is None:
            return total
        first = self.firsts
        return total + float((self.group[first] * self.norms(x)[first]).sum())

    def slope(self, x: Array) -> Array:
        """The derivative by weights that are not 0; 0 for the others."""
        slope: Array = ELASTIC_NET.slope(x, self._numbers)
        if self.groups is None:
            return slope
        norms = self.norms(x)
        return slope + self.group * x / np.where(norms > 0, norms, 1)

    def bend(self, x: Array, chosen: NDArray[np.intp]) -> Array | None:
        """What groups add to the second derivative by some weights, none of them 0; None for 0."""
        if self.groups is None:
            return None
        norms, own = self.norms(x)[chosen], self.groups[chosen]
        norms = np.where(norms > 0, norms, 1)
        direction = x[chosen] / norms
        strength = self.group[chosen] / norms
        together = own[:, None] == own[None, :]
        bend = np.where(together, -(strength * direction)[:, None] * direction[None, :], 0.0)
        bend[np.diag_indices_from(bend)] += strength
        return bend

    def proximal_map(self, u: Array, step: Array) -> Array:
        """The x that minimises Σ (x − u)²/(2·step) + P(x); steps are equal within a group."""
        shrunk: Array = soft_threshold(u, step * self.l1)
        if self.groups is not None:
            norms = self.norms(shrunk)
            share = np.maximum(1 - step * self.group / np.where(norms > 0, norms, 1), 0)
            shrunk = shrunk * share
        return shrunk / (1 + 2 * step * self.l2)

    def equal_steps(self, step: Array) -> Array:
        """The shortest step of each group for all of its weights.

        A step of 0 is that of a weight which changes nothing: it does not hold the others.
        """
        if self.groups is None:
            return step
        shortest = np.full(self.groups.max(initial=-1) + 1, np.inf)
        np.minimum.at(shortest, self.groups, np.where(step > 0, step, np.inf))
        return np.where(np.isinf(shortest), 0.0, shortest)[self.groups]

    def residual(self, x: Array, gradient: Array) -> Array:
        """The distance from 0 to the subdifferential of loss + penalty by each weight.

        For a group that is zero it is that of the whole group.

        Args:
            gradient: of the loss.
        """
        moved = np.abs(gradient + self.slope(x))
        resting = self.excess(gradient)
        if self.groups is None:
            return np.where(x != 0, moved, resting)
        alone = np.maximum(np.abs(gradient) - self.l1, 0)
        within = np.where(x != 0, moved, alone)
        return np.where(self.norms(x) > 0, within, resting)

    def excess(self, r: Array) -> Array:
        """By how much slopes lead a unit away from zero against l1 and group: (n,), by unit."""
        return np.maximum(self.norms(soft_threshold(r, self.l1)) - self.group, 0)

    def hold(self, x: Array) -> Array:
        """The steepest slope of the penalty at each weight."""
        held: Array = ELASTIC_NET.hold(x, self._numbers)
        if self.groups is None:
            return held
        norms = self.norms(x)
        return held + self.group * np.where(norms > 0, np.abs(x) / np.where(norms > 0, norms, 1), 1)

    def feasible_share(self, r: Array, hard: Mask) -> float:
        """The largest t up to 1 by which t·r leads no unit of `hard` away from zero."""
        if not hard.any():
            return 1.0
        if self.groups is None:
            return float(np.min(self.l1[hard] / np.abs(r[hard]), initial=1.0))
        low, high = 0.0, 1.0
        for _ in range(60):
            middle = (low + high) / 2
            if (self.excess(middle * r)[hard] > 0).any():
                high = middle
            else:
                low = middle
        return low
