"""A long sweep must not grow with every run."""

import gc
from pathlib import Path
from typing import Any

import pytest
import tensorflow as tf
from tensorflow.python.framework import ops

from regcli.training.memory import gradients_forgotten

from .examples import Fit, a_config, binary_splits
from .populations import train_together

MEGABYTE = 2**20


def resident_bytes() -> int:
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="reads Linux's /proc")
def test_memory_does_not_grow_by_the_run(reference_fit: Fit) -> None:
    """Without care TensorFlow keeps some 5 MB of every model that was ever trained."""
    splits = binary_splits()
    config = a_config([{"Dense": {"units": 8}}], training={"epochs": 1})
    for _ in range(4):
        reference_fit(config, splits)
    before = resident_bytes()
    for _ in range(12):
        reference_fit(config, splits)
    assert resident_bytes() - before < 12 * 2 * MEGABYTE


@pytest.mark.slow
def test_a_population_s_graphs_are_not_kept() -> None:
    """Without care TensorFlow keeps some 6,000 objects of every program that was ever traced."""
    splits = binary_splits()
    config = a_config([{"Dense": {"units": 6}}], training={"epochs": 1})

    def objects() -> int:
        train_together([config], splits)
        gc.collect()
        return len(gc.get_objects())

    before = objects()
    assert objects() - before < 1000


def test_tensorflow_keeps_custom_gradients_where_they_are_looked_for() -> None:
    """`gradients_forgotten` relies on a private name of TensorFlow, 2.21 and later."""
    known = ops.gradient_registry

    @tf.custom_gradient
    def plain(x: Any) -> Any:
        return x, lambda slope: slope

    before = set(known.list())
    with gradients_forgotten():
        tf.function(plain).get_concrete_function(tf.constant(1.0))
        assert len(set(known.list()) - before) == 1
    assert set(known.list()) == before
