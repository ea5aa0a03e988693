"""Scores of members that have ended, all of one split in one call."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regcli.metrics.all_scores import score, score_with_rows
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
            wants_rows = keep_rows and part in SCORED_PARTS
            scores, by_row = _scores(program.recipe, part, split, given, wants_rows)
            weights = program.recipe.parts[part].of(split).weights
            added = penalties[numbers] + _taken(given.activity)
            losses = loss_scores(given.losses, None if weights is None else weights[0], added)
            for number, own in zip(numbers, _of_each({**losses, **scores}), strict=True):
                metrics[number][part] = own
            if wants_rows:
                kept = kept_rows({"data_loss": given.losses, **by_row})
                for place, number in enumerate(numbers):
                    rows[number][part] = {key: values[place] for key, values in kept.items()}
    return [Evaluation(*each) for each in zip(metrics, rows, strict=True)]


def _of_each(columns: Mapping[str, NDArray[np.float64]]) -> Iterator[Scores]:
    """What each member has of columns, (members,) each."""
    for own in zip(*(values.tolist() for values in columns.values()), strict=True):
        yield dict(zip(columns, own, strict=True))


def _scores(
    recipe: PopulationRecipe, part: str, split: int, given: Predicted, wants_rows: bool
) -> tuple[Mapping[str, NDArray[np.float64]], Mapping[str, NDArray[np.float32]]]:
    """Every metric of the task, (members,) each; of rows those that are means, (members, rows)."""
    truth = recipe.parts[part].of(split).y[0]
    outputs = recipe.splits[split].in_own_unit(given.outputs)
    predictions = Predictions(truth, outputs, recipe.scale, recipe.positive)
    if wants_rows:
        return score_with_rows(recipe.kind, predictions, recipe.asked)
    return score(recipe.kind, predictions), {}


def _taken(activity: NDArray[Any]) -> NDArray[np.float64]:
    """What activity regularizers take of each member, the mean over its rows, (members,)."""
    if not activity.any():
        return np.zeros(len(activity))
    means: NDArray[np.float64] = activity.mean(axis=-1, dtype=np.float64)
    return np.where(activity.any(axis=-1), means, 0.0)
