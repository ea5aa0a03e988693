"""Giving back what TensorFlow keeps of a model after it is gone."""

from collections.abc import Iterator
from contextlib import contextmanager

from tensorflow.python.framework import ops


@contextmanager
def gradients_forgotten() -> Iterator[None]:
    """Take the custom gradients that were registered in the body out of TensorFlow's registry.

    Keras's optimizers register one each time a training step is traced, TensorFlow never lets go of
    it, and it holds the whole graph: some 5 MB for every model that is trained, however small. The
    graphs of the body cannot be differentiated afterwards. Not for threads that trace at once.
    """
    registry = getattr(ops.gradient_registry, "_registry", {})
    before = set(registry)
    try:
        yield
    finally:
        for name in set(registry) - before:
            if name.startswith("CustomGradient-"):
                del registry[name]
