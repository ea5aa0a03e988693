"""Training without XLA, which takes most of the time of a training as small as a test's."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest


@contextmanager
def without_xla() -> Iterator[None]:
    """Programs are traced as ever, and run by TensorFlow itself."""
    import tensorflow as tf

    function = tf.function

    def traced(*given: Any, jit_compile: bool | None = None, **options: Any) -> Any:
        del jit_compile
        return function(*given, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tf, "function", traced)
        yield


@pytest.fixture
def uncompiled() -> Iterator[None]:
    """For tests of what becomes of a training's end, however its numbers were come by.

    That a compiled population ends with the weights and scores of Keras's `fit` is what
    `training/test_population_*` hold: layer by layer, loss by loss, optimizer by optimizer.
    """
    with without_xla():
        yield
