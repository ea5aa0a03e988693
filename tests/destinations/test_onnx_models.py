"""`runs export -o model.onnx`: what ONNX Runtime makes of a run's model, beside Keras."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from characterisation.command_line import regcli
from sklearn.datasets import load_iris

pytest.importorskip("tf2onnx", reason="the extra onnx is not installed")
runtime = pytest.importorskip("onnxruntime", reason="the extra onnx is not installed")

IMAGES = """\
dataset: {file: x.npz}
model:
  layers:
    - Conv2D: {filters: 3, kernel_size: 3, activation: relu}
    - BatchNormalization
    - MaxPooling2D: {pool_size: 2}
    - Flatten
training: {epochs: 1, batch_size: 16}
"""
SERIES = """\
dataset: {file: x.npz, target: {scale: standard}, task: regression}
model: {layers: [{LSTM: {units: 4}}, {Dropout: {rate: 0.1}}]}
training: {epochs: 1, batch_size: 16}
"""
TOKENS = """\
dataset: {file: x.npz}
model:
  layers:
    - Embedding: {input_dim: 9, output_dim: 3, mask_zero: true}
    - Bidirectional: {layer: {GRU: {units: 3}}}
training: {epochs: 1, batch_size: 16}
"""
PLAIN = """\
dataset: {name: iris}
model: {layers: [{Dense: {units: 5, activation: ACTIVATION}}]}
training: {epochs: 2}
"""


def trained(folder: Path, config: str) -> None:
    (folder / "c.yaml").write_text(f"name: c\n{config}")
    done = regcli("train", "c.yaml", "--engine", "keras", folder=folder)
    assert done.code == 0, done.err


def in_runtime(path: Path, rows: Any) -> Any:
    session = runtime.InferenceSession(path, providers=["CPUExecutionProvider"])
    (taken,) = session.get_inputs()
    assert taken.name == "rows"
    (found,) = session.run(None, {"rows": rows})
    return found


@pytest.mark.slow
@pytest.mark.parametrize(("config", "kind"), [(IMAGES, "images"), (SERIES, "s"), (TOKENS, "t")])
def test_a_model_gives_the_same_as_in_keras(config: str, kind: str, tmp_path: Path) -> None:
    import keras

    rng = np.random.default_rng(0)
    x: Any = {
        "images": rng.normal(size=(60, 8, 8, 1)).astype(np.float32),
        "s": (1000 + 100 * rng.normal(size=(60, 6, 2))).astype(np.float32),
        "t": rng.integers(0, 9, size=(60, 5)),
    }[kind]
    y = rng.normal(size=60) if kind == "s" else np.arange(60) % 2
    np.savez(tmp_path / "x.npz", x=x, y=y)
    trained(tmp_path, config)
    for ending in ("keras", "onnx"):
        done = regcli("runs", "export", "c", "-o", f"m.{ending}", "--force", folder=tmp_path)
        assert done.code == 0, done.err
    model = keras.models.load_model(tmp_path / "m.keras", compile=False)
    rows = x.astype(np.int32 if kind == "t" else np.float32)
    session = runtime.InferenceSession(tmp_path / "m.onnx")
    rows = rows.astype(np.int32 if "int" in session.get_inputs()[0].type else np.float32)
    wanted = np.asarray(model(rows))
    np.testing.assert_allclose(in_runtime(tmp_path / "m.onnx", rows), wanted, rtol=1e-4, atol=1e-5)


@pytest.mark.slow
def test_probabilities_and_what_stands_beside(tmp_path: Path) -> None:
    trained(tmp_path, PLAIN.replace("ACTIVATION", "relu"))
    done = regcli("runs", "export", "best", "-o", "m.onnx", folder=tmp_path)
    assert done.code == 2  # a single run is no sweep
    done = regcli("runs", "export", "c", "-o", "m.onnx", "--probabilities", folder=tmp_path)
    assert done.err.splitlines()[-1].startswith("wrote the model of run ")
    about = json.loads((tmp_path / "m.columns.json").read_text("utf-8"))
    assert about["outputs"] == "probabilities"
    found = in_runtime(tmp_path / "m.onnx", load_iris().data.astype(np.float32))
    assert found.shape == (150, len(about["classes"]))
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-5)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        *("c.yaml", "m.columns.json", "m.onnx", "runs")
    ]


@pytest.mark.slow
def test_a_model_without_a_form_in_onnx_is_refused(tmp_path: Path) -> None:
    trained(tmp_path, PLAIN.replace("ACTIVATION", "gelu"))
    done = regcli("runs", "export", "c", "-o", "m.onnx", folder=tmp_path)
    assert done.code == 2
    message = done.err.splitlines()[-1]
    assert message.startswith("regcli: run ")
    assert message.endswith(
        ": its model must have a form in ONNX, it has none: there is no Erfc; nothing was written; "
        "a .keras file holds every model"
    )
    assert not (tmp_path / "m.onnx").exists()
