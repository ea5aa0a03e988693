"""What a member costs in populations of different sizes and shapes, and how much memory."""

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from benchmarks.apart import apart
from benchmarks.report import Figure
from benchmarks.rivals import population
from benchmarks.workload import Workload, make_workload
from regcli.config.keras_parts import Layer
from regcli.training.devices import prepare_device
from regcli.training.reference import train

EPOCHS = 30  # the shipped config's own: what a member costs at its start and end is shared by them
MEMBERS = (1, 4, 16, 64, 256, 1024, 4096)
SHAPES = {
    "digits-cnn": ("digits-cnn", {}),
    "2 × 512 units": ("quickstart", {"layers": [512, 512], "batch_size": 32}),
    "batches of 256": ("quickstart", {"layers": [128], "batch_size": 256}),
}


def measure_sizes() -> Iterator[Figure]:
    """Cost of a model-step by number of members, then by shape; each in a process of its own."""
    first = 0.0
    for members in MEMBERS:
        seconds, peak = apart(_by_members, members)
        first = first or seconds
        case = "members in a population, digits 64-128-10"
        yield Figure(case, f"{members}", seconds * 1e6, "µs", seconds / first, 1)
        yield Figure(case, f"{members}, peak memory", peak, "MiB", 1.0, 1)
    for name, (config, changes) in SHAPES.items():
        fit, _ = apart(_fit_shape, config, changes)
        seconds, peak = apart(_population_shape, config, changes)
        yield Figure(name, "Keras fit", fit * 1e6, "µs", 1.0, 1)
        yield Figure(name, "regcli population", seconds * 1e6, "µs", seconds / fit, 1)
        yield Figure(name, "peak memory", peak, "MiB", 1.0, 1)


def _by_members(members: int) -> float:
    epochs = max(EPOCHS, min(400, 4000 // members))
    grid = {"l1": f"lin:0:0.01:{members}"} if members > 1 else {"seeds": 1}
    return population.seconds_per_step(make_workload(epochs=epochs, **grid))[0]


def _shaped(config: str, changes: dict[str, Any], epochs: int) -> Workload:
    work = make_workload(config, epochs=epochs, l1="0,1e-4", l2="0,1e-4", seeds=4)
    if not changes:
        return work
    dense = [{"Dense": {"units": units, "activation": "relu"}} for units in changes["layers"]]
    layers = tuple(Layer.model_validate(layer) for layer in [*dense, {"Dense": {"units": 10}}])
    configs = tuple(
        c.model_copy(
            update={
                "model": c.model.model_copy(update={"layers": layers}),
                "training": c.training.model_copy(update={"batch_size": changes["batch_size"]}),
            }
        )
        for c in work.configs
    )
    return replace(work, configs=configs)


def _population_shape(config: str, changes: dict[str, Any]) -> float:
    work = _shaped(config, changes, 100)
    seconds, _ = population.seconds_per_step(work)
    return seconds * work.steps / _steps(work)


def _steps(work: Workload) -> int:
    rows, batch = len(work.x), work.configs[0].training.batch_size
    return -(-rows // batch)


def _fit_shape(config: str, changes: dict[str, Any]) -> float:
    work = _shaped(config, changes, 4)
    marks: list[float] = []

    def on_epoch(epoch: int) -> None:
        marks.append(time.perf_counter())

    train(work.configs[0], work.splits, prepare_device("cpu"), on_epoch)
    return (marks[-1] - marks[0]) / ((len(marks) - 1) * _steps(work))
