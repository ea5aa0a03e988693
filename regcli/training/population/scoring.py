"""Outcomes of members that have ended: their scores on every part, their zeros, their history."""

from collections.abc import Mapping, Sequence

import numpy as np

from regcli.nets.connectivity import measure_sparsity
from regcli.nets.weights import read_weights, variable_name
from regcli.results.records import RunState, Scores
from regcli.training.evaluation import task_metrics
from regcli.training.outcome import Outcome
from regcli.training.population.layers import is_statistic
from regcli.training.population.program import Arrays, EpochProgram, Recipe, Rows
from regcli.training.population.progress import MemberRun


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
    weights = {name: numbers[place] for name, place in places.items()}
    penalty = _penalty(recipe, run, numbers) + sum(
        float(regularizer(numbers[position]))
        for position, regularizer in program.regularizers.items()
    )
    metrics = {
        part: _score(program, numbers, recipe.parts.get(part), penalty)
        for part in ("train", "validation", "test")
    }
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


def _score(program: EpochProgram, numbers: Arrays, rows: Rows | None, penalty: float) -> Scores:
    if rows is None:
        return {}
    outputs, losses, activity = program.predict(numbers, rows)
    data_loss = float(losses.astype(np.float64).mean())
    penalty += float(activity.astype(np.float64).mean())
    by_task = task_metrics(program.recipe.task, rows.y, outputs, program.recipe.cut)
    objective = data_loss + penalty
    return {"data_loss": data_loss, "penalty": penalty, "objective": objective, **by_task}


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


def _places(recipe: Recipe) -> dict[str, int]:
    """Where each weight and statistic stands in a program, by name, in the model's order."""
    model = recipe.model
    kept = [v for v in model.non_trainable_variables if is_statistic(v)]
    variables = [*model.trainable_variables, *kept]
    places = {variable_name(model, variable): place for place, variable in enumerate(variables)}
    return {name: places[name] for name in read_weights(model)}
