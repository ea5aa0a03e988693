"""A population that this version's checkpoint holds in the middle of its training goes on.

`checkpoint/` was written after three of six epochs. Digits differ between processors, so the end is
compared with that of an undisturbed training within a tolerance; on one machine they are the same
bit for bit, which `tests/training/test_population_checkpoints.py` holds. That the checkpoint was
read, and not trained anew, shows in its history: it is marked here, and comes back with its marks.

Checkpoints name the regcli and the Keras that wrote them, and others are not read. Once another
Keras is installed, or the version of regcli counts up, what is held here is the other promise:
all is trained from the start, and nothing of the checkpoint is taken.
"""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from regcli import __version__

CHECKPOINT = Path(__file__).parent / "checkpoint"
SAVED = 3
MARK = 123.0

pytestmark = pytest.mark.slow


def test_a_checkpoint_of_this_version_goes_on(tmp_path: Path) -> None:
    import keras

    from .population import EPOCHS, NAMES, train

    undisturbed = train(None)
    folder = tmp_path / "checkpoints" / "population"
    shutil.copytree(CHECKPOINT, folder)
    writers = {mark(folder / f"{name}.npz") for name in NAMES}
    resumed = train(folder)
    goes_on = writers == {f"regcli {__version__}, keras {keras.__version__}"}
    for name, expected in undisturbed.items():
        found = resumed[name]
        assert (found.state, found.epochs) == (expected.state, EPOCHS)
        head, tail = found.history["loss"][:SAVED], found.history["loss"][SAVED:]
        assert head == ((MARK,) * SAVED if goes_on else expected.history["loss"][:SAVED])
        np.testing.assert_allclose(tail, expected.history["loss"][SAVED:], rtol=1e-4)
        assert list(found.weights) == list(expected.weights)
        for variable, numbers in expected.weights.items():
            np.testing.assert_allclose(found.weights[variable], numbers, rtol=1e-3, atol=1e-5)
    assert not list(folder.iterdir())


def mark(file: Path) -> str:
    """Put a number into a checkpoint's history that no training gives; who wrote it."""
    with np.load(file) as stored:
        text, *numbers = (stored[key] for key in stored.files)
    writer, progress, *counts = json.loads(text.tobytes())
    assert progress["epoch"] == SAVED
    progress["history"]["loss"] = [MARK] * SAVED
    marked = json.dumps([writer, progress, *counts]).encode()
    np.savez(file, np.frombuffer(marked, np.uint8), *numbers)
    return str(writer)
