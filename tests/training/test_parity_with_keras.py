"""Training gives what a plain Keras script of the same data, start and batch order gives."""

import keras
import numpy as np
import pytest
from numpy.testing import assert_allclose

from regcli.config.load import load_config
from regcli.data.row_order import batch_order
from regcli.data.sources import load_table
from regcli.data.splits import split

from .examples import Fit, a_config, class_splits


def textbook_script() -> tuple[keras.Model, dict[str, list[float]]]:
    """The textbook example as a person writes it, but for the order of its rows."""
    keras.utils.set_random_seed(0)
    x = np.random.default_rng(0).random((100, 10)).astype("float32")
    y = (np.random.default_rng(0).random((100, 10)).sum(axis=1) > 5).astype("float32")
    model = keras.Sequential(
        [
            keras.Input((10,)),
            keras.layers.Dense(
                32, activation="relu", kernel_regularizer=keras.regularizers.l2(0.01)
            ),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
    history: dict[str, list[float]] = {"loss": [], "accuracy": []}
    for epoch in range(5):
        order = batch_order(0, epoch, 100)
        logs = model.fit(x[order], y[order], batch_size=32, shuffle=False, verbose=0).history
        for name, values in history.items():
            values += logs[name]
    return model, history


def test_the_seed_config_equals_the_textbook_script(fit: Fit) -> None:
    loaded = load_config("seed")
    dataset = loaded.config.dataset
    splits = split(load_table(dataset, loaded.folder), dataset)
    outcome = fit(loaded.config, splits)
    model, history = textbook_script()
    assert_allclose(outcome.history["loss"], history["loss"], rtol=0, atol=1e-5)
    assert_allclose(outcome.history["accuracy"], history["accuracy"], rtol=0, atol=1e-5)
    for ours, theirs in zip(outcome.weights.values(), model.get_weights(), strict=True):
        assert_allclose(ours, theirs, rtol=0, atol=1e-5)
    loss, accuracy = model.evaluate(splits.train.x, splits.train.y, verbose=0)
    assert outcome.metrics["train"]["objective"] == pytest.approx(loss, abs=1e-5)
    assert outcome.metrics["train"]["accuracy"] == pytest.approx(accuracy, abs=1e-5)


def test_several_classes_and_validation_equal_a_plain_script(fit: Fit) -> None:
    splits = class_splits()
    config = a_config(
        [{"Dense": {"units": 6, "activation": "relu"}}],
        regularization={"l1": 0.003, "l2": 0.01},
        training={"epochs": 3, "batch_size": 7, "seed": 3},
    )
    outcome = fit(config, splits)
    keras.utils.set_random_seed(3)
    both = keras.regularizers.L1L2(l1=0.003, l2=0.01)
    model = keras.Sequential(
        [
            keras.Input((4,)),
            keras.layers.Dense(6, activation="relu", kernel_regularizer=both),
            keras.layers.Dense(3, activation="softmax", kernel_regularizer=both),
        ]
    )
    model.compile("adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    train, validation = splits.train, splits.validation
    assert validation is not None
    for epoch in range(3):
        order = batch_order(3, epoch, len(train))
        logs = model.fit(
            train.x[order],
            train.y[order],
            batch_size=7,
            shuffle=False,
            verbose=0,
            validation_data=(validation.x, validation.y),
        ).history
        for name in ("loss", "accuracy", "val_loss", "val_accuracy"):
            assert outcome.history[name][epoch] == pytest.approx(logs[name][0], abs=1e-5), name
