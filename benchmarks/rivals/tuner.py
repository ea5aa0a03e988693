"""KerasTuner's grid search over the same network."""

import io
import tempfile
import time
from contextlib import redirect_stdout

from benchmarks.rivals.keras_fit import _model
from benchmarks.workload import BATCH, Workload, grid_points


def seconds_per_step(work: Workload, models: int, epochs: int) -> float:
    """Seconds of a model-step of `GridSearch`, everything included: it has no steady part."""
    import keras_tuner

    l1s = sorted({l1 for l1, _ in grid_points()})[:models]

    def build(choices: object) -> object:
        return _model(choices.Choice("l1", l1s), 0.0, 0, 1, False)

    with tempfile.TemporaryDirectory() as folder, redirect_stdout(io.StringIO()):
        tuner = keras_tuner.GridSearch(
            build, objective="accuracy", directory=folder, project_name="grid"
        )
        started = time.perf_counter()
        tuner.search(work.x, work.y, epochs=epochs, batch_size=BATCH, verbose=0)
    return (time.perf_counter() - started) / (len(l1s) * epochs * work.steps)
