"""Which members of a grid share an architecture, so that they can be trained as one population."""

from collections.abc import Mapping
from typing import Literal

from regcli.config import catalogue
from regcli.config.schema import Config
from regcli.penalties.elastic_net import ELASTIC_NET
from regcli.penalties.registry import SHAPE_KEYS

EngineChoice = Literal["auto", "population", "keras"]
"""The requested engine; `auto` takes the faster one that can train the model."""

MEMBER_SCALARS: Mapping[str, tuple[str, ...]] = {
    "SGD": ("learning_rate", "weight_decay"),
    "Adam": ("learning_rate", "weight_decay", "beta_1", "beta_2", "epsilon"),
    "AdamW": ("learning_rate", "weight_decay", "beta_1", "beta_2", "epsilon"),
    "Adamax": ("learning_rate", "weight_decay", "beta_1", "beta_2", "epsilon"),
    "Nadam": ("learning_rate", "weight_decay", "beta_2", "epsilon"),
    "RMSprop": ("learning_rate", "weight_decay", "rho", "epsilon"),
    "Adagrad": ("learning_rate", "weight_decay", "epsilon"),
    "Adadelta": ("learning_rate", "weight_decay", "rho", "epsilon"),
    "Lion": ("learning_rate", "weight_decay", "beta_1", "beta_2"),
    "Ftrl": ("learning_rate", "weight_decay"),
    "ScheduleFreeAdamW": ("learning_rate", "weight_decay", "beta_1", "beta_2", "epsilon"),
    "Lamb": ("learning_rate", "weight_decay", "beta_1", "beta_2", "epsilon"),
    "Adafactor": (
        *("learning_rate", "weight_decay", "beta_2_decay"),
        *("epsilon_1", "epsilon_2", "clip_threshold"),
    ),
    "Muon": (
        *("learning_rate", "weight_decay", "momentum", "epsilon"),
        *("adam_beta_1", "adam_beta_2", "adam_weight_decay", "adam_lr_ratio"),
    ),
}
"""Optimizers, and their arguments that may differ between members.

What Keras branches on in Python, such as momentum, may not: it makes another program.
"""


def member_scalars(config: Config) -> tuple[str, ...]:
    """The optimizer's arguments that are given as numbers and may differ between members."""
    optimizer = config.training.optimizer
    name = catalogue.canonical_name("optimizers", optimizer.name) or ""
    return tuple(
        argument
        for argument in MEMBER_SCALARS.get(name, ())
        if isinstance(optimizer.arguments.get(argument), int | float)
    )


def population_key(config: Config, keep_zeros: bool = False) -> str:
    """Equal for members that may share a population.

    They may differ in strengths, what shapes a penalty, seeds (that of the split too), folds,
    scalar arguments of the optimizer and dropout rates; what changes tensors' shapes, data or the
    course of training makes another population.
    """
    plain = config.resolved()
    del plain["dataset"]["seed"]
    plain["dataset"].pop("fold", None)
    for key in ("l1", "l2", "group_strength", *SHAPE_KEYS):
        plain["regularization"].pop(key, None)
    for group in plain["regularization"].get("groups", ()):
        for key in ("l1", "l2"):
            group.pop(key, None)
    if plain["regularization"].get("penalty") == ELASTIC_NET.name:
        del plain["regularization"]["penalty"]  # as without
    del plain["training"]["seed"], plain["name"], plain["sweep"]
    for key in ("metrics", "select_by", "verdict", "checks"):
        plain.pop(key, None)
    for name in member_scalars(config):
        plain["training"]["optimizer"][name] = "differs"
    if config.model.is_stack:
        plain["model"] = {
            "layers": [layer.model_dump(mode="json") for layer in config.model.layers]
        }
    for layer in plain["model"]["layers"]:
        ((kind, arguments),) = layer.items()
        for key in ("l1", "l2"):
            arguments.pop(key, None)
        if kind == "Dropout":
            arguments["rate"] = "differs"
    return repr((plain, keep_zeros))
