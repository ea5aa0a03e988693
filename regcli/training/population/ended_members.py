"""Outcomes of members that have ended: their scores on every part, their zeros, their history."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from regcli.metrics.all_scores import score
from regcli.metrics.predictions import Predictions
from regcli.metrics.registry import kind_of
from regcli.models.connectivity import measure_members
from regcli.models.parts import wants_class_numbers
from regcli.models.weights import read_weights, variable_name
from regcli.penalties.penalty import Strengths
from regcli.results.outcomes import Outcome, Weights
from regcli.results.records import Optimality, RunState, Scores, Sparsity
from regcli.training.evaluation import loss_scores
from regcli.training.full_batch import FullBatch
from regcli.training.population.layers import is_statistic
from regcli.training.population.member_run import MemberRun
from regcli.training.population.prediction import Predicted
from regcli.training.population.program import EpochProgram
from regcli.training.population.recipe import Arrays, Recipe
from regcli.training.zeros import with_scores_after, without_near_zeros

MOST_NUMBERS = 16_000_000
"""Outputs, or weights, of members that are kept in memory to be scored together."""


@dataclass(frozen=True)
class _End:
    """A member that has ended, with its weights and statistics as they are kept."""

    run: MemberRun
    numbers: Arrays
    optimality: Optimality | None


def make_outcomes(
    program: EpochProgram, ended: Sequence[tuple[MemberRun, Arrays]]
) -> tuple[tuple[str, Outcome], ...]:
    """The outcome of each member, with the id of its run.

    Args:
        ended: members with the weights and statistics that they end with.
    """
    recipe = program.recipe
    outputs = sum(map(len, recipe.parts.values())) * recipe.model.output_shape[-1]
    step = max(1, MOST_NUMBERS // max(outputs, recipe.model.count_params(), 1))
    return tuple(
        outcome
        for start in range(0, len(ended), step)
        for outcome in _outcomes(program, ended[start : start + step])
    )


def _outcomes(
    program: EpochProgram, ended: Sequence[tuple[MemberRun, Arrays]]
) -> Iterator[tuple[str, Outcome]]:
    recipe, places = program.recipe, _places(program.recipe)
    ends = [_polished(program, run, numbers) for run, numbers in ended]
    penalties = program.penalty_values(_stacked(ends), [end.run.start.strengths for end in ends])
    weights = [{name: end.numbers[place] for name, place in places.items()} for end in ends]
    zeros = measure_members(recipe.model, weights, recipe.columns)
    zeroed = {}
    for number, (end, own, found) in enumerate(zip(ends, weights, zeros, strict=True)):
        if (other := without_near_zeros(recipe.model, own, found)) is not None:
            numbers = list(end.numbers)
            for name, place in places.items():
                numbers[place] = other[name]
            zeroed[number] = replace(end, numbers=numbers)
    metrics = _scores(program, ends, penalties)
    after = dict(
        zip(zeroed, _scores(program, list(zeroed.values()), penalties[list(zeroed)]), strict=True)
    )
    for number, (end, own, found) in enumerate(zip(ends, weights, zeros, strict=True)):
        scores = metrics[number]
        sparsity = with_scores_after(found, after.get(number, scores))
        yield end.run.id, _outcome(end, own, scores, sparsity)


def _stacked(ends: Sequence[_End]) -> Arrays:
    """Weights and statistics, (members, …) each."""
    return [np.stack(parts) for parts in zip(*(end.numbers for end in ends), strict=True)]


def _outcome(
    end: _End, weights: Weights, metrics: Mapping[str, Scores], sparsity: Sparsity
) -> Outcome:
    run = end.run
    finite = np.isfinite(metrics["train"]["objective"] or 0.0)
    diverged = run.state is RunState.DIVERGED or not finite
    return Outcome(
        state=RunState.DIVERGED if diverged else RunState.FINISHED,
        epochs=run.epoch,
        seconds=run.seconds,
        metrics=metrics,
        sparsity=sparsity,
        optimality=end.optimality,
        weights=weights,
        history={name: tuple(values) for name, values in run.history.items()},
        message=f"the loss was not finite after epoch {run.epoch}" if diverged else "",
    )


def _scores(
    program: EpochProgram, ends: Sequence[_End], penalties: NDArray[np.float64]
) -> list[dict[str, Scores]]:
    """The scores of every part, of each member; members of one split are scored in one call.

    Args:
        penalties: of each member, (members,).
    """
    by_split: dict[int, list[int]] = {}
    for number, end in enumerate(ends):
        by_split.setdefault(end.run.start.split, []).append(number)
    found: list[dict[str, Scores]] = [{"train": {}, "validation": {}, "test": {}} for _ in ends]
    for split, numbers in by_split.items():
        predicted = program.predict(_stacked([ends[number] for number in numbers]), split)
        for part, given in predicted.items():
            scores = _part_scores(program.recipe, part, split, given, penalties[numbers])
            for number, own in zip(numbers, scores, strict=True):
                found[number][part] = own
    return found


def _part_scores(
    recipe: Recipe, part: str, split: int, given: Predicted, penalties: NDArray[np.float64]
) -> Iterator[Scores]:
    """Losses and every metric of the task, of each member."""
    rows = recipe.parts[part]
    weights = None if rows.weights is None else rows.weights[split]
    outputs = Predictions(rows.y[split], given.outputs, recipe.scale, recipe.positive)
    by_task = score(kind_of(recipe.task), outputs)
    keys, columns = list(by_task), [values.tolist() for values in by_task.values()]
    members = zip(given.losses, given.activity, penalties.tolist(), *columns, strict=True)
    for losses, activity, penalty, *values in members:
        taken = float(activity.mean(dtype=np.float64)) if activity.any() else 0.0
        own = loss_scores(losses, weights, penalty + taken)
        yield {**own, **dict(zip(keys, values, strict=True))}


def _polished(program: EpochProgram, run: MemberRun, numbers: Arrays) -> _End:
    """A member after the full-batch steps that end proximal training, where there are any."""
    recipe, count = program.recipe, len(program.shapes)
    if recipe.polish is None or run.state is RunState.DIVERGED:
        return _End(run, numbers, None)
    started = time.perf_counter()
    rows = recipe.parts["train"].of(run.start.split)
    weights = None if rows.weights is None else rows.weights[0]
    targets = rows.targets[0][:, 0] if wants_class_numbers(recipe.loss) else rows.targets[0]
    batch = FullBatch(rows.inputs[0], targets, weights)
    polished, optimality = recipe.polish(
        numbers[:count], numbers[count:], batch, _strengths(recipe, run)
    )
    run.seconds += time.perf_counter() - started
    return _End(run, [*polished, *numbers[count:]], optimality)


def _strengths(recipe: Recipe, run: MemberRun) -> dict[int, Strengths]:
    """What is regularized, by position among the trainable variables."""
    positions = (own.position for own in recipe.regularized)
    return dict(zip(positions, run.start.strengths, strict=True))


def _places(recipe: Recipe) -> dict[str, int]:
    """Where each weight and statistic stands in a program, by name, in the model's order."""
    model = recipe.model
    kept = [v for v in model.non_trainable_variables if is_statistic(v)]
    variables = [*model.trainable_variables, *kept]
    places = {variable_name(model, variable): place for place, variable in enumerate(variables)}
    return {name: places[name] for name in read_weights(model)}
