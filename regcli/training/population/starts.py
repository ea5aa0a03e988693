"""Members that start from trained weights: those of a stored run, or of the member before them."""

from dataclasses import replace

import numpy as np

from regcli.models.weights import variable_name
from regcli.results.outcomes import Weights
from regcli.stacked.recipe import Recipe, Start
from regcli.stacked.stacking import is_statistic


def started_from(start: Start, weights: Weights, recipe: Recipe) -> Start:
    """A start with other weights and moving statistics; its strengths and seeds stay."""
    model = recipe.model
    kept = [v for v in model.non_trainable_variables if is_statistic(v)]
    return replace(
        start,
        weights=[np.asarray(weights[variable_name(model, v)]) for v in model.trainable_variables],
        statistics=[np.asarray(weights[variable_name(model, v)]) for v in kept],
    )
