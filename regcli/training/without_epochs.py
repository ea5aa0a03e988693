"""Training without epochs: which models a solver takes to their optimum from any start."""

import keras

from regcli.config.schema import Config
from regcli.data.dataset import Splits
from regcli.errors import ModelError
from regcli.training.one_layer import one_layer
from regcli.training.polish import polish_steps
from regcli.training.template import bare_model


def require_epochs(config: Config, splits: Splits, loss: keras.losses.Loss) -> None:
    """Refuse 0 epochs for a model that is not solved, whose weights would stay where they start.

    Raises:
        ModelError: it is one.
    """
    if config.training.epochs:
        return
    model = bare_model(config, splits)
    if one_layer(model, loss) is None or not polish_steps(config, model):
        raise ModelError(
            ("training", "epochs"),
            "must be at least 1 for this model, got 0: without epochs only one Dense layer under a "
            "convex loss is solved, without dropout, early stopping or polish: 0",
        )
