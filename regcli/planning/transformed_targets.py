"""Which losses and output layers make sense where a target is scaled or its logarithm is learnt."""

from regcli.config import catalogue
from regcli.config.schema import Config
from regcli.config.stack import Stack
from regcli.errors import ModelError

_OF_THE_ERROR = ("MeanSquaredError", "MeanAbsoluteError", "Huber", "LogCosh")
"""Losses that depend only on the difference of prediction and target.

Others, such as Poisson's, read how far a target is from 0, which a scaled one no longer says.
"""


def require_linear(config: Config, stack: Stack | None) -> None:
    """Check that a model can be trained on a target that is scaled or logged.

    Args:
        stack: None for a model whose layers stand in no config; its end is checked once it is made.

    Raises:
        ModelError: its loss does not depend on the error alone, or its output cannot be negative.
    """
    if not config.dataset.target_settings.is_transformed:
        return
    what = "dataset.target has log or scale"
    given = config.training.loss
    name = "MeanSquaredError" if given is None else given.name
    if catalogue.canonical_name("losses", name) not in _OF_THE_ERROR:
        rule = f"must be one of {', '.join(_OF_THE_ERROR)} where {what}"
        raise ModelError(("training", "loss"), f"{rule}, got {name}")
    if stack is None:
        return
    activation = stack.layers[-1].arguments.get("activation")
    if activation not in (None, "linear"):
        position = stack.positions[-1]
        path = ("model", "layers") if position is None else ("model", "layers", position)
        rule = f"the output layer must have no activation where {what}"
        raise ModelError(path, f"{rule}, because such a target may be negative, got {activation}")
