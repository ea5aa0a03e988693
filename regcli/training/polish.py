"""The end of proximal training: full-batch steps until the optimum's own conditions hold.

Minibatches keep weights trembling around zero. Steps on all rows settle which of them are zero.
"""

import keras

from regcli.config.schema import Config
from regcli.data.dataset import Splits
from regcli.nets.randomness import has_randomness
from regcli.training.accelerated import Polish
from regcli.training.template import bare_model, strengths_by_position

_CONVEX_STEPS, _STEPS = 10_000, 100


def polish_steps(config: Config, model: keras.Sequential) -> int:
    """Most steps that a run's polish may take; 0 for none.

    Unless the config says otherwise there is none where training stops early, which regularizes by
    itself, nor where layers are random, whose training has no fixed objective, nor where weights
    are constrained, which these steps know nothing of. Where zeros are to be kept there is never
    any, for these steps would let weights go from zero. A model of one Dense layer is convex under
    the usual losses, so it may take as many as the optimum needs.
    """
    training = config.training
    if config.regularization.method != "proximal" or training.keep_zeros:
        return 0
    if training.polish is not None:
        return training.polish
    random = any(map(has_randomness, model.layers))
    constrained = any(v.constraint is not None for v in model.trainable_variables)
    if training.early_stopping is not None or random or constrained:
        return 0
    return _CONVEX_STEPS if is_single_dense(model) else _STEPS


def is_single_dense(model: keras.Sequential) -> bool:
    """Whether a model is one Dense layer, beside layers without weights."""
    weighted = [layer for layer in model.layers if layer.weights]
    return len(weighted) == 1 and isinstance(weighted[0], keras.layers.Dense)


def make_polish(config: Config, splits: Splits, loss: keras.losses.Loss) -> Polish | None:
    """The polish of a member's architecture; None where training is not proximal."""
    if config.regularization.method != "proximal":
        return None
    model = bare_model(config, splits)
    strengths = strengths_by_position(model, config, splits)
    groups = {place: own.groups for place, own in strengths.items()}
    return Polish(model, loss, groups, polish_steps(config, model))
