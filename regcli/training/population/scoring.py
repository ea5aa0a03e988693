"""Outcomes of members that have ended: their scores on every part, their zeros, their history."""

import time
from collections.abc import Mapping, Sequence

import numpy as np

from regcli.nets.kernel_penalties import penalty_value, regularizer_value
from regcli.nets.parts import wants_class_numbers
from regcli.nets.weights import read_weights, variable_name
from regcli.penalties.penalty import Strengths
from regcli.results.records import Optimality, RunState, Scores
from regcli.training.evaluation import loss_scores, task_metrics
from regcli.training.full_batch import FullBatch
from regcli.training.outcome import Outcome, Weights
from regcli.training.population.layers import is_statistic
from regcli.training.population.prediction import Predicted
from regcli.training.population.program import EpochProgram
from regcli.training.population.progress import MemberRun
from regcli.training.population.recipe import Arrays, Recipe
from regcli.training.zeros import measure_zeros


def make_outcomes(
    program: EpochProgram, ended: Sequence[tuple[MemberRun, Arrays]]
) -> tuple[tuple[int, Outcome], ...]:
    """The outcome of each member, with its number.

    Args:
        ended: members with the weights and statistics that they end with.
    """
    places = _places(program.recipe)
    return tuple((run.number, _outcome(program, run, numbers, places)) for run, numbers in ended)


def _outcome(
    program: EpochProgram, run: MemberRun, numbers: Arrays, places: Mapping[str, int]
) -> Outcome:
    recipe = program.recipe
    numbers, optimality = _polished(program, run, numbers)
    weights = {name: numbers[place] for name, place in places.items()}
    penalty = _penalty(recipe, run, numbers) + sum(
        regularizer_value(regularizer, numbers[position])
        for position, regularizer in program.penalties.regularizers.items()
    )

    def score(other: Weights) -> Mapping[str, Scores]:
        replaced = list(numbers)
        for name, place in places.items():
            replaced[place] = other[name]
        predicted = program.predict(replaced, run.start.split)
        return {
            part: _score(recipe, part, predicted.get(part), run.start.split, penalty)
            for part in ("train", "validation", "test")
        }

    metrics = score(weights)
    finite = np.isfinite(metrics["train"]["objective"] or 0.0)
    diverged = run.state is RunState.DIVERGED or not finite
    return Outcome(
        state=RunState.DIVERGED if diverged else RunState.FINISHED,
        epochs=run.epoch,
        seconds=run.seconds,
        metrics=metrics,
        sparsity=measure_zeros(recipe.model, weights, recipe.columns, metrics, score),
        optimality=optimality,
        weights=weights,
        history={name: tuple(values) for name, values in run.history.items()},
        message=f"the loss was not finite after epoch {run.epoch}" if diverged else "",
    )


def _score(
    recipe: Recipe, part: str, predicted: Predicted | None, split: int, penalty: float
) -> Scores:
    if predicted is None:
        return {}
    rows = recipe.parts[part]
    weights = None if rows.weights is None else rows.weights[split]
    penalty += float(predicted.activity.mean(dtype=np.float64))
    scores = loss_scores(predicted.losses, weights, penalty)
    return {**scores, **task_metrics(recipe.task, rows.y[split], predicted.outputs, recipe.cut)}


def _polished(
    program: EpochProgram, run: MemberRun, numbers: Arrays
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


def _strengths(recipe: Recipe, run: MemberRun) -> dict[int, Strengths]:
    """What is regularized, by position among the trainable variables."""
    positions = (own.position for own in recipe.regularized)
    return dict(zip(positions, run.start.strengths, strict=True))


def _penalty(recipe: Recipe, run: MemberRun, numbers: Arrays) -> float:
    return sum(
        penalty_value(numbers[position], own) for position, own in _strengths(recipe, run).items()
    )


def _places(recipe: Recipe) -> dict[str, int]:
    """Where each weight and statistic stands in a program, by name, in the model's order."""
    model = recipe.model
    kept = [v for v in model.non_trainable_variables if is_statistic(v)]
    variables = [*model.trainable_variables, *kept]
    places = {variable_name(model, variable): place for place, variable in enumerate(variables)}
    return {name: places[name] for name in read_weights(model)}
