"""What a point of a regularization path costs, imports and compiling included."""

from collections.abc import Iterator

from benchmarks.apart import apart
from benchmarks.report import Figure
from benchmarks.rivals import keras_fit
from benchmarks.sweeps import seconds_of
from benchmarks.workload import make_workload

POINTS, SEEDS, EPOCHS = 50, 5, 20
STRENGTHS = f"log:1e-4:1e-1:{POINTS}"
CASE = f"path, {POINTS} strengths × {SEEDS} seeds × {EPOCHS} epochs: one seed's point"


def measure_paths() -> Iterator[Figure]:
    """The digits network along l1: a loop of `fit` with warm starts for one seed, regcli for all.

    The loop neither takes proximal steps nor polishes its points; regcli does both.
    """
    fit, _ = apart(_fit_path)
    path = ["path", "quickstart", "--values", STRENGTHS, "--seeds", f"{SEEDS}"]
    path += ["--epochs", f"{EPOCHS}", "--set", "dataset.validation=0"]  # the loop has none either
    yield Figure(CASE, "Keras fit, warm starts", fit * 1e3, "ms", 1.0, 1)
    for name, more in (("without polish", ["--set", "training.polish=0"]), ("polished", [])):
        seconds = seconds_of([*path, *more]) / (POINTS * SEEDS)
        yield Figure(CASE, f"regcli path, {name}", seconds * 1e3, "ms", seconds / fit, 1)


def _fit_path() -> float:
    work = make_workload(epochs=EPOCHS, l1=STRENGTHS, seeds=1)
    return keras_fit.seconds_per_point(work, EPOCHS)
