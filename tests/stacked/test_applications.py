"""Models of Keras's applications, as they are, on images of 32 × 32."""

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from numpy.testing import assert_allclose

from regcli.stacked.model_call import stacked_call
from regcli.stacked.refusals import why_not_model
from regcli.stacked.stacking import Pass, is_statistic

from .graph_parity import assert_same_as_fit, data_for

SHAPE = (32, 32, 3)
GIVEN: dict[str, Any] = {"input_shape": SHAPE, "weights": None, "classes": 10}


def small_v3() -> keras.Model:
    """One number from the ten classes."""
    model = keras.applications.MobileNetV3Small(
        include_preprocessing=False, dropout_rate=0, **GIVEN
    )
    entry = keras.Input(SHAPE)
    return keras.Model(entry, keras.layers.Dense(1)(model(entry)))


@pytest.mark.slow
@pytest.mark.timeout(3600)  # XLA compiles it for a minute of an idle core
def test_mobile_net_v3_trains_as_in_fit() -> None:
    assert why_not_model(small_v3()) is None
    data = data_for(small_v3(), 32)
    assert_same_as_fit(small_v3, lambda: keras.optimizers.SGD(0.01), data, epochs=2, batch=16)


@pytest.mark.slow
def test_a_step_of_mobile_net_v2_is_keras_s() -> None:
    """Its outputs, new statistics and gradients, once.

    Later steps differ by more than rounding: a start that is 1e-7 off has, in `fit` itself, losses
    that are 0.3 % off after two steps.
    """
    keras.utils.set_random_seed(4)
    model = keras.applications.MobileNetV2(**GIVEN)
    assert why_not_model(model) is None
    x = np.random.default_rng(0).standard_normal((16, *SHAPE)).astype(np.float32)
    statistics = [v for v in model.non_trainable_variables if is_statistic(v)]
    weights = [tf.constant(v.numpy()) for v in model.trainable_variables]

    def weighed(outputs: Any) -> Any:
        return tf.reduce_sum(tf.square(outputs) * np.arange(10, dtype=np.float32))

    with tf.GradientTape() as tape:
        tape.watch(weights)
        given = [value[tf.newaxis] for value in weights]
        kept = [tf.constant(v.numpy())[tf.newaxis] for v in statistics]
        info = Pass(tf.fill([16], 1 / 16), tf.zeros([1], tf.uint32), {})
        outputs, after = stacked_call(model, given, kept, tf.constant(x)[tf.newaxis], info)
        total = weighed(outputs[0])
    ours = [np.asarray(slope) for slope in tape.gradient(total, weights)]
    with tf.GradientTape() as tape:
        tape.watch(weights)
        values = [*zip(model.trainable_variables, weights, strict=True)]
        with keras.StatelessScope(values) as scope:
            wanted = model(x, training=True)
        total = weighed(wanted)
    theirs = [np.asarray(slope) for slope in tape.gradient(total, weights)]
    assert_allclose(outputs[0], wanted, atol=1e-4)
    for one, variable in zip(after, statistics, strict=True):
        assert_allclose(one[0], scope.get_current_value(variable), rtol=1e-3, atol=1e-5)
    largest = max(np.abs(slope).max() for slope in theirs)
    for one, other in zip(ours, theirs, strict=True):
        assert_allclose(one, other, rtol=0, atol=1e-3 * np.abs(other).max() + 1e-6 * largest)
