"""Members that start from trained weights: those of a stored run, or of the member before them."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from regcli.nets.weights import variable_name
from regcli.results.stops import Stop
from regcli.training.outcome import Weights
from regcli.training.population.layers import is_statistic
from regcli.training.population.recipe import Recipe, Start


@dataclass(frozen=True)
class Origin:
    """Where a member starts from.

    Attributes:
        weights: gives the weights of a run that has ended; None where there is none yet.
        after: the number of the member in the same population that it follows.
        stop: where the path ends that it is a point of.
    """

    weights: Callable[[], Weights] | None = None
    after: int | None = None
    stop: Stop | None = None


def started_from(start: Start, weights: Weights, recipe: Recipe) -> Start:
    """A start with other weights and moving statistics; its strengths and seeds stay."""
    model = recipe.model
    kept = [v for v in model.non_trainable_variables if is_statistic(v)]
    return replace(
        start,
        weights=[np.asarray(weights[variable_name(model, v)]) for v in model.trainable_variables],
        statistics=[np.asarray(weights[variable_name(model, v)]) for v in kept],
    )
