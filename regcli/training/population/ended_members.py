"""Outcomes of members that have ended: their scores on every part, their zeros, their history."""

import time
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from regcli.models.class_numbers import wants_class_numbers
from regcli.models.connectivity import count_members
from regcli.models.weights import variable_name, weight_names
from regcli.results.outcomes import Outcome, Weights
from regcli.results.records import Optimality, RunState, Sparsity
from regcli.results.sparsity import NEAR_THRESHOLD
from regcli.stacked.recipe import Arrays
from regcli.stacked.stacking import is_statistic
from regcli.training.evaluation import Evaluation
from regcli.training.full_batch import FullBatch
from regcli.training.population.member_run import MemberRun
from regcli.training.population.member_scores import score_members
from regcli.training.population.population_recipe import PopulationRecipe, Program
from regcli.training.zeros import with_scores_after, zero_near

MOST_NUMBERS = 16_000_000
"""Outputs, or weights, of members that are kept in memory to be scored together."""


def make_outcomes(
    program: Program, ended: Sequence[tuple[MemberRun, Arrays]]
) -> tuple[tuple[str, Outcome], ...]:
    """The outcome of each member, with the id of its run.

    Args:
        ended: members with the weights and statistics that they end with.
    """
    recipe = program.recipe
    outputs = sum(map(len, recipe.parts.values())) * recipe.model.output_shape[-1]
    most = MOST_NUMBERS if not recipe.splits[0].is_scanned else outputs  # of one member
    step = max(1, most // max(outputs, recipe.model.count_params(), 1))
    return tuple(
        outcome
        for start in range(0, len(ended), step)
        for outcome in _outcomes(program, ended[start : start + step])
    )


def _outcomes(
    program: Program, ended: Sequence[tuple[MemberRun, Arrays]]
) -> Iterator[tuple[str, Outcome]]:
    recipe, places = program.recipe, _places(program.recipe)
    polished = _all_polished(recipe, len(program.shapes), ended)
    runs = [run for run, _ in ended]
    stacked = [np.stack(parts) for parts in zip(*(own for own, _ in polished), strict=True)]
    splits = np.array([run.start.split for run in runs])
    penalties = program.penalty_values(stacked, [run.start.strengths for run in runs])
    weights = {name: stacked[place] for name, place in places.items()}
    zeros = count_members(recipe.model, weights, len(runs), recipe.columns, recipe.counted)
    scored = score_members(program, stacked, splits, penalties)
    near = [number for number, found in enumerate(zeros) if found.has_near_zeros]
    zeroed = _zeroed(recipe, places, [part[near] for part in stacked])
    again = score_members(program, zeroed, splits[near], penalties[near], keep_rows=False)
    after = dict(zip(near, again, strict=True))
    for number, (run, found, (_, optimality)) in enumerate(zip(runs, zeros, polished, strict=True)):
        own = {name: part[number].copy() for name, part in weights.items()}
        scores = scored[number]
        sparsity = with_scores_after(found, after.get(number, scores).metrics)
        yield run.id, _outcome(run, own, scores, sparsity, optimality)


def _zeroed(recipe: PopulationRecipe, places: Mapping[str, int], stacked: Arrays) -> Arrays:
    """Weights and statistics, (members, …) each, with the near zeros of counted ones set to 0."""
    weights = {name: stacked[place] for name, place in places.items()}
    after = zero_near(weights, recipe.counted, NEAR_THRESHOLD)
    zeroed = list(stacked)
    for name, place in places.items():
        zeroed[place] = after[name]
    return zeroed


def _outcome(
    run: MemberRun,
    weights: Weights,
    scores: Evaluation,
    sparsity: Sparsity,
    optimality: Optimality | None,
) -> Outcome:
    finite = np.isfinite(scores.metrics["train"]["objective"] or 0.0)
    diverged = run.state is RunState.DIVERGED or not finite
    return Outcome(
        state=RunState.DIVERGED if diverged else RunState.FINISHED,
        epochs=run.epoch,
        seconds=run.seconds,
        metrics=scores.metrics,
        sparsity=sparsity,
        optimality=optimality,
        weights=weights,
        history={name: tuple(values) for name, values in run.history.items()},
        message=f"the loss was not finite after epoch {run.epoch}" if diverged else "",
        rows=scores.rows,
    )


def _all_polished(
    recipe: PopulationRecipe, count: int, ended: Sequence[tuple[MemberRun, Arrays]]
) -> list[tuple[Arrays, Optimality | None]]:
    """As `_polished`, of each; those of one split after each other, which share what it needs."""
    by_split = sorted(range(len(ended)), key=lambda number: ended[number][0].start.split)
    found = {number: _polished(recipe, count, *ended[number]) for number in by_split}
    return [found[number] for number in range(len(ended))]


def _polished(
    recipe: PopulationRecipe, count: int, run: MemberRun, numbers: Arrays
) -> tuple[Arrays, Optimality | None]:
    """Weights and statistics after the full-batch steps that end proximal training.

    Args:
        count: how many of the numbers are weights.
    """
    if recipe.polish is None or run.state is RunState.DIVERGED:
        return numbers, None
    started = time.perf_counter()
    train = recipe.parts["train"]
    rows = train.of(run.start.split)
    weights = None if rows.weights is None else rows.weights[0]
    targets = rows.targets[0][:, 0] if wants_class_numbers(recipe.loss) else rows.targets[0]
    batch = FullBatch(rows.inputs[0], targets, weights, room=len(train))
    positions = (own.position for own in recipe.regularized)
    strengths = dict(zip(positions, run.start.strengths, strict=True))
    polished, optimality = recipe.polish(numbers[:count], numbers[count:], batch, strengths)
    run.seconds += time.perf_counter() - started
    return [*polished, *numbers[count:]], optimality


def _places(recipe: PopulationRecipe) -> dict[str, int]:
    """Where each weight and statistic stands in a program, by name, in the model's order."""
    model = recipe.model
    kept = [v for v in model.non_trainable_variables if is_statistic(v)]
    variables = [*model.trainable_variables, *kept]
    places = {variable_name(model, variable): place for place, variable in enumerate(variables)}
    return {name: places[name] for name in weight_names(model)}
