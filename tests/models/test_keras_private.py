"""What regcli relies on in Keras beyond its public names, checked on the installed Keras."""

import inspect
import re
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from numpy.testing import assert_allclose, assert_array_equal
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

import regcli
from regcli.models import keras_private

ROOT = Path(__file__).parents[2]
FUNCTIONS = {
    name: function
    for name, function in inspect.getmembers(keras_private, inspect.isfunction)
    if function.__module__ == keras_private.__name__
}
LISTED_MODULES = [
    Path(regcli.__file__).parent / "keras_files" / name
    for name in ("allowed_classes.py", "allowed_operations.py")
]
"""Files that list modules of Keras as `.keras` files name them, and import none."""
GRADIENT = np.array([0.5, -2.0, 0.0], np.float32)

Contract = Callable[[], None]
CONTRACTS: dict[str, Contract] = {}


def contract(*functions: Any) -> Callable[[Contract], Contract]:
    """Register a check of what some functions rely on."""

    def register(check: Contract) -> Contract:
        CONTRACTS.update({function.__name__: check for function in functions})
        return check

    return register


def users_of(name: str) -> list[str]:
    """The files of regcli that use a function of the module."""
    room, private = Path(regcli.__file__).parent, Path(keras_private.__file__)
    return sorted(
        str(file.relative_to(room.parent))
        for file in room.rglob("*.py")
        if file != private and re.search(rf"\b{name}\b", file.read_text(encoding="utf-8"))
    )


@contextmanager
def told(name: str) -> Iterator[None]:
    """Say which private name has changed, and who uses it."""
    relied_on = " ".join((FUNCTIONS[name].__doc__ or "").split()).partition("Relies on ")[2]
    try:
        yield
    except Exception as error:
        pytest.fail(
            f"Keras {keras.__version__} has changed what keras_private.{name} relies on: "
            f"{relied_on} Used by {', '.join(users_of(name))}. It said: {error!r}"
        )


def stepped(optimizer: Any, steps: int = 1, built: int = 1) -> tuple[Any, list[Any]]:
    """An optimizer after updates of a variable of three weights, and the variables it knows."""
    variables = [keras.Variable(np.ones(3, np.float32)) for _ in range(built)]
    optimizer.build(variables)
    for _ in range(steps):
        optimizer.apply([tf.constant(GRADIENT)] * built, variables)
    return optimizer, variables


@contract(keras_private.update_counter)
def counts_calls_of_apply() -> None:
    plain = keras.optimizers.SGD(0.1, gradient_accumulation_steps=2)
    optimizer, _ = stepped(plain, steps=3)
    counter = keras_private.update_counter(optimizer)
    assert isinstance(counter, keras.Variable)
    assert int(counter.value) == 3
    assert int(optimizer.iterations) == 1


@contract(keras_private.set_update_counter)
def counts_in_the_variable_it_is_given() -> None:
    """And goes by it: Adam's correction of its moments is that of each member's own count."""
    weights = keras.Variable(np.ones((2, 3), np.float32))
    optimizer = keras.optimizers.Adam(0.1, epsilon=1e-12)
    optimizer.build([weights])
    counter = keras.Variable(np.array([[0], [7]], "int32"), trainable=False, dtype="int32")
    keras_private.set_update_counter(optimizer, counter)
    optimizer.apply([tf.ones((2, 3))], [weights])
    assert_array_equal(counter.numpy(), [[1], [8]])
    first, eighth = 1 - np.asarray(weights)
    assert_allclose(first, 0.1, rtol=1e-5)
    corrected = (0.1 / (1 - 0.9**8)) / np.sqrt(0.001 / (1 - 0.999**8))
    assert_allclose(eighth, 0.1 * corrected, rtol=1e-4)


@contract(keras_private.given_learning_rate)
def keeps_the_learning_rate_as_it_was_given() -> None:
    number = keras.optimizers.SGD(0.25)
    kept = keras_private.given_learning_rate(number)
    assert float(kept.value) == 0.25
    assert any(variable is kept for variable in number.variables)
    schedule = keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.5)
    assert keras_private.given_learning_rate(keras.optimizers.SGD(schedule)) is schedule


@contract(keras_private.set_learning_rate)
def asks_a_function_for_the_learning_rate() -> None:
    weights = keras.Variable(np.zeros((2, 3), np.float32))
    optimizer = keras.optimizers.SGD(0.25)
    optimizer.build([weights])
    keras_private.set_learning_rate(optimizer, lambda: tf.constant([[1.0], [2.0]]))
    optimizer.apply([tf.ones((2, 3))], [weights])
    assert_array_equal(weights.numpy(), [[-1] * 3, [-2] * 3])
    assert_array_equal(np.asarray(optimizer.learning_rate), [[1], [2]])


@contract(keras_private.set_clipping)
def clips_by_the_function_it_is_given() -> None:
    given = []

    def clip(gradients: list[Any]) -> list[Any]:
        given.append(gradients)
        return [tf.sign(gradient) for gradient in gradients]

    for arguments in ({}, {"clipnorm": 0.1}, {"global_clipnorm": 0.1}, {"clipvalue": 0.1}):
        given.clear()
        weights = [keras.Variable(np.zeros(3, np.float32)) for _ in range(2)]
        optimizer = keras.optimizers.SGD(1.0, **arguments)
        optimizer.build(weights)
        keras_private.set_clipping(optimizer, clip)
        optimizer.apply([tf.constant(GRADIENT)] * 2, weights)
        assert [len(gradients) for gradients in given] == [2]
        assert_array_equal(given[0][0], GRADIENT)
        assert_array_equal(weights[1].numpy(), -np.sign(GRADIENT))


@contract(keras_private.position_of)
def knows_a_variable_by_its_place() -> None:
    optimizer, variables = stepped(keras.optimizers.SGD(0.1), built=3)
    assert [keras_private.position_of(optimizer, own) for own in variables] == [0, 1, 2]
    assert [keras_private.position_of(optimizer, own.value) for own in variables] == [0, 1, 2]


@contract(keras_private.weight_averages)
def keeps_averages_of_the_weights() -> None:
    optimizer = keras.optimizers.SGD(1.0, use_ema=True, ema_momentum=0.75)
    optimizer, (weights, _) = stepped(optimizer, steps=2, built=2)
    averages = keras_private.weight_averages(optimizer)
    assert len(averages) == 2
    assert_allclose(averages[0].numpy(), 0.75 * (1 - GRADIENT) + 0.25 * weights.numpy())
    assert any(variable is averages[0] for variable in optimizer.variables)


@contract(keras_private.second_moments)
def keeps_second_moments() -> None:
    for optimizer, decay in (
        (keras.optimizers.Adam(0.1), 0.999),
        (keras.optimizers.AdamW(0.1), 0.999),
        (keras.optimizers.Nadam(0.1), 0.999),
        (keras.optimizers.RMSprop(0.1), 0.9),
    ):
        stepped(optimizer, steps=2)
        expected = (1 - decay**2) * GRADIENT**2
        (moments,) = keras_private.second_moments(optimizer)
        assert_allclose(moments.numpy(), expected, rtol=1e-3, err_msg=optimizer.name)


@contract(keras_private.largest_second_moments)
def keeps_the_largest_second_moments() -> None:
    optimizer, variables = stepped(keras.optimizers.Adam(0.1, amsgrad=True), steps=2)
    before = keras_private.second_moments(optimizer)[0].numpy()
    optimizer.apply([tf.zeros(3)], variables)
    assert (keras_private.second_moments(optimizer)[0].numpy()[:2] < before[:2]).all()
    assert_array_equal(keras_private.largest_second_moments(optimizer)[0].numpy(), before)


@contract(keras_private.mean_gradients)
def keeps_mean_gradients() -> None:
    optimizer, _ = stepped(keras.optimizers.RMSprop(0.1, rho=0.75, centered=True), steps=2)
    (means,) = keras_private.mean_gradients(optimizer)
    assert_allclose(means.numpy(), (1 - 0.75**2) * GRADIENT, rtol=1e-6)


@contract(keras_private.summed_squares)
def keeps_summed_squares() -> None:
    optimizer = keras.optimizers.Adagrad(0.1, initial_accumulator_value=0.5)
    optimizer, _ = stepped(optimizer, steps=2)
    (sums,) = keras_private.summed_squares(optimizer)
    assert_allclose(sums.numpy(), 0.5 + 2 * GRADIENT**2, rtol=1e-6)


@contract(keras_private.momentum_product)
def keeps_a_product_of_momentums() -> None:
    optimizer, _ = stepped(keras.optimizers.Nadam(0.1, beta_1=0.8), steps=2)
    expected = 0.8 * (1 - 0.5 * 0.96) * 0.8 * (1 - 0.5 * 0.96**2)
    assert_allclose(float(keras_private.momentum_product(optimizer).value), expected, rtol=1e-6)


@contract(keras_private.set_momentum_product)
def multiplies_the_product_it_is_given() -> None:
    weights = keras.Variable(np.ones((2, 3), np.float32))
    optimizer = keras.optimizers.Nadam(0.1, beta_1=0.8)
    optimizer.build([weights])
    product = keras.Variable(np.array([[1.0], [0.5]], np.float32), trainable=False)
    keras_private.set_momentum_product(optimizer, product)
    optimizer.apply([tf.ones((2, 3))], [weights])
    assert_allclose(product.numpy(), [[0.8 * 0.52], [0.4 * 0.52]], rtol=1e-6)
    first, second = 1 - np.asarray(weights)
    assert (first != second).all()


@contract(keras_private.scores_behind)
def leaves_scores_behind_outputs() -> None:
    scores = tf.constant([[200.0, -200.0]])
    for activation in (keras.activations.sigmoid, keras.activations.softmax):
        assert_array_equal(keras_private.scores_behind(activation(scores)), scores)
        layer = keras.layers.Activation(activation)
        assert_array_equal(keras_private.scores_behind(layer(scores)), scores)
    assert keras_private.scores_behind(keras.activations.relu(scores)) is None


@contract(keras_private.leave_scores)
def cross_entropies_take_the_scores() -> None:
    """An output that has rounded to 1 is as far from 0 as its score says, beyond Keras's 1e-7."""
    scores = tf.constant([[200.0, -200.0]])
    for loss, truth in (
        (keras.losses.BinaryCrossentropy(), [[0.0, 0.0]]),
        (keras.losses.CategoricalCrossentropy(), [[0.0, 1.0]]),
        (keras.losses.SparseCategoricalCrossentropy(), [1]),
    ):
        outputs, targets = tf.constant([[1.0, 0.0]]), tf.constant(truth)
        assert float(loss.call(targets, outputs)[0]) < 20, loss.name
        keras_private.leave_scores(outputs, scores)
        assert float(loss.call(targets, outputs)[0]) >= 100, loss.name


@contract(keras_private.mask_behind)
def leaves_masks_behind_outputs() -> None:
    layer = keras.layers.Masking(0.0)
    x = tf.constant([[[1.0], [0.0]]])
    assert_array_equal(keras_private.mask_behind(layer(x)), [[True, False]])
    assert keras_private.mask_behind(keras.layers.ReLU()(x)) is None


@contract(keras_private.loss_arguments)
def keeps_the_arguments_of_a_loss() -> None:
    assert keras_private.loss_arguments(keras.losses.Huber(delta=2.5))["delta"] == 2.5
    assert dict(keras_private.loss_arguments(keras.losses.MeanSquaredError())) == {}


@contract(keras_private.joined_anew)
def _() -> None:
    rows = keras.Input((3,))
    shared = keras.layers.Dense(3)
    once = shared(rows)
    model = keras.Model(rows, keras.layers.Add()([once, shared(once)]))
    other = keras.Input((3,))
    halved = keras.layers.Rescaling(0.5)(other)
    whole = keras.Model(other, keras_private.joined_anew(model, halved))
    assert [type(layer).__name__ for layer in whole.layers] == [
        *("InputLayer", "Rescaling", "Dense", "Add"),
    ]
    x = np.ones((2, 3), np.float32)
    assert_array_equal(whole(x), model(x / 2))


@contract(keras_private.producer)
def _() -> None:
    rows = keras.Input((3,))
    dense = keras.layers.Dense(2)
    outputs = dense(rows)
    assert keras_private.producer(outputs) is dense
    assert type(keras_private.producer(keras.ops.softmax(outputs))).__name__ == "Softmax"
    stack = keras.Sequential([keras.Input((3,)), dense])
    assert keras_private.producer(stack.outputs[0]) is dense
    assert keras_private.producer(stack(rows)) is stack


@contract(keras_private.names_counted_afresh)
def counts_names_from_the_beginning() -> None:
    keras.layers.Dense(1)
    before = keras.layers.Dense(1).name
    with keras_private.names_counted_afresh():
        assert [keras.layers.Dense(1).name for _ in range(2)] == ["dense", "dense_1"]
    after = keras.layers.Dense(1).name
    numbers = [int(name.partition("_")[2]) for name in (before, after)]
    assert numbers[1] == numbers[0] + 1


@contract(keras_private.set_path)
def names_a_variable_by_another_path() -> None:
    variable = keras.Variable(np.ones(2), name="own")
    keras_private.set_path(variable, "other/own")
    assert variable.path == "other/own"


@contract(keras_private.sharing_objects)
def makes_a_shared_object_once() -> None:
    part = keras.saving.serialize_keras_object(keras.regularizers.L2(0.5))
    config = [part | {"shared_object_id": 1}, part | {"shared_object_id": 1}]
    with keras_private.sharing_objects():
        first, second = keras.saving.deserialize_keras_object(config)
    assert first is second


@contract(keras_private.take_unfilled_variables, keras_private.fill_variables)
def fills_variables_when_it_is_asked_to() -> None:
    """And not when the scope ends: no memory is taken before their sizes are known."""
    with keras.StatelessScope(initialize_variables=False):
        variable = keras.Variable(keras.initializers.Ones(), shape=(3,))
    variables = keras_private.take_unfilled_variables()
    assert list(variables) == [variable]
    assert variable._value is None
    assert list(keras_private.take_unfilled_variables()) == []
    keras_private.fill_variables(variables)
    assert_array_equal(variable.numpy(), np.ones(3))


@contract(keras_private.graph_nodes)
def calls_layers_and_operations_from_inputs_to_outputs() -> None:
    """Twice what is called twice; values go to the places of the symbolic tensors in a call."""
    entry = keras.Input((3,))
    dense, add = keras.layers.Dense(3), keras.layers.Add()
    model = keras.Model(entry, add([dense(dense(entry)), entry]) * 2.0)
    nodes = keras_private.graph_nodes(model)
    assert nodes is not None
    first, second, added, doubled = nodes
    assert [first.operation, second.operation, added.operation] == [dense, dense, add]
    assert type(doubled.operation).__name__ == "Multiply"
    assert [id(x) for x in added.inputs] == [id(second.outputs[0]), id(entry)]
    assert [id(x) for x in doubled.outputs] == [id(model.outputs[0])]
    assert added.arguments({id(second.outputs[0]): 5, id(entry): 6}) == (([5, 6],), {})
    assert doubled.arguments({id(doubled.inputs[0]): 7}) == ((7, 2.0), {})
    attention = keras.layers.MultiHeadAttention(1, 2)
    steps = keras.Input((4, 3))
    called = keras.Model(steps, attention(steps, value=steps, use_causal_mask=True))
    (node,) = keras_private.graph_nodes(called) or ()
    assert node.keywords["use_causal_mask"] is True
    assert [id(x) for x in node.inputs] == [id(steps)] * 2


@contract(keras_private.graph_nodes)
def knows_a_stack_s_graph_and_where_there_is_none() -> None:
    calls_layers_and_operations_from_inputs_to_outputs()
    layers = [keras.layers.Dense(2), keras.layers.ReLU()]
    assert keras_private.graph_nodes(keras.Sequential(layers)) is None
    stack = keras.Sequential([keras.Input((3,)), *layers])
    assert [node.operation for node in keras_private.graph_nodes(stack) or ()] == layers

    class Own(keras.Model):  # type: ignore[misc]
        def call(self, x: Any) -> Any:
            return layers[0](x)

    own = Own()
    own(tf.ones((1, 3)))
    assert keras_private.graph_nodes(own) is None
    entry = keras.Input((3,))
    assert keras_private.graph_nodes(Own(entry, layers[0](entry))) is None
    normal = keras.Model(entry, keras.layers.BatchNormalization()(entry, training=False))
    x = tf.constant([[1.0, 2.0, 3.0], [3.0, 4.0, 5.0]])
    assert_allclose(normal(x, training=False), x, rtol=1e-2)
    assert_allclose(normal(x, training=True)[0], -np.ones(3), rtol=1e-2)


@contract(keras_private.inner_layers)
def holds_its_layers() -> None:
    inner = keras.layers.LSTM(2)
    model = keras.Sequential([keras.Input((3, 2)), keras.layers.Bidirectional(inner)])
    (outer,) = model.layers
    assert outer in keras_private.inner_layers(model)
    ways = keras_private.inner_layers(outer)
    assert {outer.forward_layer, outer.backward_layer} <= set(ways)
    assert keras_private.inner_layers(outer.forward_layer) == (outer.forward_layer.cell,)
    assert keras_private.inner_layers(outer.forward_layer.cell) == ()


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_keras_keeps_what_is_relied_on(name: str) -> None:
    assert users_of(name), f"nothing uses keras_private.{name}"
    with told(name):
        CONTRACTS[name]()


def test_a_change_in_keras_is_told_with_its_name_and_its_users() -> None:
    message = (
        rf"^Keras {re.escape(keras.__version__)} has changed what keras_private\.mean_gradients "
        r"relies on: `RMSprop\._average_gradients`\. Used by regcli/models/step_sizes\.py\. It "
        r"said: AttributeError\('gone'\)$"
    )
    with pytest.raises(pytest.fail.Exception, match=message), told("mean_gradients"):
        raise AttributeError("gone")


def test_versions_are_those_of_the_requirement() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    required = {own.name: own.specifier for own in map(Requirement, project["dependencies"])}
    assert required["keras"] == SpecifierSet(keras_private.VERSIONS)
    assert keras.__version__ in required["keras"]


def private_names(text: str) -> set[str]:
    """Attributes with a leading underscore of anything but an object's own."""
    dotted = re.findall(r"(?<!self)(?<!cls)(?<!super\(\))\.(_[a-z]\w*)", text)
    return set(dotted) | set(re.findall(r"[\"'](_[a-z]\w*)[\"']", text))


def test_no_other_module_names_a_private_part_of_keras() -> None:
    room = Path(regcli.__file__).parent
    private = Path(keras_private.__file__)
    names = private_names(private.read_text(encoding="utf-8"))
    assert "_iterations" in names
    for file in room.rglob("*.py"):
        text = file.read_text(encoding="utf-8")
        if file not in {private, *LISTED_MODULES}:
            assert "keras.src" not in text, file
        if file != private:
            assert private_names(text) & names == set(), file
