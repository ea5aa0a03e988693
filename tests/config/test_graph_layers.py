"""How layers of a config name what they take, and what is refused."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from regcli.config.graph_layers import ROWS, is_graph, joints
from regcli.config.input_columns import chosen_columns
from regcli.config.layer_names import layer_names
from regcli.config.load import load_config
from regcli.config.model_section import Model
from regcli.config.schema import Config
from regcli.config.stack import complete_stack
from regcli.errors import ConfigError
from regcli.planning.identity import content_text

A = {"Dense": {"units": 4, "name": "a"}}
B = {"Dense": {"units": 4, "name": "b"}}


def dense(**given: Any) -> dict[str, Any]:
    return {"Dense": {"units": 4, **given}}


def sources(*layers: Any) -> list[tuple[str, ...]]:
    model = Model.model_validate({"layers": list(layers)})
    return [joint.sources for joint in joints(model.layers, layer_names(model.layers))]


def test_a_layer_takes_the_one_before_unless_it_names_others() -> None:
    assert sources(A, B, {"Add": {"inputs": ["a", "b"]}}, dense()) == [
        (ROWS,),
        ("a",),
        ("a", "b"),
        ("add",),
    ]
    assert sources(A, dense(inputs=ROWS), {"Concatenate": {"inputs": ["dense", "a"]}}) == [
        (ROWS,),
        (ROWS,),
        ("dense", "a"),
    ]
    columns = {"Input": {"columns": "x"}}
    assert sources(A, columns, dense()) == [(ROWS,), (ROWS,), ("columns",)]


def test_stacks_are_no_graphs() -> None:
    def graph(*layers: Any) -> bool:
        return is_graph(Model.model_validate({"layers": list(layers)}).layers)

    assert not graph()
    assert not graph(A, "Flatten", B)
    assert graph(A, dense(inputs="a"))
    assert graph({"Input": {"columns": "x"}})
    assert graph({"MultiHeadAttention": {"num_heads": 2, "key_dim": 4}})


def test_the_output_layer_is_looked_for_in_the_last_chain() -> None:
    def names(*layers: Any) -> tuple[str, ...]:
        return complete_stack(Model.model_validate({"layers": list(layers)}), "multiclass", 3).names

    add = {"Add": {"inputs": ["a", "b"]}}
    assert names(A, B, add) == ("a", "b", "add", "output")
    three = {"Dense": {"units": 3, "activation": "softmax"}}
    assert names(A, B, add, three) == ("a", "b", "add", "dense")
    assert names(A, B, add, {"Dense": {"units": 3}}, {"Activation": {"activation": "softmax"}}) == (
        *("a", "b", "add", "dense"),
    )
    assert names(A, dense(inputs=["a"])) == ("a", "dense", "output")


def test_columns_are_named_whole_by_origin_or_by_pattern() -> None:
    inputs = ("age", "city=Rome", "city=Oslo", "city missing", "cityscape", "day year", "a*b")
    assert chosen_columns(["city"], inputs) == [1, 2, 3]
    assert chosen_columns(["city*"], inputs) == [1, 2, 3, 4]
    assert chosen_columns(["city=Oslo", "age"], inputs) == [0, 2]
    assert chosen_columns(["day"], inputs) == [5]
    assert chosen_columns(["petal"], ("petal length", "petal width")) == []
    assert chosen_columns(["petal *"], ("petal length", "petal width")) == [0, 1]
    assert chosen_columns(["a*b"], inputs) == [6]
    assert chosen_columns(["CITY"], inputs) == []


def written(folder: Path, layers: list[Any]) -> str:
    path = folder / "c.yaml"
    data = {"dataset": {"name": "digits"}, "model": {"layers": layers}}
    path.write_text(yaml.safe_dump(data, default_flow_style=True, width=10_000))
    return str(path)


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        (
            [{"Add": {}}],
            "model.layers.0.Add: Add needs inputs: the names of 2 or more layers; got none",
        ),
        (
            [A, {"Subtract": {"inputs": "a"}}],
            "model.layers.1.Subtract: Subtract needs inputs: the names of 2 layers; got only 'a'",
        ),
        (
            [A, B, {"Subtract": {"inputs": ["a", "b", "a"]}}],
            "model.layers.2.Subtract.inputs: Subtract takes 2 layers, got 3",
        ),
        (
            [A, {"MultiHeadAttention": {"num_heads": 1, "key_dim": 2, "inputs": ["a"] * 4}}],
            "model.layers.1.MultiHeadAttention.inputs: MultiHeadAttention takes 1 to 3 layers, "
            "got 4",
        ),
        (
            [A, dense(inputs=["a", "input"])],
            "model.layers.1.Dense.inputs: Dense takes one layer, got 2; join them with Add or "
            "Concatenate first",
        ),
        (
            [A, dense(inputs="input")],
            "model.layers.0: every layer but the last must be the input of another one; none "
            "takes 'a'",
        ),
        (
            [dense(inputs="b"), B],
            "model.layers.0.Dense.inputs.0: must name a layer that stands before this one, got "
            "'b'; known here: input",
        ),
        (
            [dense(name="first"), dense(inputs="fist")],
            "model.layers.1.Dense.inputs.0: there is no layer 'fist'; did you mean 'first'?",
        ),
        (
            [A, dense(inputs="zzz")],
            "model.layers.1.Dense.inputs.0: there is no layer 'zzz'; known here: a, input",
        ),
        (
            [dense(inputs=[])],
            "model.layers.0.inputs: must be the name of a layer, or a list of names, got an empty "
            "list",
        ),
        (
            [dense(inputs=3)],
            "model.layers.0.inputs: must be the name of a layer, or a list of names, got 3",
        ),
        (
            [A, {"Shared": {"of": "b", "inputs": "input"}}],
            "model.layers.1.Shared.of: must name a layer that stands before it, got 'b'; layers "
            "before it: a",
        ),
        (
            [A, {"Shared": {"of": "a", "l1": 0.1}}],
            "model.layers.1.Shared.l1: l1 requires a layer with a kernel, Shared has none",
        ),
        (
            [A, B, {"Add": {"input": ["a", "b"]}}],
            "model.layers.2.Add.input: Add has no argument 'input'; did you mean 'inputs'?",
        ),
        (["Input"], "model.layers.0: Input needs the argument 'columns'"),
        (
            [{"Input": {"columns": "x", "inputs": "input"}}],
            "model.layers.0.Input.inputs: Input takes columns of the rows: remove inputs",
        ),
        (
            [{"TimeDistributed": {"layer": dense(inputs="a")}}],
            "model.layers.0.TimeDistributed.layer.Dense.inputs: inputs must be set on the outer "
            "layer; got it on the inner Dense",
        ),
    ],
)
def test_what_does_not_join(layers: list[Any], message: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as refused:
        load_config(written(tmp_path, layers))
    lines = [line.split(" ", 1)[1] for line in str(refused.value).splitlines()]
    assert lines == [message]


def a_config(*layers: Any) -> Config:
    data = {"dataset": {"name": "digits"}, "model": {"layers": list(layers)}}
    return Config.model_validate(data)


def test_naming_the_layer_before_makes_the_same_run() -> None:
    plain, named = a_config(A, B), a_config(A, {"Dense": {"units": 4, "name": "b", "inputs": "a"}})
    other = a_config(A, {"Dense": {"units": 4, "name": "b", "inputs": "input"}})
    assert content_text(plain) == content_text(named)
    assert content_text(plain) != content_text(other)


LAYERS = st.lists(st.sampled_from(["a", "b", "c", "d"]), min_size=1, max_size=4, unique=True)


@given(names=LAYERS, choice=st.data())
def test_a_graph_reads_back_the_same(names: list[str], choice: st.DataObject) -> None:
    layers: list[Any] = []
    for place, name in enumerate(names):
        known = [*names[:place], ROWS]
        taken = choice.draw(st.none() | st.sampled_from(known))
        layers.append(dense(name=name, **({} if taken is None else {"inputs": taken})))
    config = a_config(*layers, {"Concatenate": {"inputs": [*names, ROWS]}})
    assert Config.model_validate(config.resolved()) == config
