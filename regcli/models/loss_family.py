"""What a loss is in a formula, and which of the losses that other libraries minimise too."""

from typing import Literal

import keras

from regcli.config.keras_parts import Loss
from regcli.config.objective import Family, LossTerm
from regcli.models.outputs import Output
from regcli.models.parts import gives_scores

_HARMLESS = frozenset({"from_logits", "reduction", "name", "dtype"})
"""Arguments of a loss that do not change what is minimised."""
_ENTROPIES = (keras.losses.SparseCategoricalCrossentropy, keras.losses.CategoricalCrossentropy)


def loss_family(given: Loss | None, loss: keras.losses.Loss, output: Output) -> Family | None:
    """The kind of loss, of an output layer that suits it; None for any other.

    Args:
        given: the loss as the config has it, whose arguments may change it.
        loss: what Keras makes of it.
    """
    if given is not None and not given.arguments.keys() <= _HARMLESS:
        return None
    if isinstance(loss, keras.losses.MeanSquaredError):
        return "squared" if gives_scores(output) else None
    if not _reads_output(loss, output):
        return None
    if isinstance(loss, keras.losses.BinaryCrossentropy):
        return "logistic" if output.units == 1 else None
    if isinstance(loss, _ENTROPIES) and output.units > 1:
        return "two_scores" if output.units == 2 else "multinomial"
    return None


def _reads_output(loss: keras.losses.Loss, output: Output) -> bool:
    """Whether a loss takes scores from a layer that gives them, or probabilities likewise."""
    probabilities = keras.activations.sigmoid if output.units == 1 else keras.activations.softmax
    if gives_scores(output):
        return getattr(loss, "from_logits", None) is True
    return output.activation is probabilities and getattr(loss, "from_logits", None) is False


def loss_term(given: Loss | None, loss: keras.losses.Loss, output: Output) -> LossTerm:
    """The loss of a row as a formula of the target y and the scores z, or the probabilities p."""
    name, m, scores = type(loss).__name__, output.units, gives_scores(output)
    probabilities = (keras.activations.sigmoid, keras.activations.softmax)
    symbol: Literal["z", "p"] = "p" if output.activation in probabilities else "z"
    family = loss_family(given, loss, output)
    if family == "squared":
        formula = "(y − z)²" if m == 1 else f"(1/{m})·Σₖ (y[k] − z[k])²"
        return LossTerm(name, symbol, formula, "squared error")
    if family == "logistic":
        formula = "log(1 + exp(z)) − y·z" if scores else "−y·log(p) − (1 − y)·log(1 − p)"
        return LossTerm(name, symbol, formula, "cross-entropy (log loss) of two classes")
    if family is not None:
        formula = "log(Σₖ exp(z[k])) − z[y]" if scores else "−log(p[y])"
        return LossTerm(name, symbol, formula, f"cross-entropy (log loss) of {m} classes")
    arguments = given.arguments.items() if given else ()
    written = ", ".join([f"y, {symbol}", *(f"{key}={value}" for key, value in arguments)])
    return LossTerm(name, symbol, f"{name}({written})", "loss")
