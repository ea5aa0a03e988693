"""Which losses compare outputs with class numbers."""

import keras

_LOSSES = (
    keras.losses.SparseCategoricalCrossentropy,
    keras.losses.CategoricalGeneralizedCrossEntropy,
)


def wants_class_numbers(loss: keras.losses.Loss) -> bool:
    """Whether a loss compares an output for each class with a class number, not a one-hot row."""
    return isinstance(loss, _LOSSES)
