"""The largest useful strength of l1: above it, every regularized weight is zero.

For one Dense layer it follows from the optimality conditions (`Penalty.largest_l1`): with all
weights zero and the bias fitted, a weight stays at zero while its gradient g is below l1, so that
λmax = max|g|; and a group of weights with a strength γ of its own while ‖S(g, l1)‖ ≤ γ, where S is
the soft threshold. A net of more layers has no such formula: its gradient at zero weights is
zero; nor has a loss with kinks, which has many gradients if the fitted bias puts rows on a kink.
There it is found by trial, as the smallest strength of a grid from which training ends without a
weight.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from regcli.config.schema import Config
from regcli.data.dataset import Splits
from regcli.errors import ModelError
from regcli.models.kernel_penalties import view_shape
from regcli.models.outputs import output_of
from regcli.models.parts import make_loss
from regcli.models.weights import kernel_names, variable_name
from regcli.penalties.elastic_net import ELASTIC_NET
from regcli.penalties.penalty import Strengths
from regcli.planning.batches import make_batches
from regcli.planning.events import Event, RunsEnded
from regcli.planning.graph import RunGraph
from regcli.planning.run import Run
from regcli.results.records import Optimality
from regcli.results.sparsity import is_among, nonzero_of
from regcli.training.executor_choice import RefusedRunError, choose_executor
from regcli.training.executors import Materials
from regcli.training.full_batch import FullBatch, FullBatchObjective, joined
from regcli.training.loss_targets import loss_targets, row_weights
from regcli.training.polish import Polish, is_single_dense
from regcli.training.rows_in_memory import require_numbers_for_l1
from regcli.training.template import bare_model, source_of, strengths_by_position

_TRIALS = 12
"""Strengths that are tried at once."""
_HUGE = 1e30
_WITH_KINKS = (
    keras.losses.Hinge,
    keras.losses.CategoricalHinge,
    keras.losses.MeanAbsoluteError,
    keras.losses.MeanAbsolutePercentageError,
)
"""Losses whose gradient jumps."""
_DECADES = 4.0
"""How far below the start's largest gradient the first trials reach."""
_MORE_DECADES = 2.0
"""How far above it the next ones do, where none of those is empty."""


@dataclass(frozen=True)
class Largest:
    """The largest useful strength, and whether a formula gave it rather than trials."""

    strength: float
    is_exact: bool


def largest_strength(run: Run, materials: Materials) -> Largest:
    """The largest useful l1 of a run's config; its own l1 is left aside.

    Raises:
        ModelError: the model cannot be built or trained by proximal steps, its l1 reaches no
            kernel, or no trial ended without a weight.
    """
    config, splits = run.config, materials.data.of(run.data)
    reached = _reached(config, splits)
    with tf.device(materials.device):
        keras.utils.set_random_seed(config.training.seed)
        net = _Net.of(config, splits, reached)
        is_single, kinks = is_single_dense(net.model), isinstance(net.loss, _WITH_KINKS)
        if is_single and not kinks:
            return Largest(_by_formula(config, splits, net), is_exact=True)
        top = net.pull([np.asarray(v) for v in net.model.trainable_variables])
    # A net that is empty as a whole stays so; kernels beside others, and weights that are pulled
    # by rows on a kink, may come back.
    stays_empty = net.is_whole and not is_single
    tried = _with_config(run, _without_polish(config)) if stays_empty else run
    return Largest(_by_trials(tried, materials, top, reached), is_exact=False)


def _reached(config: Config, splits: Splits) -> frozenset[str]:
    """What l1 is to empty: layers by name, and `layer/weight`."""
    reached = source_of(config, splits).reached(config.regularization, "l1")
    if not reached:
        raise ModelError(
            ("regularization",),
            "auto requires a kernel that regularization.l1 applies to, this model has none; name a "
            "layer in regularization.layers, remove a layer's own l1, or give numbers for l1",
        )
    return reached


@dataclass(frozen=True)
class _Net:
    """A model at the start of training, with all its rows.

    Attributes:
        reached: positions of the weights that l1 is to empty, among the trainable variables.
    """

    model: keras.Model
    loss: keras.losses.Loss
    rows: FullBatch
    reached: tuple[int, ...]

    @classmethod
    def of(cls, config: Config, splits: Splits, reached: Collection[str]) -> "_Net":
        require_numbers_for_l1(splits)
        model = bare_model(config, splits)
        output = output_of(model)
        loss = make_loss(config.training.loss, splits.table.task, output)
        names = [variable_name(model, v) for v in model.trainable_variables]
        part = splits.train
        targets = loss_targets(part.y, splits, loss, output.units)
        rows = FullBatch(part.x, targets, row_weights(config.training, splits, part))
        places = (place for place, name in enumerate(names) if is_among(name, reached))
        return cls(model, loss, rows, tuple(places))

    @property
    def is_whole(self) -> bool:
        """Whether every kernel is among those that l1 is to empty."""
        names = [variable_name(self.model, v) for v in self.model.trainable_variables]
        return {names.index(name) for name in kernel_names(self.model)} <= set(self.reached)

    def polished(
        self, weights: Sequence[Any], strengths: Mapping[int, Strengths], steps: int
    ) -> tuple[Sequence[Any], Optimality]:
        """Weights after some steps under strengths by position, and how far they have come."""
        penalties = {place: own.penalty for place, own in strengths.items()}
        polish = Polish(self.model, self.loss, penalties, steps)
        kept = self.model.non_trainable_variables
        others = [np.asarray(v) for v in kept if "float" in str(v.dtype)]
        return polish(weights, others, self.rows, strengths)

    def gradients(self, weights: Sequence[Any]) -> dict[int, NDArray[np.float64]]:
        """The gradient of each weight that l1 is to empty, by position."""
        kept = self.model.non_trainable_variables
        others = [v.value for v in kept if "float" in str(v.dtype)]
        objective = FullBatchObjective(self.model, self.loss, {}, others, self.rows.blocks(), {})
        _, gradient = objective.loss_and_gradient(joined(map(tf.constant, weights)))
        parts = objective.parts(gradient)
        return {place: parts[place].numpy().astype(np.float64) for place in self.reached}

    def pull(self, weights: Sequence[Any]) -> float:
        """The largest gradient of a weight that l1 is to empty."""
        strengths = dict.fromkeys(self.reached, ELASTIC_NET.strengths(l1=1.0))
        return self.polished(weights, strengths, steps=0)[1].pull


def _by_formula(config: Config, splits: Splits, net: _Net) -> float:
    """Fit the bias with all weights held at zero; the largest gradient of a weight is left."""
    zeros = [np.zeros(v.shape, np.float32) for v in net.model.trainable_variables]
    held = dict.fromkeys(net.reached, ELASTIC_NET.strengths(l1=_HUGE))
    own = strengths_by_position(net.model, config, splits)
    fitted, _ = net.polished(zeros, own | held, steps=10_000)
    found = max(
        own[place].penalty.largest_l1(
            gradient.reshape(view_shape(gradient.shape)), own[place].numbers
        )
        for place, gradient in net.gradients(fitted).items()
    )
    if not found and any(strengths.numbers.get("group") for strengths in own.values()):
        message = (
            "must be smaller: it sets all weights to zero even without l1; lower it, or give "
            "numbers for l1"
        )
        raise ModelError(("regularization", "group_strength"), message)
    # Slightly more, because with rounded gradients a last weight may stay non-zero.
    return found * (1 + 1e-5)


def _by_trials(run: Run, materials: Materials, top: float, reached: Collection[str]) -> float:
    """The smallest strength found from which nothing is left, to a twelfth of a decade or so."""

    def narrowed(low: float, high: float) -> tuple[float, float] | None:
        """Logarithms between which models get empty; None where they do not."""
        logarithms = np.linspace(low, high, _TRIALS).tolist()
        nonzero = _left_over(run, materials, [10.0**x for x in logarithms], reached)
        first = next((place for place, count in enumerate(nonzero) if count == 0), None)
        if first is None:
            return None
        return logarithms[first - 1] if first else low - 1.0, logarithms[first]

    start = float(np.log10(top))
    # Gradients grow with the weights of kernels that l1 does not apply to.
    found = narrowed(start - _DECADES, start) or narrowed(start, start + _MORE_DECADES)
    if found is None:
        raise ModelError(
            ("sweep", "l1"),
            f"no l1 up to {10.0 ** (start + _MORE_DECADES):g} sets all weights to zero; train for "
            "more epochs or with a higher learning rate, or give numbers for l1",
        )
    return float(10.0 ** (narrowed(*found) or found)[1])


def _left_over(
    run: Run, materials: Materials, strengths: Sequence[float], reached: Collection[str]
) -> Sequence[int]:
    """Non-zero weights of the kernels that l1 reaches, after proximal training at each strength."""
    graph = RunGraph.of(
        replace(_with_config(run, _with_l1(run.config, l1)), id=f"trial-{place}")
        for place, l1 in enumerate(strengths)
    )
    left: dict[str, int] = {}

    def listen(event: Event) -> None:
        if isinstance(event, RunsEnded):
            for identity, outcome in event.outcomes:
                sparsity = outcome.sparsity
                left[identity] = 1 if sparsity is None else nonzero_of(sparsity, reached)

    materials = replace(materials, checkpoints=None)
    try:
        for batch in make_batches(graph, graph.runs.keys(), materials.data):
            choose_executor(batch, "auto", materials).run(batch, listen)
    except RefusedRunError as refused:
        raise refused.error from refused
    return [left[identity] for identity in graph.runs]


def _with_config(run: Run, config: Config) -> Run:
    return replace(run, member=replace(run.member, config=config))


def _with_l1(config: Config, l1: float) -> Config:
    regularization = config.regularization.model_copy(update={"l1": l1, "method": "proximal"})
    return config.model_copy(update={"regularization": regularization})


def _without_polish(config: Config) -> Config:
    training = config.training.model_copy(update={"polish": 0})
    return config.model_copy(update={"training": training})
