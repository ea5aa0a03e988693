"""Models with a `call` of their own, as graphs of layers where their code lets them be."""

import inspect

import keras
import numpy as np

from regcli.models.build import MODEL_NAME

_TRIED_ROWS = 8


def as_graph(model: keras.Model, input_shape: tuple[int, ...]) -> keras.Model:
    """A model that is known from its inputs to its outputs.

    Sequential and Functional models stay what they are. Of others the `call` is followed once with
    symbolic rows; where that gives all of their weights and the same numbers, the layers are seen
    as those of any other model. Else the model is one layer of the graph, which only calls it.
    """
    if isinstance(model, keras.Sequential) and not model.built:
        model.build((None, *input_shape))
    if getattr(model, "outputs", None):
        return model
    rows = keras.Input(input_shape)
    followed = _followed(model, rows)
    whole = keras.Model(rows, model(rows), name=MODEL_NAME)
    if followed is not None and _are_alike(followed, whole, input_shape):
        return followed
    return whole


def _followed(model: keras.Model, rows: keras.KerasTensor) -> keras.Model | None:
    """The graph of a model's `call`; None where it cannot be followed, or depends on training."""
    if {"training", "mask"} & inspect.signature(model.call).parameters.keys():
        return None
    try:
        return keras.Model(rows, model.call(rows), name=MODEL_NAME)
    except Exception:
        return None


def _are_alike(graph: keras.Model, whole: keras.Model, input_shape: tuple[int, ...]) -> bool:
    """Whether two forms of a model have the same weights, and give the same for some rows."""
    own, all_of_it = ([id(weight) for weight in form.weights] for form in (graph, whole))
    if sorted(own) != sorted(all_of_it):
        return False
    rows = np.random.default_rng(0).normal(size=(_TRIED_ROWS, *input_shape)).astype(np.float32)
    found, expected = (np.asarray(form(rows, training=False)) for form in (graph, whole))
    return found.shape == expected.shape and np.array_equal(found, expected)
