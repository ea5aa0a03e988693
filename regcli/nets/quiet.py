"""Loading TensorFlow without the lines that its C++ parts write to stderr.

`TF_CPP_MIN_LOG_LEVEL` does not stop the lines of libraries that log before they are configured, so
the file descriptor itself is pointed at a file meanwhile, and replayed if anything goes wrong.
"""

import gc
import logging
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

STDERR = 2

_XLA_OF = "2.21."
"""Version of TensorFlow whose XLA knows the flag; another might end the process over it."""
_XLA_FLAG = "--xla_cpu_experimental_ynn_fusion_type"


def load_tensorflow_quietly() -> None:
    """Import TensorFlow and let it look for GPUs, which is when it is loudest."""
    if "tensorflow" in sys.modules:
        return
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with _stderr_held_back():
        import tensorflow as tf

        _sum_alike_at_any_size(getattr(tf, "__version__", ""))
        tf.config.list_physical_devices("GPU")
    logging.getLogger("absl").setLevel(logging.ERROR)
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
    # TensorFlow's modules are there to stay: each walk of the collector through them takes 0.1 s.
    gc.freeze()


def _sum_alike_at_any_size(version: str) -> None:
    """Have XLA compile a sum in one way, however many numbers there are.

    Sums of much data would go to a library that adds up in another order, so that a member's last
    digits depend on how many are trained beside it. XLA reads its flags when it first compiles.
    """
    given = os.environ.get("XLA_FLAGS", "")
    if version.startswith(_XLA_OF) and _XLA_FLAG not in given:
        os.environ["XLA_FLAGS"] = f"{given} {_XLA_FLAG}=".lstrip()


@contextmanager
def _stderr_held_back() -> Iterator[None]:
    """Point file descriptor 2 at a temporary file; show what was written if the body fails."""
    sys.stderr.flush()
    saved = os.dup(STDERR)
    with tempfile.TemporaryFile() as held_back:
        os.dup2(held_back.fileno(), STDERR)
        try:
            yield
        except Exception:
            held_back.seek(0)
            os.write(saved, held_back.read())
            raise
        finally:
            os.dup2(saved, STDERR)
            os.close(saved)
