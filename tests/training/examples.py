"""Tiny configs and data sets, and the arithmetic of small nets written out in float64."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regcli.config.dataset_section import Dataset
from regcli.config.schema import Config
from regcli.data.dataset import Splits, Table, Target, numbered_columns
from regcli.data.splits import split
from regcli.results.outcomes import OnEpoch, Outcome, WarmStart

Trainer = Callable[[Config, Splits, str, OnEpoch, WarmStart | None], Outcome]
Fit = Callable[..., Outcome]
Array = NDArray[np.float64]


def a_config(layers: Sequence[Any] = (), **sections: Any) -> Config:
    """A config; `training` is two epochs of Adam unless it says otherwise."""
    training = {"epochs": 2, "batch_size": 16, **sections.pop("training", {})}
    document = {"dataset": {"name": "iris"}, "model": {"layers": list(layers)}, **sections}
    return Config.model_validate({**document, "training": training})


def splits_of(x: Any, y: Any, classes: int = 0, **options: Any) -> Splits:
    """Rows split as a config's `dataset` says; targets are quantities where there are no classes.

    Unless options say otherwise: nothing scaled, a quarter for validation and a quarter for test.
    """
    x, y = np.asarray(x, np.float32), np.asarray(y)
    names = tuple(map(str, range(classes)))
    target = (
        Target(y.astype(np.int32), "binary" if classes == 2 else "multiclass", names)
        if classes
        else Target(y.astype(np.float32), "regression", ())
    )
    table = Table.of("made", x, target, numbered_columns("x", x.shape[1:]))
    chosen = {"scale": "none", "test": 0.25, "validation": 0.25, **options}
    return split(table, Dataset(name="iris", **chosen))


def rows(shape: tuple[int, ...], count: int = 40, seed: int = 0) -> NDArray[np.float32]:
    return np.random.default_rng(seed).standard_normal((count, *shape)).astype(np.float32)


def labels(count: int = 40, classes: int = 2) -> NDArray[np.int64]:
    return np.arange(count) % classes


def binary_splits(shape: tuple[int, ...] = (4,), count: int = 40, **options: Any) -> Splits:
    """Two classes that a shift of the rows tells apart, not perfectly."""
    y = labels(count)
    shift = y.reshape(-1, *[1] * len(shape)) * 0.8
    return splits_of(rows(shape, count) + shift, y, classes=2, **options)


def class_splits(**options: Any) -> Splits:
    y = labels(60, 3)
    return splits_of(rows((4,), 60) + np.eye(3, 4)[y], y, classes=3, **options)


def number_splits(**options: Any) -> Splits:
    x = rows((4,))
    return splits_of(x, x @ [1.0, -2.0, 0.5, 0.0] + 0.1 * rows((), 40, 1), **options)


def forward(weights: Mapping[str, Any], names: Sequence[str], x: Any) -> Array:
    """Outputs of Dense layers with tanh between them, without the last one's activation."""
    flow = np.asarray(x, np.float64)
    for name in names:
        flow = flow @ weights[f"{name}/kernel"].astype(np.float64) + weights[f"{name}/bias"]
        flow = flow if name == names[-1] else np.tanh(flow)
    return flow


def penalty(weights: Mapping[str, Any], strengths: Mapping[str, tuple[float, float]]) -> float:
    """The sum of l1·Σ|W| + l2·ΣW² over kernels, given (l1, l2) by the kernel's name."""
    kernels = {name: weights[name].astype(np.float64) for name in strengths}
    return sum(
        l1 * np.abs(kernels[name]).sum() + l2 * (kernels[name] ** 2).sum()
        for name, (l1, l2) in strengths.items()
    )
