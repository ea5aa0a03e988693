"""A person's keras.json and KERAS_* variables do not reach regcli's Keras."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from regcli.errors import DeviceError
from regcli.keras_settings import (
    default_environment,
    have_sums_alike_at_any_size,
    numeric_variables,
    personal_settings_hidden,
    set_defaults,
)

_SETTINGS = """
import keras
c = keras.config
print(c.backend(), c.floatx(), c.epsilon(), c.image_data_format(), c.dtype_policy().name)
print(c.max_epochs(), c.max_steps_per_epoch())
model = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Conv2D(4, 3)])
print(model.output_shape, model.layers[0].kernel.dtype)
"""
DEFAULTS = """\
tensorflow float32 1e-07 channels_last float32
None None
(None, 6, 6, 4) float32
"""


def settings(script: str, home: Path, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        env={**default_environment(os.environ), "KERAS_HOME": str(home), **environment},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("text", ["{", '{"backend": "jax", "floatx": "float8", "epsilon": "x"}'])
def test_keras_has_its_own_defaults(text: str, tmp_path: Path) -> None:
    """With what would stop Keras from loading, were it read."""
    (tmp_path / "keras.json").write_text(text)
    variables = {"KERAS_BACKEND": "torch", "KERAS_MAX_EPOCHS": "x", "TF_USE_LEGACY_KERAS": "1"}
    shown = settings(
        f"import regcli.models, os\n{_SETTINGS}\n"
        "assert os.environ['KERAS_BACKEND'] == 'torch', os.environ['KERAS_BACKEND']\n",
        tmp_path,
        **variables,
    )
    assert shown == DEFAULTS
    assert [path.name for path in tmp_path.iterdir()] == ["keras.json"]
    assert (tmp_path / "keras.json").read_text() == text


@pytest.mark.slow
def test_a_keras_that_was_loaded_before_is_set_back(tmp_path: Path) -> None:
    chosen = {
        "backend": "tensorflow",
        "floatx": "float64",
        "epsilon": 1e-3,
        "image_data_format": "channels_first",
    }
    (tmp_path / "keras.json").write_text(json.dumps(chosen))
    before = "import keras\nassert keras.config.floatx() == 'float64'\nimport regcli.models\n"
    variables = {"KERAS_BACKEND": "tensorflow", "KERAS_MAX_EPOCHS": "1"}
    assert settings(before + _SETTINGS, tmp_path, **variables) == DEFAULTS


def test_another_backend_that_was_loaded_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("keras.config.backend", lambda: "jax")
    with pytest.raises(DeviceError) as refused:
        set_defaults()
    assert str(refused.value) == (
        "Keras must run on TensorFlow, it was loaded with the backend jax; import regcli before "
        "Keras, or set KERAS_BACKEND=tensorflow"
    )


def test_variables_are_hidden_and_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("KERAS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("KERAS_MAX_EPOCHS", "3")
    monkeypatch.setenv("TF_USE_LEGACY_KERAS", "1")
    before = dict(os.environ)
    seen: list[dict[str, str]] = []

    def fail() -> None:
        seen.append(dict(os.environ))
        raise ImportError

    with pytest.raises(ImportError), personal_settings_hidden():
        fail()
    assert dict(os.environ) == before
    assert seen == [default_environment(before)]
    assert {"KERAS_MAX_EPOCHS", "TF_USE_LEGACY_KERAS"}.isdisjoint(seen[0])


def test_variables_that_change_digits_stand_in_the_record(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TF_ENABLE_ONEDNN_OPTS", "0")
    monkeypatch.setenv("XLA_FLAGS", "--xla_cpu_enable_fast_math=true")
    monkeypatch.delenv("TF_XLA_FLAGS", raising=False)
    found = numeric_variables()
    assert found["TF_ENABLE_ONEDNN_OPTS"] == "0"
    assert found["XLA_FLAGS"] == "--xla_cpu_enable_fast_math=true"
    assert "TF_XLA_FLAGS" not in found


@pytest.mark.parametrize("given", ["", "--xla_cpu_enable_fast_math=true"])
def test_our_own_flag_joins_a_person_s_and_is_not_recorded(
    monkeypatch: pytest.MonkeyPatch, given: str
) -> None:
    monkeypatch.setenv("XLA_FLAGS", given)
    have_sums_alike_at_any_size("2.99.0")  # which may not know it
    assert os.environ["XLA_FLAGS"] == given
    for _ in range(2):
        have_sums_alike_at_any_size("2.21.3")
        assert os.environ["XLA_FLAGS"] == f"{given} {OWN_FLAG}".lstrip()
        assert numeric_variables().get("XLA_FLAGS", "") == given


OWN_FLAG = "--xla_cpu_experimental_ynn_fusion_type="
