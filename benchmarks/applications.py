"""One of Keras's applications by a function, on images: a sweep in the population and in `fit`."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from sklearn.datasets import load_sample_images

from benchmarks.report import Figure
from benchmarks.sweeps import seconds_of

IMAGES, SIZE = 2_000, 32
FUNCTION = """\
import keras


def build(input_shape, outputs):
    rows = keras.Input(input_shape)
    trunk = keras.applications.MobileNetV3Small(
        input_shape=input_shape, weights=None, include_top=False, pooling="avg",
        include_preprocessing=False,
    )
    return keras.Model(rows, keras.layers.Dense(outputs)(trunk(rows)))
"""
CONFIG = """\
name: patches
dataset: {file: patches.npz, scale: pixels}
model: {python: "net.py:build"}
training: {epochs: 3, batch_size: 32}
sweep: {l1: "0,log:1e-6:1e-4:7"}
"""
CASE = f"MobileNetV3Small, {IMAGES:,} images of {SIZE}×{SIZE}×3, 8 strengths, 3 epochs"


def measure_applications() -> Iterator[Figure]:
    """Whole commands, compiling included."""
    with tempfile.TemporaryDirectory() as folder:
        _write(Path(folder))
        line = ["sweep", str(Path(folder) / "patches.yaml"), "--allow-code", "--engine"]
        one_by_one = seconds_of([*line, "keras"])
        together = seconds_of([*line, "population"])
    yield Figure(CASE, "Keras's fit, one by one", one_by_one, "s", 1.0, 1)
    yield Figure(CASE, "population", together, "s", together / one_by_one, 1)


def _write(folder: Path) -> None:
    """Patches of scikit-learn's two photographs: a temple, or a flower."""
    rng = np.random.default_rng(0)
    photographs = load_sample_images().images
    y = rng.integers(0, len(photographs), IMAGES)
    places = rng.random((IMAGES, 2))
    x = np.empty((IMAGES, SIZE, SIZE, 3), np.uint8)
    for number, (kind, place) in enumerate(zip(y, places, strict=True)):
        image = photographs[kind]
        top, left = (place * (np.array(image.shape[:2]) - SIZE)).astype(int)
        x[number] = image[top : top + SIZE, left : left + SIZE]
    np.savez(folder / "patches.npz", x=x, y=np.array(["temple", "flower"])[y])
    (folder / "net.py").write_text(FUNCTION)
    (folder / "patches.yaml").write_text(CONFIG)
