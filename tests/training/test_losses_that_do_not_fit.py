"""A loss that does not fit the output fails before training, at its place in the config."""

from typing import Any

import pytest

from regcli.data.dataset import Splits
from regcli.errors import ModelError

from .examples import Fit, a_config, binary_splits, class_splits, number_splits


@pytest.mark.parametrize(
    ("splits", "layers", "loss", "message"),
    [
        (
            binary_splits(),
            [],
            "sparse_categorical_crossentropy",
            "SparseCategoricalCrossentropy needs an output for each class, "
            "got an output of shape (1,)",
        ),
        (
            number_splits(),
            [],
            "sparse_categorical_crossentropy",
            "SparseCategoricalCrossentropy needs an output for each class, "
            "got an output of shape (1,)",
        ),
        (
            binary_splits(),
            [],
            "categorical_crossentropy",
            "CategoricalCrossentropy does not fit an output of shape (1,): In loss "
            "categorical_crossentropy, expected y_pred.shape to be (batch_size, num_classes) with "
            "num_classes > 1. Received: y_pred.shape=(1, 1). Consider using 'binary_crossentropy' "
            "if you only have 2 classes",
        ),
        (
            class_splits(),
            [],
            {"name": "categorical_crossentropy", "label_smoothing": 0.1, "axis": 7},
            None,
        ),
    ],
)
def test_the_message_names_loss_and_output(
    reference_fit: Fit, splits: Splits, layers: list[Any], loss: Any, message: str | None
) -> None:
    with pytest.raises(ModelError) as refused:
        reference_fit(a_config(layers, training={"loss": loss}), splits)
    assert refused.value.path == ("training", "loss")
    if message is None:
        message = refused.value.message
        assert message.startswith("CategoricalCrossentropy does not fit an output of shape (3,): ")
    assert refused.value.message == message
    assert "\n" not in refused.value.message
