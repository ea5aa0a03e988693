"""What regcli needs of Keras beyond its public names: one small function for each such name.

No other module of regcli names a private part of Keras. `tests/models/test_keras_private.py` checks
on the installed Keras what each function says that it relies on.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, NamedTuple, TypeAlias

import keras
from keras.src.backend.common import global_state
from keras.src.saving.serialization_lib import ObjectSharingScope

VERSIONS = ">=3.15,<4"
"""Versions of Keras that this is written for; the requirement in pyproject.toml is the same."""

_NAME_COUNTS = "object_name_uids"

Optimizer: TypeAlias = keras.optimizers.Optimizer

# The optimizer's own state


def update_counter(optimizer: Optimizer) -> keras.Variable:
    """The variable that counts calls of `apply`.

    The public `iterations` is not it where gradients are accumulated. Relies on
    `Optimizer._iterations`.
    """
    return optimizer._iterations


def set_update_counter(optimizer: Optimizer, counter: keras.Variable) -> None:
    """Have an optimizer count in another variable, which may have an axis of members.

    Relies on `Optimizer._iterations` being what each update reads, and adds 1 to at its end.
    """
    optimizer._iterations = counter


def given_learning_rate(optimizer: Optimizer) -> Any:
    """The learning rate as it is kept: a variable, a schedule, or a function without arguments.

    The public `learning_rate` is its value. Relies on `Optimizer._learning_rate`.
    """
    return optimizer._learning_rate


def set_learning_rate(optimizer: Optimizer, rate: Any) -> None:
    """Give an optimizer another learning rate, a function of no arguments for one that changes.

    The public setter takes no function after a number. Relies on `Optimizer._learning_rate` being
    what each update asks for.
    """
    optimizer._learning_rate = rate


def set_clipping(optimizer: Optimizer, clip: Callable[[list[Any]], list[Any]]) -> None:
    """Have gradients clipped by another function, which takes and gives all of them.

    Relies on `Optimizer._clip_gradients` being called once in each update, whatever clipping was
    asked for.
    """
    optimizer._clip_gradients = clip


def position_of(optimizer: Optimizer, variable: Any) -> int:
    """The place of a variable among those that an optimizer was built over.

    Takes the `tf.Variable` too that a constraint is given. Relies on
    `Optimizer._get_variable_index`.
    """
    return int(optimizer._get_variable_index(variable))


def weight_averages(optimizer: Optimizer) -> Sequence[keras.Variable]:
    """The moving averages of the weights, in their order, with `use_ema`.

    Relies on `Optimizer._model_variables_moving_average`.
    """
    averages: Sequence[keras.Variable] = optimizer._model_variables_moving_average
    return averages


# What single optimizers keep of each weight, in the order of the variables


def second_moments(optimizer: Optimizer) -> Sequence[keras.Variable]:
    """The moving average v ← β·v + (1 − β)·g² of Adam, AdamW, Nadam and RMSprop, from 0 on.

    Relies on their `_velocities`.
    """
    moments: Sequence[keras.Variable] = optimizer._velocities
    return moments


def largest_second_moments(optimizer: Optimizer) -> Sequence[keras.Variable]:
    """The largest v so far, with `amsgrad`. Relies on `Adam._velocity_hats`."""
    moments: Sequence[keras.Variable] = optimizer._velocity_hats
    return moments


def mean_gradients(optimizer: Optimizer) -> Sequence[keras.Variable]:
    """The moving average of g, with `centered`. Relies on `RMSprop._average_gradients`."""
    means: Sequence[keras.Variable] = optimizer._average_gradients
    return means


def summed_squares(optimizer: Optimizer) -> Sequence[keras.Variable]:
    """The sum of g² over all updates and the initial value. Relies on `Adagrad._accumulators`."""
    sums: Sequence[keras.Variable] = optimizer._accumulators
    return sums


def momentum_product(optimizer: keras.optimizers.Nadam) -> keras.Variable:
    """The product of β₁·(1 − 0.5·0.96ᵗ) over the updates t so far, one number for all weights.

    Relies on `Nadam._u_product`.
    """
    return optimizer._u_product


def set_momentum_product(optimizer: keras.optimizers.Nadam, product: keras.Variable) -> None:
    """Have Nadam keep that product in another variable, which may have an axis of members.

    Relies on `Nadam._u_product` being what each update reads and multiplies.
    """
    optimizer._u_product = product


# Losses and activations


def scores_behind(outputs: Any) -> Any:
    """The scores that a sigmoid or softmax was given whose outputs these are; None of others.

    Keras's cross-entropies take those, which have a gradient where a probability has rounded to 0
    or 1. Relies on the tensors' attribute `_keras_logits`.
    """
    return getattr(outputs, "_keras_logits", None)


def leave_scores(outputs: Any, scores: Any) -> None:
    """Leave scores behind outputs, as a sigmoid or softmax does.

    Relies on Keras's cross-entropies taking the tensors' attribute `_keras_logits` instead.
    """
    outputs._keras_logits = scores


def mask_behind(outputs: Any) -> Any:
    """The mask that a layer leaves for the layers after it, which look for it; None of others.

    Relies on the tensors' attribute `_keras_mask`.
    """
    return getattr(outputs, "_keras_mask", None)


def loss_arguments(loss: keras.losses.Loss) -> Mapping[str, Any]:
    """The arguments of a loss's formula: Keras leaves Huber's `delta` out of its config.

    Empty for a loss that is not a function with arguments. Relies on
    `LossFunctionWrapper._fn_kwargs`.
    """
    arguments: Mapping[str, Any] = getattr(loss, "_fn_kwargs", {})
    return arguments


# A model's graph


def producer(tensor: keras.KerasTensor) -> Any:
    """The operation of a model's graph that gives a symbolic tensor: a layer, or a function.

    Relies on `KerasTensor._keras_history.operation`.
    """
    return tensor._keras_history.operation


class GraphNode(NamedTuple):
    """One call of a layer, a model or a plain operation in a model's graph.

    Attributes:
        operation: what is called.
        inputs: the symbolic tensors that it is given, in the order of its arguments.
        outputs: those that it gives.
        arguments: from values by the `id` of a symbolic tensor to positional and named arguments.
        keywords: the named arguments, with the symbolic tensors that the call was made with.
    """

    operation: keras.Operation
    inputs: Sequence[keras.KerasTensor]
    outputs: Sequence[keras.KerasTensor]
    arguments: Callable[[Mapping[int, Any]], tuple[Sequence[Any], dict[str, Any]]]
    keywords: Mapping[str, Any]


def graph_nodes(model: keras.Model) -> Iterator[GraphNode] | None:
    """The calls of a Functional or Sequential model in the order in which Keras makes them.

    None for a model without a graph: of a class with a `call` of its own, or not built. Whether a
    layer trains is what its model is called with, whatever `training` the call was made with.
    Relies on `Functional._nodes_by_depth`, `Sequential._functional`, and on what nodes keep of a
    call.
    """
    graph = getattr(model, "_functional", model)
    if type(model).call.__qualname__ not in {"Functional.call", "Sequential.call"}:
        return None
    if not isinstance(graph, keras.Function):
        return None
    depths = graph._nodes_by_depth
    nodes = (node for depth in sorted(depths, reverse=True) for node in depths[depth])
    return (
        GraphNode(
            node.operation,
            tuple(node.arguments.keras_tensors),
            tuple(node.outputs),
            node.arguments.fill_in,
            node.arguments.kwargs,
        )
        for node in nodes
        if node.operation and not node.is_input
    )


# Names


@contextmanager
def names_counted_afresh() -> Iterator[None]:
    """Have Keras name layers from `dense` on, whatever was made before; then as it did.

    Relies on the global attribute `object_name_uids` being what Keras counts names in.
    """
    before = global_state.get_global_attribute(_NAME_COUNTS)
    global_state.set_global_attribute(_NAME_COUNTS, defaultdict(int))
    try:
        yield
    finally:
        global_state.set_global_attribute(_NAME_COUNTS, before)


def set_path(variable: keras.Variable, path: str) -> None:
    """Give a variable another path, by which it is stored. Relies on `Variable._path`."""
    variable._path = path


# Models made of what a file says


def sharing_objects() -> AbstractContextManager[Any]:
    """A scope in which one object of a config is made once, wherever it stands: a shared layer.

    Relies on `ObjectSharingScope` and on the key `shared_object_id` in configs.
    """
    scope: AbstractContextManager[Any] = ObjectSharingScope()
    return scope


def take_unfilled_variables() -> Sequence[keras.Variable]:
    """Variables that were made without values in a `StatelessScope`; Keras forgets them.

    Else the next scope to end would fill them. Relies on the global attribute
    `uninitialized_variables`.
    """
    name = "uninitialized_variables"
    variables: Sequence[keras.Variable] = global_state.get_global_attribute(name) or []
    global_state.set_global_attribute(name, [])
    return variables


def fill_variables(variables: Sequence[keras.Variable]) -> None:
    """Give variables their values, which are those that they would have had from the beginning.

    Relies on `Variable._deferred_initialize`.
    """
    for variable in variables:
        variable._deferred_initialize()


def joined_anew(model: keras.Model, rows: keras.KerasTensor) -> keras.KerasTensor:
    """What a Functional model of one input and one output gives for another symbolic tensor.

    Its layers are called one by one, so that a model of the result has them as its own, and not
    this model as a single layer. The public `call` adds a conversion in front of them. Relies on
    `Functional._run_through_graph`.
    """
    (outputs,) = keras.tree.flatten(model._run_through_graph([rows]))
    return outputs


# The layers inside others


def inner_layers(layer: keras.Layer) -> Sequence[keras.Layer]:
    """The layers that a layer or model holds itself, each once; not those that these hold.

    The public `layers` is a model's only, where an LSTM has a cell and an attention layer its
    projections. Relies on `Layer._layers`.
    """
    found = {id(inner): inner for inner in layer._layers}
    return tuple(found.values())
