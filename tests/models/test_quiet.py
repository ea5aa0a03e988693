"""TensorFlow writes nothing of its own, unless it fails: then everything it wrote is shown."""

import os
import subprocess
import sys
from pathlib import Path

import pytest


def run_python(script: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error::UserWarning", "-c", script],
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
    )


@pytest.mark.slow
def test_loading_and_training_write_nothing() -> None:
    ended = run_python(
        "import regcli.training\n"
        "import tensorflow as tf, keras, numpy as np\n"
        "model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])\n"
        "model.compile('sgd', 'mse')\n"
        "model.fit(np.ones((4, 2)), np.ones(4), verbose=0)\n"
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")


def test_what_a_failing_import_wrote_is_shown(tmp_path: Path) -> None:
    (tmp_path / "keras.py").write_text("")
    (tmp_path / "tensorflow.py").write_text(
        "import os\nos.write(2, b'libfoo.so: cannot open\\n')\nraise ImportError('no libfoo')\n"
    )
    ended = run_python("import regcli.models", PYTHONPATH=str(tmp_path))
    assert ended.returncode == 1
    assert ended.stderr.startswith("libfoo.so: cannot open\nTraceback")
    assert ended.stderr.endswith("ImportError: no libfoo\n")


_KERAS_WITHOUT_TENSORFLOW = """
class config:
    backend = staticmethod(lambda: "tensorflow")
    set_floatx = set_epsilon = set_image_data_format = set_dtype_policy = staticmethod(print)
    set_max_epochs = set_max_steps_per_epoch = staticmethod(print)
"""


def test_what_a_working_import_wrote_is_not_shown(tmp_path: Path) -> None:
    (tmp_path / "tensorflow.py").write_text(
        "import os\nos.write(2, b'oneDNN is on\\n')\n"
        "class config:\n"
        "    list_physical_devices = staticmethod(lambda kind: os.write(2, b'no CUDA\\n'))\n"
    )
    (tmp_path / "keras.py").write_text(_KERAS_WITHOUT_TENSORFLOW)
    ended = run_python(
        "import regcli.models, os, sys\n"
        "sys.stderr.write('ours ' + os.environ['TF_CPP_MIN_LOG_LEVEL'])",
        PYTHONPATH=str(tmp_path),
        TF_CPP_MIN_LOG_LEVEL="1",
    )
    assert (ended.returncode, ended.stderr) == (0, "ours 1")
