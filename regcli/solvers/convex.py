"""Convex problems in the units of their data: solved, rounded to float32, and certified there."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from regcli.penalties.penalty import ConcavePenalty, LayerStrengths
from regcli.penalties.sparse_groups import SparseGroups
from regcli.solvers.concave import descend_by_tangents
from regcli.solvers.losses import Loss
from regcli.solvers.newton import Found, Scaled, descend, descend_by_strength
from regcli.solvers.scaled_columns import Columns
from regcli.solvers.threads import OneThread
from regcli.solvers.vector_penalty import VectorPenalty

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Kept = NDArray[np.float32]

CONVERGED = 1e-6
"""The largest gap, as a share of the objective, at which weights are said to be optimal."""

_NEGLIGIBLE = 1e-14
"""Strengths below this share of the largest slope or curvature are lost in their rounding: 0."""

_NEXT_TO_NOTHING = 1e-11
"""The same for losses that fall for ever on rows that can be separated: there such strengths come
into play after weights have long been given up as without a minimum."""

FLOOR = 1e-3
"""A slope along which going to zero changes the objective by less than this share is none."""

_HOLDING = 1e300
"""An l1 from which no weight gets away."""

_FIRST_WIDTH, _LAST_WIDTH, _ENOUGH_WIDTH = 1.0, 1e-8, 3e-7
_STEPS_A_WIDTH = 40
"""Over which share of the objective a loss with corners is smoothed, and the gap that is enough."""

_NOTHING = 1e-8
"""An objective below this share of that of a constant is nothing: gaps are shares of that then."""

_BLOCK = 2_000_000


@dataclass(frozen=True)
class Rows:
    """Data: inputs x (rows, inputs), targets as the loss has them (rows, outputs), a (rows,)."""

    x: NDArray[np.floating]
    y: Array
    shares: Array


@dataclass(frozen=True)
class Solution:
    """Weights W (inputs, outputs) and b (outputs,) as float32, b None where there is no bias.

    Attributes:
        value: the objective before rounding to float32.
        bound: the minimum of the objective is not below it.
        steps: how many steps were taken.
        vanishes: whether the loss falls towards an infimum that no weights reach.
        scale: what a gap is a share of at least; next to nothing of the objective of a constant.
        held: which weights W were held at zero, (inputs, outputs); None for none of them.
    """

    kernel: Kept
    bias: Kept | None
    value: float
    bound: float
    steps: int
    vanishes: bool
    scale: float
    held: Mask | None


@dataclass(frozen=True)
class Measured:
    """How far weights are from optimal.

    Attributes:
        value: the objective.
        gap: the most that the minimum can be below it, as a share of it; infinite if not known.
        residual: the largest distance from 0 to the subdifferential, over weights and biases.
        relative: the largest such distance by a weight's own scale: the steepest slope of its
            penalty, or a thousandth of the objective by the weight.
        max_gradient: the largest slope of the loss by a weight W, in magnitude.
    """

    value: float
    gap: float
    residual: float
    relative: float
    max_gradient: float


@dataclass(frozen=True)
class _Ready:
    """A problem on scaled columns.

    Attributes:
        start: no weights and a bias near that of a constant, (width·outputs,), by output.
        center: what is subtracted from targets, (outputs,).
        scale: as of `Solution`.
    """

    problem: Scaled
    start: Array
    center: Array
    scale: float

    @property
    def columns(self) -> Columns:
        return self.problem.columns


class Problem:
    """A loss on rows, to be minimized for any strengths; keeps what depends only on the rows.

    Args:
        threads: shared with all problems that are solved at the same time; None where there are
            none.
    """

    def __init__(
        self, loss: Loss, rows: Rows, has_bias: bool, threads: OneThread | None = None
    ) -> None:
        self.loss, self.rows, self.has_bias = loss, rows, has_bias
        self._threads = OneThread() if threads is None else threads
        self._columns: dict[tuple[bool, tuple[int, ...] | None], Columns] = {}

    def solve(self, strengths: LayerStrengths, limit: int, held: Mask | None = None) -> Solution:
        """The minimum, from no weights and a bias near that of a constant, in `limit` steps.

        Args:
            strengths: of the elastic net or groups of inputs.
            held: weights W that stay at zero, (inputs, outputs); None for none of them.
        """
        with self._threads:
            return self._solved(strengths, limit, held)

    def descend(self, strengths: LayerStrengths, kernel: Kept, limit: int) -> Solution:
        """A stationary point that is not above the given weights W, in `limit` steps.

        Args:
            strengths: of a concave penalty.
        """
        penalty, numbers = strengths.kernel.penalty, strengths.kernel.numbers
        assert isinstance(penalty, ConcavePenalty)

        def tangent(w: Array) -> Array:
            """By which share of l1 the penalty rises at scaled weights, (width·outputs,)."""
            unscaled = w.reshape(kernel.shape[1], -1)[:, : len(kernel)] / ready.columns.scale
            share = np.ones((kernel.shape[1], ready.columns.width))
            share[:, : len(kernel)] = penalty.tangent(unscaled, numbers) / numbers["l1"]
            return share.ravel()

        with self._threads:
            ready = self._ready(strengths, None)
            begin = self._scaled_weights(ready, kernel)
            found = descend_by_tangents(ready.problem, tangent, ready.start, begin, limit)
            return self._solution(ready, found, None)

    def _solved(self, strengths: LayerStrengths, limit: int, held: Mask | None) -> Solution:
        ready = self._ready(strengths, held)
        found = descend_by_strength(ready.problem, ready.start, limit)
        if self.loss.of_width is not None:
            found = _sharpened(ready.problem, self.loss.of_width, found, limit)
        return self._solution(ready, found, held)

    def _ready(self, strengths: LayerStrengths, held: Mask | None) -> "_Ready":
        is_free = self.has_bias and not strengths.bias.any
        columns, y = self._scaled(is_free, _joined(strengths)), self.rows.y
        # Errors of large targets would lose their digits.
        center = np.zeros(y.shape[1])
        if is_free and self.loss.is_of_error:
            center = self.rows.shares @ y / self.rows.shares.sum()
            y = y - center
        start = np.zeros((columns.width, self.rows.y.shape[1]))
        if self.has_bias:
            start[-1] = self.loss.constant(y, self.rows.shares)
        penalty = self._penalty(columns.scale, strengths, held, columns.times(start), y)
        problem = Scaled(columns, self.loss, y, self.rows.shares, penalty)
        scale = _NOTHING * abs(problem.objective(start.T.ravel(), columns.times(start)))
        return _Ready(problem, start.T.ravel(), center, scale)

    def _solution(self, ready: "_Ready", found: Found, held: Mask | None) -> Solution:
        weights = found.x.reshape(-1, ready.columns.width).T
        kernel, bias = self._rounded(ready.columns, weights, ready.center)
        ended = (found.value, found.bound, found.steps, found.vanishes)
        return Solution(kernel, bias, *ended, ready.scale, held)

    @staticmethod
    def _scaled_weights(ready: "_Ready", kernel: Kept) -> Array:
        """Weights W on scaled columns, and the initial bias, by output."""
        by_output = ready.start.reshape(-1, ready.columns.width).copy()
        by_output[:, : len(kernel)] = (kernel.astype(np.float64) * ready.columns.scale[:, None]).T
        return by_output.ravel()

    def _scaled(self, is_centred: bool, joined: tuple[int, ...] | None) -> Columns:
        key = is_centred, joined
        if key not in self._columns:
            made = Columns(self.rows.x, self.rows.shares, self.has_bias, is_centred, joined)
            self._columns[key] = made
        return self._columns[key]

    def _penalty(
        self, scale: Array, strengths: LayerStrengths, held: Mask | None, z: Array, y: Array
    ) -> VectorPenalty:
        """Strengths on scaled columns, by output; z are scores of the start, y targets."""
        shares, total = self.rows.shares[:, None], float(self.rows.shares.sum())
        slope = self.loss.slope(z, y)
        slopes = float(np.sqrt(total * (shares * slope**2).sum()))
        bends = float((shares * self.loss.curvature(z, y)).sum())
        outputs = self.rows.y.shape[1]
        negligible = _NEGLIGIBLE if self.loss.is_attained else _NEXT_TO_NOTHING

        def spread(of_inputs: Array, of_bias: float, largest: float) -> Array:
            one = np.append(of_inputs, of_bias) if self.has_bias else of_inputs
            return np.tile(np.where(one > negligible * largest, one, 0.0), outputs)

        own, bias = strengths.kernel.numbers, strengths.bias.numbers
        penalty = VectorPenalty(
            l1=self._holding(spread(own["l1"] / scale, bias["l1"], slopes), held),
            l2=spread(own["l2"] / scale**2, bias["l2"], bends),
            group=spread(_group_strength(strengths, len(scale)) / scale, 0.0, slopes),
            groups=None,
        )
        if not penalty.group.any():
            return penalty
        return replace(penalty, groups=self._groups(len(scale), _joined(strengths)))

    def _groups(self, inputs: int, joined: tuple[int, ...] | None) -> NDArray[np.intp]:
        """The number of each weight's group: its input's, or for a bias one of its own."""
        of_inputs = np.arange(inputs) if joined is None else np.array(joined, np.intp)
        one = np.append(of_inputs, of_inputs.max(initial=-1) + 1) if self.has_bias else of_inputs
        numbers = np.tile(one, (self.rows.y.shape[1], 1))
        if self.has_bias:
            numbers[:, -1] += np.arange(len(numbers))
        return numbers.ravel().astype(np.intp)

    def _rounded(self, columns: Columns, weights: Array, center: Array) -> tuple[Kept, Kept | None]:
        """W and b in the data's units, from weights on scaled columns and centred targets."""
        with np.errstate(over="ignore", invalid="ignore", under="ignore"):
            kernel = (weights[: len(columns.scale)] * columns.inverse[:, None]).astype(np.float32)
            if not self.has_bias:
                return kernel, None
            # The centring is undone for the weights in the form in which they are stored.
            bias = center + weights[-1] - columns.center @ kernel.astype(np.float64)
            return kernel, bias.astype(np.float32)

    def measure(
        self,
        kernel: Kept,
        bias: Kept | None,
        strengths: LayerStrengths,
        solution: Solution | None,
    ) -> Measured:
        """How far weights are from optimal.

        Args:
            solution: of the same strengths, whose bound tells how low the minimum can be; None
                where none is known, as with a concave penalty.
        """
        w = kernel.astype(np.float64)
        b = np.zeros(w.shape[1]) if bias is None else bias.astype(np.float64)
        inputs = len(w)
        with np.errstate(over="ignore", invalid="ignore"):
            data_loss, gradient = self._loss_and_gradient(w, b)
        x = np.concatenate([w, b[None]]) if self.has_bias else w
        flat, slope = x.T.ravel(), gradient[: len(x)].T.ravel()
        held = None if solution is None else solution.held
        added, off, hold = self._penalty_at(flat, slope, inputs, strengths, held)
        value = data_loss + added
        typical = np.repeat(np.sqrt((x**2).mean(axis=0)), len(x))
        size = np.maximum(np.abs(flat), typical)
        floor = FLOOR * abs(value) / np.where(size > 0, size, np.inf)
        typical_slope = np.maximum(np.maximum(hold, floor), 1e-300)
        return Measured(
            value=value,
            gap=_gap(value, solution),
            residual=float(off.max(initial=0.0)),
            relative=float((off / typical_slope).max(initial=0.0)),
            max_gradient=float(np.abs(gradient[:inputs]).max(initial=0.0)),
        )

    def _penalty_at(
        self, x: Array, slope: Array, inputs: int, strengths: LayerStrengths, held: Mask | None
    ) -> tuple[float, Array, Array]:
        """The penalty of weights and biases by output; residual and hold of each, (n,).

        Args:
            slope: of the loss by each, (n,).
        """
        ones, of_bias = np.ones(inputs), strengths.bias.numbers
        penalty, own = strengths.kernel.penalty, strengths.kernel.numbers
        group = _group_strength(strengths, inputs)
        vector = VectorPenalty(
            l1=self._holding(self._spread(own["l1"] * ones, of_bias["l1"]), held),
            l2=self._spread(own["l2"] * ones, of_bias["l2"]),
            group=self._spread(group, 0.0),
            groups=self._groups(inputs, _joined(strengths)) if group.any() else None,
        )
        if not isinstance(penalty, ConcavePenalty):
            return vector.value(x), vector.residual(x, slope), vector.hold(x)
        is_bias = self._spread(np.zeros(inputs), 1.0) > 0
        w, biases = np.where(is_bias, 0.0, x), np.where(is_bias, x, 0.0)
        value = float(penalty.terms(w, own).sum()) + vector.value(biases)
        off = np.where(is_bias, vector.residual(x, slope), penalty.residual(w, slope, own))
        return value, off, np.where(is_bias, vector.hold(x), penalty.hold(w, own))

    def _spread(self, of_inputs: Array, of_bias: float) -> Array:
        one = np.append(of_inputs, of_bias) if self.has_bias else of_inputs
        return np.tile(one, self.rows.y.shape[1])

    def _holding(self, l1: Array, held: Mask | None) -> Array:
        """The l1 of each weight, above every slope where the weight is held at zero."""
        if held is None:
            return l1
        whole = np.zeros((len(held) + self.has_bias, self.rows.y.shape[1]), bool)
        whole[: len(held)] = held
        return np.where(whole.T.ravel(), _HOLDING, l1)

    def _loss_and_gradient(self, w: Array, b: Array) -> tuple[float, Array]:
        """The loss, and its gradient by weights and biases, (inputs + 1, outputs)."""
        x, y, shares = self.rows.x, self.rows.y, self.rows.shares
        total, gradient = 0.0, np.zeros((len(w) + 1, w.shape[1]))
        rows = max(1, _BLOCK // max(1, x.shape[1]))
        for start in range(0, len(x), rows):
            cut = slice(start, start + rows)
            part, a = x[cut].astype(np.float64), shares[cut, None]
            z = part @ w + b
            total += float((a * self.loss.true_value(z, y[cut])).sum())
            slopes = a * self.loss.slope(z, y[cut])
            gradient[:-1] += part.T @ slopes
            gradient[-1] += slopes.sum(axis=0)
        return total, gradient


def _joined(strengths: LayerStrengths) -> tuple[int, ...] | None:
    """The number of each input's group where several are one; None where each is, or none is."""
    penalty, numbers = strengths.kernel.penalty, strengths.kernel.numbers
    if isinstance(penalty, SparseGroups) and numbers["group"]:
        return penalty.groups.of_position
    return None


def _group_strength(strengths: LayerStrengths, inputs: int) -> Array:
    """The strength of each input's group: group·√p of p inputs, (inputs,); 0 without groups."""
    strength, joined = float(strengths.kernel.numbers.get("group", 0.0)), _joined(strengths)
    if joined is None:
        return np.full(inputs, strength)
    numbers = np.array(joined, np.intp)
    return np.asarray(strength * np.sqrt(np.bincount(numbers))[numbers])


def _sharpened(
    problem: Scaled, of_width: Callable[[float], Loss], found: Found, limit: int
) -> Found:
    """Go on from the minimum of a smoothed loss to that of the loss itself, width by width.

    A loss that is smoothed from below has a minimum that is not above the loss's own, so its bound
    holds for both.
    """
    a = problem.shares[:, None]
    width = _FIRST_WIDTH
    while found.steps < limit:
        true = float((a * problem.loss.true_value(found.z, problem.y)).sum())
        true += problem.penalty.value(found.x)
        found = replace(found, value=true)
        if true - found.bound <= _ENOUGH_WIDTH * true:
            break
        width /= 3
        if width < _LAST_WIDTH:
            break
        sharper = replace(problem, loss=of_width(width * max(true, 1e-300)))
        next_ = descend(sharper, found.x, min(_STEPS_A_WIDTH, limit - found.steps))
        found = replace(next_, bound=max(found.bound, next_.bound), steps=found.steps + next_.steps)
    return found


def _gap(value: float, solution: Solution | None) -> float:
    """The most that the minimum can be below a value, as a share of it; infinite if not known."""
    if solution is None:
        return float("inf")
    return _share(value - solution.bound, max(abs(value), solution.scale))


def _share(excess: float, whole: float) -> float:
    """The relative duality gap; infinite where it is not known."""
    return max(excess, 0.0) / whole if np.isfinite(excess) and whole > 0 else float("inf")
