"""Scores of members that have ended, all of one split in one call."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regcli.metrics.all_scores import score, score_rows
from regcli.metrics.predictions import Predictions
from regcli.results.records import Scores
from regcli.results.row_values import SCORED_PARTS, RowValues, kept_rows
from regcli.stacked.prediction import Predicted
from regcli.stacked.recipe import Arrays
from regcli.training.evaluation import Evaluation, loss_scores
from regcli.training.population.population_recipe import PopulationRecipe, Program


def score_members(
    program: Program,
    stacked: Arrays,
    splits: NDArray[np.int64],
    penalties: NDArray[np.float64],
    keep_rows: bool = True,
) -> list[Evaluation]:
    """What members do on every part.

    Args:
        stacked: weights and statistics, (members, …) each.
        splits, penalties: of each member, (members,).
        keep_rows: whether the values of rows are wanted.
    """
    metrics: list[dict[str, Scores]] = [{"train": {}, "validation": {}, "test": {}} for _ in splits]
    rows: list[dict[str, RowValues]] = [{} for _ in splits]
    for split in dict.fromkeys(splits.tolist()):
        numbers = np.flatnonzero(splits == split)
        predicted = program.predict([part[numbers] for part in stacked], split)
        for part, given in predicted.items():
            outputs = _predictions(program.recipe, part, split, given)
            scores = _scores(program.recipe, part, split, given, outputs, penalties[numbers])
            for number, own in zip(numbers, scores, strict=True):
                metrics[number][part] = own
            if keep_rows and part in SCORED_PARTS:
                by_member = _rows(program.recipe, given, outputs)
                for number, values in zip(numbers, by_member, strict=True):
                    rows[number][part] = values
    return [Evaluation(*each) for each in zip(metrics, rows, strict=True)]


def _predictions(recipe: PopulationRecipe, part: str, split: int, given: Predicted) -> Predictions:
    truth = recipe.parts[part].of(split).y[0]
    outputs = recipe.splits[split].in_own_unit(given.outputs)
    return Predictions(truth, outputs, recipe.scale, recipe.positive)


def _scores(
    recipe: PopulationRecipe,
    part: str,
    split: int,
    given: Predicted,
    outputs: Predictions,
    penalties: NDArray[np.float64],
) -> Iterator[Scores]:
    """Losses and every metric of the task, of each member."""
    rows = recipe.parts[part].of(split)
    weights = None if rows.weights is None else rows.weights[0]
    by_task = score(recipe.kind, outputs)
    keys, columns = list(by_task), [values.tolist() for values in by_task.values()]
    members = zip(given.losses, _taken(given.activity), penalties.tolist(), *columns, strict=True)
    for losses, taken, penalty, *values in members:
        own = loss_scores(losses, weights, penalty + taken)
        yield {**own, **dict(zip(keys, values, strict=True))}


def _taken(activity: NDArray[Any]) -> list[float]:
    """What activity regularizers take of each member, the mean over its rows."""
    if not activity.any():
        return [0.0] * len(activity)
    return [float(own.mean(dtype=np.float64)) if own.any() else 0.0 for own in activity]


def _rows(recipe: PopulationRecipe, given: Predicted, outputs: Predictions) -> Iterator[RowValues]:
    """The loss of each row, and every metric that is a mean over rows, of each member."""
    by_row = {"data_loss": given.losses, **score_rows(recipe.kind, outputs, recipe.asked)}
    for values in zip(*by_row.values(), strict=True):
        yield kept_rows(dict(zip(by_row, values, strict=True)))
