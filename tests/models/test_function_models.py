"""Models that a person's function returns: which are taken, and what is said of the others."""

import random
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from numpy.testing import assert_array_equal

from regcli.config.load import load_config
from regcli.config.schema import Config, Regularization
from regcli.errors import ModelError
from regcli.models.interface import Interface
from regcli.models.model_source import model_source
from regcli.models.outputs import output_of
from regcli.models.own_modules import loaded
from regcli.models.weights import read_weights

CLASSES = Interface("multiclass", 3, (4,), ("a", "b", "c", "d"))
SKIPPING = """\
import keras


def build(units=8, *, input_shape, outputs):
    x = rows = keras.Input(input_shape)
    for _ in range(2):
        y = keras.layers.Dense(units, activation="relu")(x)
        x = keras.layers.Concatenate()([x, y])
    return keras.Model(rows, keras.layers.Dense(outputs)(x))
"""
FUNCTION = "import keras\nL = keras.layers\n\n\ndef build():\n    "
NET = """\
import keras
import tensorflow as tf


class Net(keras.Model):
    def __init__(self, units=8):
        super().__init__()
        self.hidden = keras.layers.Dense(units, activation="relu")
        self.last = keras.layers.Dense(3)

    def call(self, x{training}):
        return {result}
"""

Write = Callable[..., Config]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Gives the config of a function, with the files that it comes from."""

    def write_code(
        text: str,
        *,
        function: str = "build",
        args: Mapping[str, Any] | None = None,
        allowed: bool = True,
        **files: str,
    ) -> Config:
        for name, other in files.items():
            (tmp_path / f"{name}.py").write_text(other)
        (tmp_path / "my_model.py").write_text(text)
        model = {"python": f"{tmp_path / 'my_model.py'}:{function}", "args": args}
        given = {"dataset": {"name": "iris"}, "model": model}
        return load_config(given, allows_code=allowed).config

    return write_code


def made(config: Config, interface: Interface = CLASSES, seed: int = 0) -> keras.Model:
    keras.utils.set_random_seed(seed)
    return model_source(config, interface).bare()


def refusal(config: Config, interface: Interface = CLASSES) -> str:
    """What is said of a function's model; the folder of the file is left out."""
    with pytest.raises(ModelError) as caught:
        made(config, interface)
    assert caught.value.path == ("model", "python")
    path = Path(str(config.model.python).rpartition(":")[0])
    return caught.value.message.replace(f"{path.parent}/", "")


def names(model: keras.Model) -> list[str]:
    return list(read_weights(model))


def test_names_and_start_weights_are_those_of_keras_itself(write: Write) -> None:
    config = write(SKIPPING, args={"units": 5})
    keras.layers.Dense(3)  # which Keras counts
    model = made(config, seed=7)
    assert names(model) == [
        *("dense/kernel", "dense/bias", "dense_1/kernel", "dense_1/bias"),
        *("dense_2/kernel", "dense_2/bias"),
    ]
    keras.utils.set_random_seed(7)
    own: dict[str, Any] = {}
    exec(SKIPPING, own)
    expected = own["build"](5, input_shape=(4,), outputs=3)
    for found, wanted in zip(model.weights, expected.weights, strict=True):
        assert_array_equal(np.asarray(found), np.asarray(wanted))
    again = made(config, seed=7)
    assert names(again) == names(model)
    assert_array_equal(np.asarray(again.weights[0]), np.asarray(model.weights[0]))
    assert (np.asarray(made(config, seed=8).weights[0]) != np.asarray(model.weights[0])).any()


def test_strengths_take_nothing_off_the_seed_and_reach_the_layers_that_are_meant(
    write: Write,
) -> None:
    source = model_source(write(SKIPPING, args={"units": 6}), CLASSES)
    keras.utils.set_random_seed(3)
    before = random.getstate()
    hidden = Regularization(l1=0.1, layers="hidden")
    strengths = source.strengths(hidden)
    assert random.getstate() == before
    assert {name: own.kernel.any for name, own in strengths.items()} == {
        "dense": True,
        "dense_1": True,
        "dense_2": False,
    }
    assert source.reached(hidden, "l1") == {"dense/kernel", "dense_1/kernel"}
    model = source.build(strengths)
    penalty = sum(
        float(np.abs(np.asarray(model.get_layer(name).kernel)).sum())
        for name in ("dense", "dense_1")
    )
    assert float(sum(model.losses)) == pytest.approx(0.1 * penalty, rel=1e-6)
    with pytest.raises(ModelError) as caught:
        source.strengths(Regularization(l1=0.1, layers=("dense", "dens_2")))
    assert caught.value.message == (
        "there is no layer, kind or weight 'dens_2'; did you mean 'dense_2'?"
    )


def test_regularizers_that_layers_name_stay_beside_the_strengths(write: Write) -> None:
    text = FUNCTION + "return keras.Sequential([L.Dense(3, kernel_regularizer='l2')])\n"
    source = model_source(write(text), CLASSES)
    model = source.build(source.strengths(Regularization(l1=0.5)))
    kernel = np.asarray(model.layers[0].kernel)
    expected = 0.5 * np.abs(kernel).sum() + 0.01 * (kernel**2).sum()
    assert float(sum(model.losses)) == pytest.approx(float(expected), rel=1e-6)


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("return None", "build must return a Keras model, got None: a return may be missing"),
        ("return 3", "build must return a Keras model, got an object of the type int"),
        (
            "return L.Dense(3)",
            "build must return a Keras model, got an object of the type Dense",
        ),
        (
            "m = keras.Sequential([L.Dense(3)]); m.compile(loss='mse'); return m",
            "build must return a model that is not compiled; training.optimizer and training.loss "
            "say how it is trained",
        ),
        (
            "return keras.Sequential([keras.Input((5,)), L.Dense(3)])",
            "build gives a model for rows of shape (5,), the data's are (4,)",
        ),
        (
            "return keras.Sequential([L.Dense(4)])",
            "build gives a model whose outputs do not fit the target: it needs 3 outputs, one for "
            "each class, got 4",
        ),
        (
            "return keras.Sequential([L.Reshape((2, 2)), L.Dense(3)])",
            "build gives a model whose outputs do not fit the target: it needs 3 outputs, one for "
            "each class, got the shape (2, 3)",
        ),
        (
            "a, b = keras.Input((4,)), keras.Input((4,)); "
            "return keras.Model([a, b], L.Dense(3)(a + b))",
            "build must return a model of one input, got 2",
        ),
        (
            "a = keras.Input((4,)); return keras.Model(a, [L.Dense(3)(a), L.Dense(3)(a)])",
            "build must return a model of one output, got 2",
        ),
        (
            "a = keras.Input((4,)); return keras.Model(a, {'p': L.Dense(3)(a)})",
            "build must return a model whose output is one tensor, got a dict",
        ),
        (
            "a = keras.Input((4,), name='a'); return keras.Model({'a': a}, L.Dense(3)(a))",
            "build must return a model whose input is one tensor, got a dict",
        ),
        (
            "return keras.Sequential([L.Dense(3, name='my layer')])",
            "the name of a layer must be 1 to 100 letters (a to z), digits, '_', '-' or '.', got "
            "the text 'my layer'",
        ),
        ("raise SystemExit", "my_model.py, line 6, in build: ended the program"),
        ("return 1 / 0", "my_model.py, line 6, in build: ZeroDivisionError: division by zero"),
        ("raise SystemExit(4)", "my_model.py, line 6, in build: ended the program with 4"),
        (
            "import sys; sys.exit('no')",
            "my_model.py, line 6, in build: ended the program with the text 'no'",
        ),
        (
            "return build()",
            "my_model.py, line 6, in build: RecursionError: maximum recursion depth exceeded",
        ),
        (
            "import gone",
            "my_model.py, line 6, in build: ModuleNotFoundError: No module named 'gone'",
        ),
        (
            "return keras.Sequential([L.Conv2D(3, 3), L.Dense(3)])",
            "my_model.py: ValueError: Input 0 with name 'None' of layer 'conv2d' is incompatible "
            "with the layer: expected min_ndim=4, found ndim=2. Full shape received: (None, 4)",
        ),
        (
            "raise ValueError('a\\nlong\\nstory')",
            "my_model.py, line 6, in build: ValueError: a",
        ),
    ],
)
def test_what_is_no_model_for_the_data_is_told(write: Write, statement: str, message: str) -> None:
    assert refusal(write(FUNCTION + statement + "\n")) == message


def test_errors_in_other_files_and_while_importing_have_their_places(write: Write) -> None:
    text = "import helping\n\n\ndef build():\n    return helping.half(0)\n"
    helping = "def half(x):\n\n    return 1 / x\n"
    assert refusal(write(text, helping=helping)) == (
        "helping.py, line 3, in half: ZeroDivisionError: division by zero"
    )
    assert refusal(write(text, helping="x = 1\ny = x.gone\n")) == (
        "helping.py, line 2: AttributeError: 'int' object has no attribute 'gone'"
    )


def test_two_classes_may_have_one_output_or_two(write: Write) -> None:
    binary = Interface("binary", 1, (4,), ("a", "b", "c", "d"))
    for units in (1, 2):
        model = made(write(FUNCTION + f"return keras.Sequential([L.Dense({units})])\n"), binary)
        assert model.output_shape == (None, units)
    assert refusal(write(FUNCTION + "return keras.Sequential([L.Dense(3)])\n"), binary) == (
        "build gives a model whose outputs do not fit the target: it needs 1 output or 2, got 3"
    )


def test_layers_of_an_earlier_call_are_refused(write: Write) -> None:
    text = "import keras\nshared = keras.layers.Dense(3)\n\n\ndef build():\n    "
    config = write(text + "return keras.Sequential([shared])\n")
    made(config)
    assert refusal(config) == (
        "build must make its layers anew at each call, 'dense' is one of an earlier call"
    )


def test_what_it_prints_does_not_come_between_results(
    write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    printing = SKIPPING.replace("    x =", "    print('building')\n    x =", 1)
    made(write(f"print('loading')\n{printing}"))
    assert capsys.readouterr() == ("", "loading\nbuilding\n")


def test_what_it_changes_in_the_process_is_put_back(
    write: Write, capfd: pytest.CaptureFixture[str]
) -> None:
    before = keras.config.dtype_policy(), keras.config.floatx(), Path.cwd()
    changing = """
    import os, sys
    os.chdir("/")
    os.system("echo from a program")
    sys.__stdout__.write("past sys.stdout\\n")
    keras.config.set_floatx("float64")
    keras.config.set_dtype_policy("mixed_float16")
    x ="""
    made(write(SKIPPING.replace("    x =", changing, 1).replace('"""', "")))
    assert (keras.config.dtype_policy(), keras.config.floatx(), Path.cwd()) == before
    out, err = capfd.readouterr()
    assert out == ""
    assert "from a program\n" in err


def test_what_is_no_function_is_refused(write: Write) -> None:
    assert refusal(write("build = 3\n")) == "my_model.py: build must be a function"


def test_code_runs_only_where_that_is_allowed(write: Write, tmp_path: Path) -> None:
    text = f"open({str(tmp_path / 'ran')!r}, 'w').close()\n{SKIPPING}"
    assert refusal(write(text, allowed=False)) == (
        "my_model.py is a program, and runs only where that is allowed; to allow it, set "
        "REGCLI_ALLOW_CODE=1"
    )
    assert not (tmp_path / "ran").exists()
    made(write(text))
    assert (tmp_path / "ran").exists()


def test_modules_stay_apart(write: Write, tmp_path: Path) -> None:
    """Two codes may have files of one name, and neither hides a module of Python or of regcli."""
    text = "import json, regcli.version\nimport near\nimport keras\n\n\ndef build(outputs):\n"
    text += "    import near\n    from near import units\n"
    text += "    return keras.Sequential([keras.layers.Dense(outputs, name=near.name)])\n"
    for name in ("one", "two"):
        config = write(text, near=f"name = {name!r}\nunits = 3\n")
        assert made(config).layers[0].name == name
        assert config.model.code is not None
        assert loaded(config.model.code) == config.model.code
    import sys

    assert "near" not in sys.modules
    assert str(tmp_path) not in sys.path


@pytest.mark.parametrize(
    ("training", "result", "found"),
    [
        ("", "self.last(self.hidden(x))", ["dense/kernel", "dense_1/kernel"]),
        ("", "keras.ops.relu(self.last(self.hidden(x)))", ["dense/kernel", "dense_1/kernel"]),
        (
            ", training=None",
            "self.last(self.hidden(x))",
            ["net/dense/kernel", "net/dense_1/kernel"],
        ),
        (
            "",
            "tf.nn.relu(self.last(self.hidden(x)))",
            ["dense/kernel", "dense_1/kernel"],
        ),
    ],
)
def test_models_with_a_call_of_their_own(
    write: Write, training: str, result: str, found: list[str]
) -> None:
    config = write(NET.format(training=training, result=result), function="Net")
    model = made(config, seed=1)
    kernels = [name for name in names(model) if name.endswith("kernel")]
    assert kernels == found
    keras.utils.set_random_seed(1)
    own: dict[str, Any] = {}
    exec(NET.format(training=training, result=result), own)
    expected = own["Net"]()
    rows = np.random.default_rng(0).normal(size=(5, 4)).astype(np.float32)
    assert_array_equal(np.asarray(model(rows)), np.asarray(expected(rows)))


@pytest.mark.parametrize(
    ("end", "activation"),
    [("softmax", "softmax"), ("sigmoid", "sigmoid"), ("identity", "linear"), ("relu", "linear")],
)
def test_the_end_of_a_call_that_nothing_tells_of_is_tried(
    write: Write, end: str, activation: str
) -> None:
    result = "self.last(self.hidden(x))"
    if end != "identity":
        result = f"keras.ops.{end}({result})"
    config = write(NET.format(training=", training=None", result=result), function="Net")
    model = made(config, seed=1)
    assert output_of(model).activation is getattr(keras.activations, activation)


def test_variables_of_one_name_are_told_apart(write: Write) -> None:
    text = """\
import keras


def build(outputs):
    inner = keras.Sequential([keras.Input((4,)), keras.layers.Dense(4, name="a")], name="inner")
    rows = keras.Input((4,))
    x = keras.layers.Dense(4, name="a")(inner(rows))
    inside = keras.Model(rows, x)
    return keras.Model(rows, keras.layers.Dense(outputs, name="b")(inside(rows)))
"""
    found = names(made(write(text)))
    assert len(set(found)) == len(made(write(text)).weights)
    assert found == names(made(write(text)))
