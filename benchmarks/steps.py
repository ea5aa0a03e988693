"""Seconds of a model-step: one optimizer step of one model, by regcli and by others."""

import os
import statistics
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from importlib.util import find_spec

from benchmarks.apart import apart
from benchmarks.report import Figure
from benchmarks.rivals import (
    jax_vmap,
    keras_fit,
    population,
    sklearn_grid,
    torch_loops,
    tuner,
)
from benchmarks.workload import make_workload

Candidates = Mapping[str, Callable[[], float]]
CASE = "model-step, digits 64-128-10, 36 settings × 3 seeds"


def measure_steps(rounds: int, quick: bool) -> Iterator[Figure]:
    """The digits network of 64-128-10 by every tool that is installed, in turns."""
    epochs = 2 if quick else 4
    candidates: dict[str, Callable[[], float]] = {
        "Keras fit": partial(on_workload, keras_fit.seconds_per_step, 1, 1, epochs, False),
        "regcli population": partial(
            on_workload, population.steady_seconds_per_step, 30 if quick else 40
        ),
    }
    if not quick:
        candidates |= _others(epochs)
    yield from in_turns(CASE, candidates, rounds)


def on_workload(rival: Callable[..., float], epochs: int, *arguments: object) -> float:
    """Run one candidate on the workload; a plain function, so that a new process can be told."""
    return rival(make_workload(epochs=epochs), *arguments)


def _others(epochs: int) -> Candidates:
    cores = os.cpu_count() or 1
    candidates = {
        "Keras fit, jit_compile, steps_per_execution": (
            "keras",
            partial(on_workload, keras_fit.seconds_per_step, 1, 1, 4 * epochs, True),
        ),
        "KerasTuner GridSearch, its start included": (
            "keras_tuner",
            partial(on_workload, tuner.seconds_per_step, 1, 2, epochs),
        ),
        "scikit-learn GridSearchCV(MLPClassifier)": (
            "sklearn",
            partial(on_workload, sklearn_grid.seconds_per_step, 1, 4, 30),
        ),
        "PyTorch loop": (
            "torch",
            partial(on_workload, torch_loops.seconds_per_step_plain, 1, epochs),
        ),
        "PyTorch, 64 members stacked by hand": (
            "torch",
            partial(on_workload, torch_loops.seconds_per_step_stacked, 1, 64, epochs),
        ),
        "JAX vmap by hand, 64 members": (
            "jax",
            partial(on_workload, jax_vmap.seconds_per_step, 1, 64, 20),
        ),
        "JAX vmap by hand, 16 members on each core": (
            "jax",
            partial(on_workload, jax_vmap.seconds_per_step, 1, 16, 60, cores),
        ),
    }
    return {name: run for name, (package, run) in candidates.items() if find_spec(package)}


def in_turns(case: str, candidates: Candidates, rounds: int) -> Iterator[Figure]:
    """Medians of several rounds, in each of which every candidate has its turn."""
    found: dict[str, list[float]] = {name: [] for name in candidates}
    for _ in range(rounds):
        for name, run in candidates.items():
            found[name].append(apart(run)[0])
    medians = {name: statistics.median(values) for name, values in found.items()}
    baseline = next(iter(medians.values()))
    for name, seconds in medians.items():
        yield Figure(case, name, seconds * 1e6, "µs", seconds / baseline, rounds)
