"""Which runs are polished, and one polish for all that share an architecture."""

from typing import Any

import keras

from regcli.config.schema import Config
from regcli.data.dataset import Splits
from regcli.models.parts import make_optimizer
from regcli.training.one_layer import one_layer
from regcli.training.polish import Polish, polish_steps
from regcli.training.template import bare_model, strengths_by_position


class Polishes:
    """Makes polishes for one training, and keeps the one that was made last.

    The programs of a population share it, and so do runs of one architecture that are trained by
    themselves: it is compiled once for all of them. Not for several threads.
    """

    def __init__(self) -> None:
        self._last: tuple[str, Polish] | None = None

    def of(
        self, config: Config, splits: Splits, loss: keras.losses.Loss, keep_zeros: bool = False
    ) -> Polish | None:
        """The polish of a member's architecture; None where training is not proximal.

        None too where weights are constrained or decay beside the objective: its steps would undo
        that, and the conditions it measures are those of the objective alone. Weights that are held
        at zero are those of a refit, which has no strengths and so no method: it is taken to its
        optimum where that is known, for one Dense layer.

        Args:
            keep_zeros: whether weights that are zero at the start of training are held there.
        """
        if config.regularization.method != "proximal" and not keep_zeros:
            return None
        if splits.is_scanned:  # a refit then ends as its training does
            return None
        model = bare_model(config, splits)
        if keep_zeros and not _is_refit(config, splits, model, loss):
            return None
        is_constrained = any(v.constraint is not None for v in model.trainable_variables)
        if is_constrained or (_decays(config) and not config.training.polish):
            return None
        strengths = strengths_by_position(model, config, splits)
        penalties = {place: own.penalty for place, own in strengths.items()}
        steps = polish_steps(config, model)
        key = repr((_described(model, loss), config.training.loss, penalties, steps, keep_zeros))
        if self._last is None or self._last[0] != key:
            self._last = key, Polish(model, loss, penalties, steps, keep_zeros)
        return self._last[1]


def _described(model: keras.Model, loss: keras.losses.Loss) -> tuple[Any, ...]:
    """What a model and its loss compute, without the input layer, which is named anew each time."""
    layers = [keras.saving.serialize_keras_object(layer) for layer in model.layers]
    regularized = [v.regularizer is not None for v in model.trainable_variables]
    return model.input_shape, layers, regularized, type(loss), loss.get_config()


def _is_refit(config: Config, splits: Splits, model: keras.Model, loss: keras.losses.Loss) -> bool:
    """Whether a model whose zeros are held is one Dense layer without strengths."""
    strengths = strengths_by_position(model, config, splits).values()
    return one_layer(model, loss) is not None and not any(own.any for own in strengths)


def _decays(config: Config) -> bool:
    """Whether the optimizer has a weight decay; one of 0 is compared with others of its grid."""
    return make_optimizer(config.training.optimizer).weight_decay is not None
