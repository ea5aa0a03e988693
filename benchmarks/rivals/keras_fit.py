"""What a user writes today: a loop over `model.fit`."""

import time

import keras

from benchmarks.workload import BATCH, Workload


def seconds_per_step(work: Workload, models: int, epochs: int, compiled: bool) -> float:
    """Seconds of a model-step of `fit`, its first epoch (which traces) left out.

    Args:
        compiled: with XLA and all steps of an epoch in one call.
    """
    taken = 0.0
    for l1, l2, seed in work.settings[:models]:
        model = _model(l1, l2, seed, work.steps if compiled else 1, compiled)
        model.fit(work.x, work.y, batch_size=BATCH, epochs=1, verbose=0)
        started = time.perf_counter()
        model.fit(work.x, work.y, batch_size=BATCH, epochs=epochs, verbose=0)
        taken += time.perf_counter() - started
    return taken / (models * epochs * work.steps)


def seconds_per_point(work: Workload, epochs: int) -> float:
    """Seconds of a path's point: a model built, started from the last one's weights and fitted.

    The import of TensorFlow is left out.
    """
    weights = None
    started = time.perf_counter()
    for l1, l2, seed in work.settings:
        model = _model(l1, l2, seed, steps=1, compiled=False)
        if weights is not None:
            model.set_weights(weights)
        model.fit(work.x, work.y, batch_size=BATCH, epochs=epochs, verbose=0)
        weights = model.get_weights()
    return (time.perf_counter() - started) / len(work.settings)


def _model(l1: float, l2: float, seed: int, steps: int, compiled: bool) -> keras.Model:
    keras.utils.set_random_seed(seed)
    penalty = keras.regularizers.L1L2(l1, l2)
    model = keras.Sequential(
        [
            keras.Input((64,)),
            keras.layers.Dense(128, activation="relu", kernel_regularizer=penalty),
            keras.layers.Dense(10, kernel_regularizer=penalty),
        ]
    )
    model.compile(
        optimizer=keras.optimizers.Adam(1e-3),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
        jit_compile=compiled,
        steps_per_execution=steps,
    )
    return model
