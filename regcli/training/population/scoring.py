"""Outcomes of members that have ended: scored together, part by part."""

from collections.abc import Mapping, Sequence

import numpy as np

from regcli.nets.connectivity import measure_sparsity
from regcli.nets.weights import read_weights, variable_name
from regcli.results.records import RunState, Scores
from regcli.training.evaluation import task_metrics
from regcli.training.outcome import Outcome, Weights
from regcli.training.population.layers import is_statistic
from regcli.training.population.program import Arrays, EpochProgram, Recipe
from regcli.training.population.progress import MemberRun


def make_outcomes(
    program: EpochProgram, ended: Sequence[tuple[MemberRun, Arrays]]
) -> tuple[tuple[int, Outcome], ...]:
    """The outcome of each member, with its number.

    Args:
        ended: members with the weights and statistics that they end with.
    """
    metrics: list[dict[str, Scores]] = [{} for _ in ended]
    for part in ("train", "validation", "test"):
        for scores, new in zip(metrics, _score_part(program, ended, part), strict=True):
            scores[part] = new
    names = _names(program.recipe)
    outcomes = []
    for (run, numbers), scores in zip(ended, metrics, strict=True):
        named = dict(zip(names, numbers, strict=True))
        weights = {name: named[name] for name in sorted(named, key=names.__getitem__)}
        outcomes.append((run.number, _outcome(program.recipe, run, weights, scores)))
    return tuple(outcomes)


def _score_part(
    program: EpochProgram, ended: Sequence[tuple[MemberRun, Arrays]], part: str
) -> list[Scores]:
    recipe = program.recipe
    rows = recipe.parts.get(part)
    if rows is None:
        return [{} for _ in ended]
    outputs, losses = program.predict([numbers for _, numbers in ended], rows)
    scores: list[Scores] = []
    for (run, numbers), output, loss in zip(ended, outputs, losses, strict=True):
        data_loss = float(loss.astype(np.float64).mean())
        penalty = _penalty(recipe, run, numbers)
        by_task = task_metrics(recipe.task, rows.y, output, recipe.cut)
        objective = data_loss + penalty
        scores.append(
            {"data_loss": data_loss, "penalty": penalty, "objective": objective, **by_task}
        )
    return scores


def _penalty(recipe: Recipe, run: MemberRun, numbers: Arrays) -> float:
    """l1·Σ|W| + l2·ΣW² in float64."""
    kernels = (numbers[position].astype(np.float64) for position in recipe.kernels)
    strengths = zip(run.start.l1.tolist(), run.start.l2.tolist(), strict=True)
    return float(
        sum(
            l1 * np.abs(kernel).sum() + l2 * np.square(kernel).sum()
            for kernel, (l1, l2) in zip(kernels, strengths, strict=True)
        )
    )


def _outcome(
    recipe: Recipe, run: MemberRun, weights: Weights, metrics: Mapping[str, Scores]
) -> Outcome:
    finite = np.isfinite(metrics["train"]["objective"] or 0.0)
    diverged = run.state is RunState.DIVERGED or not finite
    return Outcome(
        state=RunState.DIVERGED if diverged else RunState.FINISHED,
        epochs=run.epoch,
        seconds=run.seconds,
        metrics=metrics,
        sparsity=measure_sparsity(recipe.model, weights),
        weights=weights,
        history={name: tuple(values) for name, values in run.history.items()},
        message=f"the loss was not finite after epoch {run.epoch}" if diverged else "",
    )


def _names(recipe: Recipe) -> dict[str, int]:
    """Names of weights and statistics in a program's order, each with its place in the model's."""
    model = recipe.model
    kept = [v for v in model.non_trainable_variables if is_statistic(v)]
    places = {name: place for place, name in enumerate(read_weights(model))}
    names = (variable_name(model, variable) for variable in [*model.trainable_variables, *kept])
    return {name: places[name] for name in names}
