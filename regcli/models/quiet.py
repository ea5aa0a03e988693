"""Loading TensorFlow and Keras: without a person's settings, and without lines on stderr.

`TF_CPP_MIN_LOG_LEVEL` does not stop the lines of libraries that log before they are configured, so
the file descriptor itself is pointed at a file meanwhile, and replayed if anything goes wrong.
"""

import gc
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from regcli.keras_settings import (
    have_sums_alike_at_any_size,
    personal_settings_hidden,
    set_defaults,
)
from regcli.stderr import stderr_held_back


def load_tensorflow_quietly() -> None:
    """Import TensorFlow and Keras, and let TensorFlow look for GPUs, which is when it is loudest.

    Raises:
        DeviceError: Keras was loaded before with another backend.
    """
    if not {"tensorflow", "keras"} <= sys.modules.keys():
        _load()
    have_sums_alike_at_any_size(getattr(sys.modules["tensorflow"], "__version__", ""))
    set_defaults()


def _load() -> None:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with stderr_held_back(), personal_settings_hidden(), _never_collected():
        import keras  # noqa: F401 which reads a person's settings when it is imported
        import tensorflow as tf

        tf.config.list_physical_devices("GPU")
    logging.getLogger("absl").setLevel(logging.ERROR)
    logging.getLogger("tensorflow").setLevel(logging.ERROR)


@contextmanager
def _never_collected() -> Iterator[None]:
    """Modules that are loaded in here are there to stay: no collector walks through them.

    It takes a seventh of TensorFlow's loading, and afterwards 0.1 s at each of its walks.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        if was_enabled:
            gc.enable()
