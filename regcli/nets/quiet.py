"""Loading TensorFlow without the lines that its C++ parts write to stderr.

`TF_CPP_MIN_LOG_LEVEL` does not stop the lines of libraries that log before they are configured, so
the file descriptor itself is pointed at a file meanwhile, and replayed if anything goes wrong.
"""

import gc
import logging
import os
import sys

from regcli.stderr import stderr_held_back


def load_tensorflow_quietly() -> None:
    """Import TensorFlow and let it look for GPUs, which is when it is loudest."""
    if "tensorflow" in sys.modules:
        return
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with stderr_held_back():
        import tensorflow as tf

        tf.config.list_physical_devices("GPU")
    logging.getLogger("absl").setLevel(logging.ERROR)
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
    # TensorFlow's modules are there to stay: each walk of the collector through them takes 0.1 s.
    gc.freeze()
