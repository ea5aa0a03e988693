"""Keras and TensorFlow as they are without a person's own settings: one run id, one meaning.

Keras reads `keras.json` and `KERAS_*` variables when it is imported: they choose another backend,
other numbers (floatx, epsilon), another layout of images, or cap the epochs of every training. What
they say is hidden from it meanwhile, and a Keras that was loaded before is set back.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from regcli.errors import DeviceError

NUMERIC_VARIABLES = (
    "NVIDIA_TF32_OVERRIDE",
    "ONEDNN_DEFAULT_FPMATH_MODE",
    "TF_CUDNN_DETERMINISTIC",
    "TF_DETERMINISTIC_OPS",
    "TF_ENABLE_ONEDNN_OPTS",
    "TF_SET_ONEDNN_FPMATH_MODE",
    "TF_XLA_FLAGS",
    "XLA_FLAGS",
)
"""What changes the last digits of TensorFlow's numbers, or lowers their precision. People set these
on purpose, for their hardware: they are left as they are, and stand in each run's record."""

_SUMS_ALIKE = "--xla_cpu_experimental_ynn_fusion_type="
_KNOWS_THE_FLAG = "2.21."
"""The versions of TensorFlow whose XLA knows the flag: another might end the process over it."""

_LEGACY = "TF_USE_LEGACY_KERAS"
"""Makes TensorFlow look for Keras 2, which is another package and mostly not there."""

_DEFAULTS = {"KERAS_BACKEND": "tensorflow", "KERAS_HOME": str(Path(os.devnull, "keras"))}
"""What Keras finds instead; in such a home there is no `keras.json`, and none can be written."""


def default_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """An environment in which Keras is loaded with TensorFlow and with its own defaults."""
    return {k: v for k, v in environment.items() if not _is_personal(k)} | _DEFAULTS


@contextmanager
def personal_settings_hidden() -> Iterator[None]:
    """Import Keras in here: it finds its defaults. The variables come back afterwards."""
    hidden = {name: value for name, value in os.environ.items() if _is_personal(name)}
    for name in hidden:
        del os.environ[name]
    os.environ.update(_DEFAULTS)
    try:
        yield
    finally:
        for name in _DEFAULTS:
            os.environ.pop(name, None)
        os.environ.update(hidden)


def _is_personal(variable: str) -> bool:
    return variable.startswith("KERAS_") or variable == _LEGACY


def set_defaults() -> None:
    """Set back what another part of the process may have set in Keras.

    Raises:
        DeviceError: Keras was loaded before with another backend, which it cannot change.
    """
    import keras

    backend = keras.config.backend()
    if backend != "tensorflow":
        raise DeviceError(
            f"Keras must run on TensorFlow, it was loaded with the backend {backend}; "
            "import regcli before Keras, or set KERAS_BACKEND=tensorflow"
        )
    keras.config.set_floatx("float32")
    keras.config.set_epsilon(1e-7)
    keras.config.set_image_data_format("channels_last")
    keras.config.set_dtype_policy("float32")
    keras.config.set_max_epochs(None)
    keras.config.set_max_steps_per_epoch(None)


def numeric_variables() -> dict[str, str]:
    """Those of `NUMERIC_VARIABLES` that are set, without the flag that is our own."""
    given = {name: os.environ.get(name, "") for name in NUMERIC_VARIABLES}
    given["XLA_FLAGS"] = given["XLA_FLAGS"].removesuffix(_SUMS_ALIKE).rstrip()
    return {name: value for name, value in given.items() if value}


def have_sums_alike_at_any_size(tensorflow: str) -> None:
    """Have XLA compile a sum in one way, however many numbers there are.

    Sums of much data would go to a library that adds up in another order, so that a member's last
    digits depend on how many are trained with it. XLA reads its flags when it first compiles.

    Args:
        tensorflow: its version.
    """
    given = os.environ.get("XLA_FLAGS", "")
    if tensorflow.startswith(_KNOWS_THE_FLAG) and _SUMS_ALIKE not in given:
        os.environ["XLA_FLAGS"] = f"{given} {_SUMS_ALIKE}".lstrip()
