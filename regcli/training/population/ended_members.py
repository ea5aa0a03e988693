"""Outcomes of members that have ended: their scores on every part, their zeros, their history."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from regcli.metrics.all_scores import score
from regcli.metrics.predictions import Predictions
from regcli.metrics.registry import kind_of
from regcli.models.class_numbers import wants_class_numbers
from regcli.models.connectivity import measure_sparsity
from regcli.models.kernel_penalties import penalty_value, regularizer_value
from regcli.models.weights import read_weights, variable_name
from regcli.penalties.penalty import Strengths
from regcli.results.outcomes import Outcome, Weights
from regcli.results.records import Optimality, RunState, Scores, Sparsity
from regcli.stacked.layers import is_statistic
from regcli.stacked.prediction import Predicted
from regcli.stacked.recipe import Arrays
from regcli.training.evaluation import loss_scores
from regcli.training.full_batch import FullBatch
from regcli.training.population.member_run import MemberRun
from regcli.training.population.population_recipe import PopulationRecipe, Program
from regcli.training.zeros import with_scores_after, without_near_zeros

MOST_OUTPUTS = 16_000_000
"""Outputs of members that are kept in memory to be scored together."""


@dataclass(frozen=True)
class _End:
    """A member that has ended, with what its scores are made from."""

    run: MemberRun
    numbers: Arrays
    penalty: float
    optimality: Optimality | None


def make_outcomes(
    program: Program, ended: Sequence[tuple[MemberRun, Arrays]]
) -> tuple[tuple[str, Outcome], ...]:
    """The outcome of each member, with the id of its run.

    Args:
        ended: members with the weights and statistics that they end with.
    """
    recipe = program.recipe
    rows = sum(map(len, recipe.parts.values()))
    step = max(1, MOST_OUTPUTS // (rows * recipe.model.output_shape[-1]))
    return tuple(
        outcome
        for start in range(0, len(ended), step)
        for outcome in _outcomes(program, ended[start : start + step])
    )


def _outcomes(
    program: Program, ended: Sequence[tuple[MemberRun, Arrays]]
) -> Iterator[tuple[str, Outcome]]:
    model, places = program.recipe.model, _places(program.recipe)
    ends = [_end(program, run, numbers) for run, numbers in ended]
    weights = [{name: end.numbers[place] for name, place in places.items()} for end in ends]
    zeros = [measure_sparsity(model, own, program.recipe.columns) for own in weights]
    zeroed = {}
    for number, (end, own, found) in enumerate(zip(ends, weights, zeros, strict=True)):
        if (other := without_near_zeros(model, own, found)) is not None:
            numbers = list(end.numbers)
            for name, place in places.items():
                numbers[place] = other[name]
            zeroed[number] = replace(end, numbers=numbers)
    metrics = _scores(program, ends)
    after = dict(zip(zeroed, _scores(program, list(zeroed.values())), strict=True))
    for number, (end, own, found) in enumerate(zip(ends, weights, zeros, strict=True)):
        scores = metrics[number]
        sparsity = with_scores_after(found, after.get(number, scores))
        yield end.run.id, _outcome(end, own, scores, sparsity)


def _end(program: Program, run: MemberRun, numbers: Arrays) -> _End:
    numbers, optimality = _polished(program, run, numbers)
    penalty = _penalty(program.recipe, run, numbers) + sum(
        regularizer_value(regularizer, numbers[position])
        for position, regularizer in program.penalties.regularizers.items()
    )
    return _End(run, numbers, penalty, optimality)


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


def _scores(program: Program, ends: Sequence[_End]) -> list[dict[str, Scores]]:
    """The scores of every part, of each member; their metrics are found together.

    Predictions are each member's own, so that its last digits do not depend on who ended with it.
    """
    recipe = program.recipe
    predicted = [program.predict(end.numbers, end.run.start.split) for end in ends]
    found: list[dict[str, Scores]] = [{"train": {}, "validation": {}, "test": {}} for _ in ends]
    for part, rows in recipe.parts.items():
        by_task = _task_metrics(recipe, part, ends, predicted)
        for number, end in enumerate(ends):
            split, own = end.run.start.split, predicted[number][part]
            weights = None if rows.weights is None else rows.weights[split]
            penalty = end.penalty + float(own.activity.mean(dtype=np.float64))
            losses = loss_scores(own.losses, weights, penalty)
            found[number][part] = {**losses, **by_task[number]}
    return found


def _task_metrics(
    recipe: PopulationRecipe,
    part: str,
    ends: Sequence[_End],
    predicted: Sequence[Mapping[str, Predicted]],
) -> list[dict[str, float]]:
    """Every metric of the task, of each member; those of one split are scored in one call."""
    by_split: dict[int, list[int]] = {}
    for number, end in enumerate(ends):
        by_split.setdefault(end.run.start.split, []).append(number)
    found: list[dict[str, float]] = [{} for _ in ends]
    for split, numbers in by_split.items():
        outputs = np.stack([predicted[number][part].outputs for number in numbers])
        truth = recipe.parts[part].y[split]
        given = Predictions(truth, outputs, recipe.scale, recipe.positive)
        for key, values in score(kind_of(recipe.task), given).items():
            for number, value in zip(numbers, values, strict=True):
                found[number][key] = float(value)
    return found


def _polished(
    program: Program, run: MemberRun, numbers: Arrays
) -> tuple[Arrays, Optimality | None]:
    """Weights and statistics after the full-batch steps that end proximal training."""
    recipe, count = program.recipe, len(program.shapes)
    if recipe.polish is None or run.state is RunState.DIVERGED:
        return numbers, None
    started = time.perf_counter()
    rows = recipe.parts["train"].of(run.start.split)
    weights = None if rows.weights is None else rows.weights[0]
    targets = rows.targets[0][:, 0] if wants_class_numbers(recipe.loss) else rows.targets[0]
    batch = FullBatch(rows.inputs[0], targets, weights)
    strengths = _strengths(recipe, run)
    polished, optimality = recipe.polish(numbers[:count], numbers[count:], batch, strengths)
    run.seconds += time.perf_counter() - started
    return [*polished, *numbers[count:]], optimality


def _strengths(recipe: PopulationRecipe, run: MemberRun) -> dict[int, Strengths]:
    """What is regularized, by position among the trainable variables."""
    positions = (own.position for own in recipe.regularized)
    return dict(zip(positions, run.start.strengths, strict=True))


def _penalty(recipe: PopulationRecipe, run: MemberRun, numbers: Arrays) -> float:
    return sum(
        penalty_value(numbers[position], own) for position, own in _strengths(recipe, run).items()
    )


def _places(recipe: PopulationRecipe) -> dict[str, int]:
    """Where each weight and statistic stands in a program, by name, in the model's order."""
    model = recipe.model
    kept = [v for v in model.non_trainable_variables if is_statistic(v)]
    variables = [*model.trainable_variables, *kept]
    places = {variable_name(model, variable): place for place, variable in enumerate(variables)}
    return {name: places[name] for name in read_weights(model)}
