"""Where the bias of a count's model starts: at the mean count, not at Keras's 0.

Other losses take any start, and theirs is Keras's own, so that a run is what a plain `fit` gives.
The Poisson loss is NaN where a prediction is negative, as half of them are with a bias of 0,
and far from the counts its slopes are as large as they are.
"""

import keras
import numpy as np
from numpy.typing import NDArray

from regcli.data.dataset import Splits

_LEAST = 1e-6


def start_bias(
    model: keras.Model, loss: keras.losses.Loss, splits: Splits
) -> tuple[int, NDArray[np.float32]] | None:
    """The start of the output bias and its position among the trainable variables.

    None where Keras's own start stays: for other losses, graphs, more layers than one, or a bias
    that the config gives an initializer.
    """
    weighted = [layer for layer in model.layers if layer.weights]
    if type(loss) is not keras.losses.Poisson or len(weighted) != 1:
        return None
    if not isinstance(model, keras.Sequential):
        return None
    (dense,) = weighted
    if not (isinstance(dense, keras.layers.Dense) and dense.use_bias and dense.trainable):
        return None
    if not isinstance(dense.bias_initializer, keras.initializers.Zeros):
        return None
    mean = max(float(splits.train.y.mean(dtype=np.float64)), _LEAST)
    inverses = {
        keras.activations.linear: mean,
        keras.activations.relu: mean,
        keras.activations.exponential: np.log(mean),
        keras.activations.softplus: mean + np.log(-np.expm1(-mean)),
    }
    if dense.activation not in inverses:
        return None
    position = [variable is dense.bias for variable in model.trainable_variables].index(True)
    return position, np.full(dense.bias.shape, inverses[dense.activation], np.float32)
