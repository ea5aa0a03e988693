"""Smaller graphs: the same outputs, channels that meet go together, and nothing dead is left."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regcli.config.model_section import Model
from regcli.errors import ShrinkError
from regcli.models.connectivity import count_members, measure_sparsity
from regcli.models.cost import model_size
from regcli.models.interface import Interface
from regcli.models.smaller import SmallerModel, make_smaller, take_inputs
from regcli.models.stack_source import StackSource
from regcli.models.weights import read_weights

from .shrunk import Rng, counts, fill, outputs, shrunk

L = keras.layers
Flow = Any
MEETING = (L.Add, L.Subtract, L.Multiply, L.Average, L.Maximum, L.Minimum)
SEEDS = st.integers(0, 2**32 - 1)
TIME_BOXED = settings(max_examples=8)


def joined(build: Callable[[Flow], Flow], shape: tuple[int, ...] = (6,)) -> keras.Model:
    rows = keras.Input(shape, name="rows")
    return keras.Model(rows, build(rows), name="model")


def left(smaller: SmallerModel) -> dict[str, tuple[int, int]]:
    return {units.name: (units.before, units.after) for units in smaller.units}


def put(model: keras.Model, name: str, **values: Any) -> None:
    """Put numbers into weights of a layer, all others stay."""
    for weight in model.get_layer(name).weights:
        if weight.name in values:
            weight.assign(values[weight.name])


def without_units(kernel: Any, units: Any) -> np.ndarray:
    cut = np.array(kernel)
    cut[..., units] = 0
    return cut


def without_inputs(kernel: Any, inputs: Any) -> np.ndarray:
    cut = np.array(kernel)
    cut[..., inputs, :] = 0
    return cut


# Random graphs


@dataclass(frozen=True)
class Kinds:
    """What a random graph is made of."""

    activations: tuple[str, ...] = ("tanh", "linear")
    meeting: tuple[type[keras.Layer], ...] = ()
    shares: bool = False


def grow(rng: Rng, rows: Flow, steps: int, kinds: Kinds) -> Flow:
    """Layers one after another, each of which takes some of what is there already."""
    flows, shared = [rows], L.Dense(4, activation=kinds.activations[0], name="shared")
    for _ in range(steps):
        flows.append(grown(rng, flows, kinds, shared))
    return L.Dense(2)(L.Concatenate()(flows[-3:]))


def grown(rng: Rng, flows: list[Flow], kinds: Kinds, shared: keras.Layer) -> Flow:
    taken = flows[rng.integers(len(flows))]
    like = [flow for flow in flows if flow.shape == taken.shape and flow is not taken]
    activation = kinds.activations[rng.integers(len(kinds.activations))]
    choice = rng.integers(8)
    if choice >= 5 and kinds.meeting:
        if choice == 7 or not like:
            return L.BatchNormalization()(taken)
        meeting = kinds.meeting[rng.integers(len(kinds.meeting))]
        return meeting()([taken, like[rng.integers(len(like))]])
    if choice == 4 and kinds.shares and taken.shape[-1] == 4:
        return shared(taken)
    if choice == 3:
        return cut_out(rng, taken if kinds.meeting else flows[0])  # a run keeps a column
    if choice == 2:
        return L.Concatenate()([taken, flows[rng.integers(len(flows))]])
    return L.Dense(4 if choice else int(rng.integers(1, 6)), activation=activation)(taken)


def cut_out(rng: Rng, flow: Flow) -> Flow:
    """Two runs of columns, as an `Input` of a config cuts them out."""
    count = flow.shape[-1]
    steps = L.Reshape((count, 1))(flow)
    cuts = []
    for _ in range(2):
        begin, end = sorted(rng.choice(count + 1, 2, replace=False))
        cuts.append(L.Cropping1D((int(begin), int(count - end)))(steps))
    run = L.Concatenate(axis=1)(cuts)
    return L.Reshape((run.shape[1],))(run)


@pytest.mark.slow
@TIME_BOXED
@given(SEEDS, st.booleans())
def test_outputs_stay_and_shrinking_again_finds_nothing(seed: int, drop_inputs: bool) -> None:
    rng = np.random.default_rng(seed)
    kinds = Kinds(("relu", "sigmoid", "linear", "softplus"), MEETING, shares=True)
    model = fill(joined(lambda rows: grow(rng, rows, 9, kinds)), rng)
    smaller = shrunk(model, rng, drop_inputs)
    again = shrunk(smaller.model, rng, drop_inputs)
    assert [after for _, after in counts(smaller)] == [after for _, after in counts(again)]


@pytest.mark.slow
@TIME_BOXED
@given(SEEDS)
def test_without_joins_that_bind_units_all_that_is_left_counts(seed: int) -> None:
    """A unit counts if its value varies with the row, and if another bias of it changes outputs."""
    rng = np.random.default_rng(seed)
    model = fill(joined(lambda rows: grow(rng, rows, 7, Kinds())), rng)
    rows = rng.normal(size=(16, 6)).astype(np.float32)
    expected = outputs(model, rows)
    smaller = left(shrunk(model, rng))
    for layer in model.layers[:-1]:
        if not isinstance(layer, L.Dense):
            continue
        values = outputs(keras.Model(model.inputs[0], layer.output), rows)
        bias, alive = np.array(layer.bias), 0
        for unit in range(layer.units):
            layer.bias.assign(bias + 0.5 * np.eye(layer.units)[unit])
            alive += bool((outputs(model, rows) != expected).any() and np.ptp(values[:, unit]) > 0)
        layer.bias.assign(bias)
        assert smaller[layer.name] == (layer.units, max(alive, 1)), layer.name


@pytest.mark.slow
@TIME_BOXED
@given(SEEDS)
def test_inputs_are_active_if_the_outputs_change_with_them(seed: int) -> None:
    kinds = Kinds(meeting=(L.Add, L.Average), shares=True)
    rng = np.random.default_rng(seed)
    model = fill(joined(lambda rows: grow(rng, rows, 7, kinds)), rng, 0.5)
    rows = rng.normal(size=(16, 6)).astype(np.float32)
    expected = outputs(model, rows)
    changes = [(outputs(model, rows + column) != expected).any() for column in np.eye(6)]
    smaller = shrunk(model, rng, drop_inputs=True)
    np.testing.assert_array_equal(smaller.live_inputs, changes)


# Channels that meet


def residual(rows: Flow) -> Flow:
    start = L.Dense(5, name="start")(rows)
    inner = L.Dense(7, activation="relu", name="inner")(start)
    back = L.Dense(5, name="back")(inner)
    return L.Dense(2, name="end")(L.Add(name="sum")([start, back]))


def test_channels_that_meet_in_an_add_go_together() -> None:
    rng = np.random.default_rng(0)
    model = fill(joined(residual), rng, density=1)
    for layer in ("start", "inner", "back", "end"):
        shape = model.get_layer(layer).kernel.shape
        put(model, layer, kernel=rng.normal(size=shape))
    kernel = rng.normal(size=(5, 2))
    put(model, "end", kernel=without_inputs(kernel, [1, 3]))
    put(model, "inner", kernel=without_inputs(rng.normal(size=(5, 7)), 1))
    put(model, "back", kernel=without_inputs(rng.normal(size=(7, 5)), [0, 2]))
    found = left(shrunk(model, rng))
    # channel 1 counts for nothing; 3 does for `inner`, so that `back` keeps its own 3 beside it
    assert found == {"start": (5, 4), "inner": (7, 5), "back": (5, 4), "end": (2, 2)}


def test_a_constant_in_a_sum_keeps_its_value() -> None:
    rng = np.random.default_rng(1)
    model = joined(residual)
    for weight in model.weights:
        weight.assign(rng.uniform(0.5, 1.5, weight.shape))
    put(model, "back", kernel=np.zeros((7, 5)))
    smaller = shrunk(model, rng)
    assert left(smaller) == {"start": (5, 5), "inner": (7, 1), "back": (5, 5), "end": (2, 2)}
    np.testing.assert_array_equal(
        smaller.model.get_layer("back").bias, model.get_layer("back").bias
    )


def test_what_a_function_adds_up_is_an_add(tmp_path: Path) -> None:
    def plainly(rows: Flow) -> Flow:
        start = L.Dense(5, activation="relu", name="start")(rows)
        both = start + L.Dense(5, name="back")(start)
        return L.Dense(2, name="end")(keras.ops.maximum(both * start, start - both))

    rng = np.random.default_rng(3)
    model = joined(plainly)
    for weight in model.weights:
        weight.assign(rng.uniform(0.5, 1.5, weight.shape))
    put(model, "end", kernel=without_inputs(np.ones((5, 2)), [1, 3]))
    put(model, "back", kernel=without_inputs(rng.normal(size=(5, 5)), 1))
    smaller = shrunk(model, rng)
    assert left(smaller) == {"start": (5, 4), "back": (5, 4), "end": (2, 2)}
    assert measure_sparsity(model, read_weights(model)).live_units == {"start": 4, "back": 3}
    smaller.model.save(tmp_path / "small.keras")
    loaded = keras.models.load_model(tmp_path / "small.keras", safe_mode=True)
    modules = {layer["module"] for layer in loaded.get_config()["layers"]}
    assert modules == {"keras.layers"}


def test_a_product_with_zero_is_dead_on_both_sides() -> None:
    def gated(rows: Flow) -> Flow:
        gate = L.Dense(4, activation="relu", name="gate")(rows)
        value = L.Dense(4, name="value")(rows)
        return L.Dense(2, name="end")(L.Multiply()([gate, value]))

    rng = np.random.default_rng(2)
    model = joined(gated)
    for weight in model.weights:
        weight.assign(rng.uniform(0.5, 1.5, weight.shape))
    put(model, "gate", kernel=without_units(np.ones((6, 4)), [0, 2]), bias=[-1, 1, 2, 1])
    assert left(shrunk(model, rng)) == {"gate": (4, 3), "value": (4, 3), "end": (2, 2)}


def test_concatenated_channels_go_each_by_itself() -> None:
    def side_by_side(rows: Flow) -> Flow:
        parts = [L.Dense(3, name="a")(rows), rows, L.Dense(4, name="b")(rows)]
        return L.Dense(2, name="end")(L.Concatenate()(parts))

    rng = np.random.default_rng(3)
    model = joined(side_by_side)
    put(model, "end", kernel=without_inputs(rng.normal(size=(13, 2)), [0, 4, 9, 11]))
    put(model, "a", kernel=without_inputs(rng.normal(size=(6, 3)), 1))
    put(model, "b", kernel=without_inputs(rng.normal(size=(6, 4)), 1))
    smaller = shrunk(model, rng, drop_inputs=True)
    assert left(smaller) == {"a": (3, 2), "b": (4, 2), "end": (2, 2)}
    np.testing.assert_array_equal(smaller.kept_inputs, [True, False, True, True, True, True])


def test_a_shared_layer_keeps_what_any_of_its_calls_needs() -> None:
    def twice(rows: Flow) -> Flow:
        start, both = L.Dense(5, name="start")(rows), L.Dense(5, name="both")
        middle = both(start)
        return L.Dense(2, name="end")(L.Concatenate()([middle, both(middle)]))

    rng = np.random.default_rng(4)
    model = joined(twice)
    kernel = np.diag([1.0, 2, 3, 4, 5])
    kernel[0, 1] = 1
    put(model, "both", kernel=kernel, bias=np.arange(5))
    end = rng.normal(size=(10, 2))
    end[[0, 1, 2, 5, 7, 8]] = 0  # of `both`: units 3 and 4 at first, 1 and 4 then; 1 needs 0
    put(model, "end", kernel=end)
    smaller = shrunk(model, rng)
    assert left(smaller) == {"start": (5, 4), "both": (5, 4), "end": (2, 2)}
    assert model_size(model).flops == 2 * (6 * 5 + 2 * 5 * 5 + 10 * 2)
    assert model_size(smaller.model).flops == 2 * (6 * 4 + 2 * 4 * 4 + 8 * 2)


# Networks


def wide_and_deep(rng: Rng) -> keras.Model:
    """Two groups of columns, one of which is wide and both of which are deep."""
    columns = ("age", "city=Oslo", "city=Rome", "pay", "debt", "city missing")
    layers = [
        {"Input": {"columns": ["city", "debt"], "name": "wide"}},
        {"Input": {"columns": ["age", "pay", "city=Rome"], "name": "some"}},
        {"Dense": {"units": 6, "activation": "relu", "name": "deep"}},
        {"Dense": {"units": 4, "activation": "relu", "name": "deeper"}},
        {"Concatenate": {"inputs": ["wide", "deeper"], "name": "both"}},
    ]
    interface = Interface("regression", 1, (6,), columns)
    model = StackSource.of(Model.model_validate({"layers": layers}), interface).bare()
    for weight in model.weights:
        weight.assign(rng.uniform(0.5, 1.5, weight.shape))
    return model


def test_groups_of_columns_are_cut_by_column(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    model = wide_and_deep(rng)
    output, deep = (np.array(model.get_layer(name).kernel) for name in ("output", "deep"))
    put(model, "output", kernel=without_inputs(output, [0, 2, 5]))  # Oslo, debt, a unit
    put(model, "deep", kernel=without_inputs(deep, 2))  # pay
    measured = measure_sparsity(model, read_weights(model))
    smaller = shrunk(model, rng, drop_inputs=True)
    np.testing.assert_array_equal(smaller.live_inputs, [True, False, True, False, False, True])
    assert smaller.model.input_shape == (None, 3)
    assert left(smaller) == {"deep": (6, 6), "deeper": (4, 3), "output": (1, 1)}
    assert measured.active_inputs == 3
    assert measured.live_units == {"deep": 6, "deeper": 3}
    smaller.model.save(tmp_path / "small.keras")
    loaded = keras.models.load_model(tmp_path / "small.keras", safe_mode=True)
    rows = rng.normal(size=(9, 6)).astype(np.float32)
    np.testing.assert_allclose(
        outputs(loaded, take_inputs(rows, smaller)), outputs(model, rows), rtol=1e-5
    )


def test_a_cut_that_counts_for_nothing_keeps_one_column() -> None:
    rng = np.random.default_rng(6)
    model = wide_and_deep(rng)
    put(model, "output", kernel=without_inputs(np.ones((8, 1)), slice(4, 8)))
    smaller = shrunk(model, rng, drop_inputs=True)
    np.testing.assert_array_equal(smaller.live_inputs, [False, True, True, False, True, True])
    assert left(smaller) == {"deep": (6, 1), "deeper": (4, 1), "output": (1, 1)}


def block(flow: Flow, name: str) -> Flow:
    inner = flow
    for place in "ab":
        inner = L.Conv2D(4, 3, padding="same", use_bias=False, name=name + place)(inner)
        inner = L.BatchNormalization(name=f"{name}{place}_bn")(inner)
        inner = L.ReLU()(inner) if place == "a" else inner
    return L.ReLU()(L.Add()([flow, inner]))


def resnet(rows: Flow) -> Flow:
    flow = L.Conv2D(4, 3, padding="same", name="stem")(rows)
    flow = block(block(flow, "one"), "two")
    return L.Dense(3, name="end")(L.GlobalAveragePooling2D()(flow))


def test_a_small_resnet_loses_channels_inside_and_along_its_blocks() -> None:
    rng = np.random.default_rng(7)
    model = joined(resnet, (6, 6, 2))
    for weight in model.weights:
        weight.assign(rng.uniform(0.5, 1.5, weight.shape))
    put(model, "end", kernel=without_inputs(np.ones((4, 3)), 2))
    for name in ("onea", "twoa"):
        kernel = rng.normal(size=(3, 3, 4, 4))
        put(model, name, kernel=without_inputs(kernel, 2))
    put(model, "onea_bn", gamma=[1, 0, 1, 1], beta=[1, -1, 1, 1])
    put(model, "twob_bn", gamma=[0, 1, 1, 1])
    put(model, "twob", kernel=without_inputs(rng.normal(size=(3, 3, 4, 4)), 0))
    smaller = shrunk(model, rng)
    assert left(smaller) == {
        "stem": (4, 3),
        "onea": (4, 3),
        "oneb": (4, 3),
        "twoa": (4, 3),
        "twob": (4, 3),
        "end": (3, 3),
    }
    assert not np.asarray(smaller.model.get_layer("twob").kernel)[..., 0].any()  # its gamma is 0
    expected = 2 * 36 * 9 * (2 * 3 + 4 * 3 * 3) + 2 * 3 * 3
    assert model_size(smaller.model).flops == expected


def unet(rows: Flow) -> Flow:
    first = L.Conv2D(4, 3, padding="same", activation="relu", name="first")(rows)
    down = L.MaxPooling2D(2)(first)
    low = L.Conv2D(6, 3, padding="same", activation="relu", name="low")(down)
    up = L.UpSampling2D(2)(low)
    joint = L.Conv2D(4, 3, name="joint")(L.ZeroPadding2D(1)(L.Concatenate()([first, up])))
    return L.Conv2D(1, 1, name="end")(joint)


def test_a_small_u_net_loses_channels_of_both_ways() -> None:
    rng = np.random.default_rng(8)
    model = joined(unet, (8, 8, 1))
    for weight in model.weights:
        weight.assign(rng.uniform(0.5, 1.5, weight.shape))
    kernel = rng.normal(size=(3, 3, 10, 4))
    put(model, "joint", kernel=without_inputs(without_units(kernel, 2), [0, 1, 6, 8]))
    put(model, "low", kernel=without_inputs(rng.normal(size=(3, 3, 4, 6)), [0, 3]))
    smaller = shrunk(model, rng)
    assert left(smaller) == {"first": (4, 3), "low": (6, 4), "joint": (4, 3), "end": (1, 1)}
    measured = measure_sparsity(model, read_weights(model))
    assert measured.live_units == {"first": 3, "low": 4, "joint": 3}


def squeezed(rows: Flow) -> Flow:
    flow = L.Conv2D(4, 3, activation="relu", name="conv")(rows)
    gate = L.Dense(2, activation="relu", name="squeeze")(L.GlobalAveragePooling2D()(flow))
    gate = L.Reshape((1, 1, 4))(L.Dense(4, activation="sigmoid", name="gate")(gate))
    return L.Dense(2, name="end")(L.GlobalMaxPooling2D()(L.Multiply()([flow, gate])))


def test_a_gate_goes_with_its_channel() -> None:
    rng = np.random.default_rng(9)
    model = joined(squeezed, (6, 6, 1))
    for weight in model.weights:
        weight.assign(rng.uniform(0.5, 1.5, weight.shape))
    put(model, "end", kernel=without_inputs(np.ones((4, 2)), [1, 3]))
    put(model, "squeeze", kernel=without_inputs(np.ones((4, 2)), 1))
    assert left(shrunk(model, rng)) == {
        "conv": (4, 3),
        "squeeze": (2, 2),
        "gate": (4, 3),
        "end": (2, 2),
    }


@pytest.mark.parametrize("axis", [1, 2])
def test_places_may_be_joined_too(axis: int) -> None:
    def places(rows: Flow) -> Flow:
        parts = [L.Conv2D(3, 2, name=name)(rows) for name in "ab"]
        flow = L.Flatten()(L.Cropping2D(1)(L.Concatenate(axis=axis)(parts)))
        return L.Dense(2, name="end")(flow)

    rng = np.random.default_rng(10)
    model = joined(places, (5, 5, 1))
    for weight in model.weights:
        weight.assign(rng.uniform(0.5, 1.5, weight.shape))
    kernel = np.array(model.get_layer("end").kernel)
    kernel[1::3] = 0
    put(model, "end", kernel=kernel)
    assert left(shrunk(model, rng)) == {"a": (3, 2), "b": (3, 2), "end": (2, 2)}


# What is live


def test_live_units_of_a_residual_model() -> None:
    rng = np.random.default_rng(11)
    model = joined(residual)
    for name, count in (("start", (6, 5)), ("inner", (5, 7)), ("back", (7, 5)), ("end", (5, 2))):
        put(model, name, kernel=rng.normal(size=count))
    put(model, "end", kernel=without_inputs(np.ones((5, 2)), 1))
    put(model, "back", kernel=without_units(np.ones((7, 5)), [0, 2]))
    measured = measure_sparsity(model, read_weights(model))
    # unit 1 of `start` still counts for `inner`, of `back` it counts for nothing
    assert measured.live_units == {"start": 5, "inner": 7, "back": 2}
    assert measured.active_inputs == 6


def test_members_are_counted_each_by_itself() -> None:
    rng = np.random.default_rng(12)
    model = joined(residual)
    alone = [read_weights(fill(model, rng, density=0.4)) for _ in range(3)]
    together = {name: np.stack([own[name] for own in alone]) for name in alone[0]}
    found = [zeros.summary() for zeros in count_members(model, together, 3)]
    assert found == [measure_sparsity(model, own) for own in alone]
    assert len({tuple(sparsity.live_units.values()) for sparsity in found}) > 1


@pytest.mark.slow
@TIME_BOXED
@given(SEEDS)
def test_live_parts_are_those_with_which_the_outputs_change(seed: int) -> None:
    rng = np.random.default_rng(seed)
    model = joined(lambda rows: grow(rng, rows, 7, Kinds()))
    fill(model, rng, density=0.5)
    measured = measure_sparsity(model, read_weights(model))
    rows = rng.normal(size=(16, 6)).astype(np.float32)
    expected = outputs(model, rows)
    changes = [(outputs(model, rows + column) != expected).any() for column in np.eye(6)]
    assert measured.active_inputs == sum(changes)
    smaller = {name: after for name, (_, after) in left(shrunk(model, rng)).items()}
    for name, count in measured.live_units.items():
        assert smaller[name] == max(count, 1)


# Refusals


def two_rows() -> keras.Model:
    one, two = keras.Input((3,)), keras.Input((3,))
    return keras.Model([one, two], L.Add()([one, two]))


def two_outputs() -> keras.Model:
    rows = keras.Input((3,))
    return keras.Model(rows, [L.Dense(1)(rows), L.Dense(1)(rows)])


class OwnCall(keras.Model):
    def call(self, rows: Any) -> Any:
        return rows


def own_class() -> keras.Model:
    model = OwnCall()
    model.build((None, 3))
    return model


def nested(rows: Flow) -> Flow:
    inner = keras.Sequential([keras.Input((6,)), L.Dense(2)], name="inner")
    return L.Dense(1)(inner(rows))


def unlike_rank(rows: Flow) -> Flow:
    return L.Add(name="sum")([L.Reshape((2, 3))(rows), L.Dense(3)(rows)])


def called_unlike(rows: Flow) -> Flow:
    normal = L.Reshape((3, -1), name="laid")
    parts = [normal(rows), normal(L.Dense(9)(rows))]
    return L.Concatenate()([L.Flatten()(part) for part in parts])


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (two_rows, "the model has 2 inputs; shrink supports one"),
        (two_outputs, "the model has 2 outputs; shrink supports one"),
        (own_class, "the model is a OwnCall without a graph of layers; shrink needs one"),
        (
            lambda: joined(lambda rows: L.Dense(1)(keras.ops.square(rows))),
            "operation 'square' is of type Square; shrink supports +, -, *, maximum and minimum",
        ),
        (
            lambda: joined(lambda rows: L.Dense(1)(rows * 2)),
            "operation 'multiply' joins a constant; shrink supports joins of layers only",
        ),
        (
            lambda: joined(unlike_rank),
            "layer 'sum' joins the shapes (2, 3) and (3,); shrink supports equal numbers of axes",
        ),
        (
            lambda: joined(called_unlike),
            "layer 'laid' is called for unlike numbers of units; shrink supports equal ones",
        ),
    ],
)
def test_what_is_not_understood_is_named(model: Callable[[], keras.Model], message: str) -> None:
    keras.backend.clear_session()
    with pytest.raises(ShrinkError) as refused:
        make_smaller(model(), drop_inputs=False)
    assert str(refused.value) == message


def test_a_model_inside_the_model_is_named() -> None:
    with pytest.raises(ShrinkError, match=r"^layer 'inner' is of type Sequential; "):
        make_smaller(joined(nested), drop_inputs=False)
