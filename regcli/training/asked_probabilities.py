"""Whether a model gives what the metrics are made from that its config asks for."""

import keras

from regcli.config.schema import Config
from regcli.errors import ModelError
from regcli.metrics.predictions import Scale
from regcli.metrics.registry import METRICS


def require_probabilities(config: Config, loss: keras.losses.Loss, scale: Scale) -> None:
    """Check that there are probabilities where a requested metric needs them.

    Raises:
        ModelError: the loss is made for outputs that have none, such as Hinge.
    """
    if scale.has_probabilities:
        return
    for path, key in config.asked_metrics().items():
        if METRICS[key].needs_probabilities:
            name = type(loss).__name__
            rule = f"requires outputs that are probabilities; with the loss {name} they are not"
            raise ModelError(path, f"{rule}, got {key}")
