"""Whatever is loaded is a config that can be written and read again, or is refused in words."""

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from regcli.config.document import read_yaml, write_yaml
from regcli.config.load import check, load_config
from regcli.config.schema import Config
from regcli.errors import ConfigError, UsageError

PLACED = re.compile(r"^[^:\n]*c\.yaml:[1-9][0-9]*:[1-9][0-9]*: [^\n]+$")
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), max_size=8)
NAMES = (TEXTS | st.sampled_from(["1e-3", "off", "~", "0x1F", "true", "- a"])).filter(bool)
SHARES = st.floats(0, 0.49)
STRENGTHS = st.floats(0, 1e9) | st.integers(0, 9)
SEEDS = st.integers(0, 2**31 - 1)
POSITIVE = st.integers(1, 10**6)


def section(**keys: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=keys)


def dense() -> st.SearchStrategy[dict[str, Any]]:
    needed = {"units": POSITIVE}
    optional = {
        "activation": st.sampled_from(["relu", "tanh", None]),
        "use_bias": st.booleans(),
        "kernel_constraint": st.sampled_from(["max_norm", {"MaxNorm": {"max_value": 2}}]),
        "l1": STRENGTHS,
        "l2": STRENGTHS,
    }
    arguments = st.fixed_dictionaries(needed, optional=optional)
    return arguments.map(lambda given: {"Dense": given})


LAYERS = dense() | st.sampled_from(
    ["Flatten", {"Flatten": None}, {"Dropout": {"rate": 0.1}}, {"Reshape": {"target_shape": [8]}}]
)
COLUMNS = NAMES.map("column {}".format)
TYPES = st.sampled_from(["number", "date", {"ordinal": ["S", "M"]}, {"ordinal": [1, 2]}])
MISSING = st.sampled_from(["error", "drop", "mean", "indicator"])
GRIDS = st.sampled_from([0, "0,log:1e-3:1:4", [0, 0.5], "lin:0:1:3", ["log:1e-3:1:2", 0]])
CONFIGS = st.fixed_dictionaries(
    {
        "dataset": st.fixed_dictionaries(
            {"name": st.sampled_from(["digits", "wine"])},
            optional={
                "test": SHARES,
                "validation": st.floats(0.01, 0.49),
                "scale": st.sampled_from(["none", "minmax"]),
                "noise_features": st.integers(0, 99),
                "seed": SEEDS,
            },
        )
        | st.fixed_dictionaries(
            {"file": NAMES, "target": NAMES},
            optional={
                "true_columns": st.lists(NAMES),
                "columns": st.lists(COLUMNS, min_size=1),
                "types": st.dictionaries(COLUMNS, TYPES, max_size=2),
                "dates": st.lists(st.sampled_from(["year", "elapsed"]), min_size=1, max_size=2),
                "max_categories": POSITIVE,
                "missing": MISSING | st.dictionaries(NAMES | st.just("default"), MISSING),
            },
        )
    },
    optional={
        "name": NAMES,
        "model": section(layers=st.lists(LAYERS, max_size=3)),
        "regularization": section(
            l1=STRENGTHS, l2=STRENGTHS, layers=st.sampled_from(["all", "hidden", ["output"]])
        ),
        "training": section(
            optimizer=st.sampled_from(["sgd", {"learning_rate": {"CosineDecay": {
                "initial_learning_rate": 1e-3, "decay_steps": 9}}}]),
            loss=st.sampled_from(["mse", {"name": "Huber", "delta": 2}, None]),
            epochs=POSITIVE,
            batch_size=POSITIVE,
            seed=SEEDS,
            early_stopping=section(patience=POSITIVE, min_delta=SHARES),
        ),
        "sweep": section(
            l1=GRIDS, l2=GRIDS, seeds=st.integers(1, 99), vary=st.dictionaries(NAMES, GRIDS)
        ),
    },
)  # fmt: skip


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("configs") / "c.yaml"


@given(CONFIGS)
def test_a_resolved_config_reads_back_the_same(file: Path, data: dict[str, Any]) -> None:
    config = Config.model_validate(data)
    file.write_text(write_yaml(config.resolved()), encoding="utf-8")
    again = load_config(str(file)).config
    assert again == config
    assert again.resolved() == config.resolved()
    assert repr(again.resolved()) == repr(config.resolved())


@given(CONFIGS)
def test_a_config_as_a_person_writes_it_means_the_same(file: Path, data: dict[str, Any]) -> None:
    assert check(read_yaml(write_yaml(data), "f")) == Config.model_validate(data)


def refuse_or_load(file: Path) -> None:
    try:
        config = load_config(str(file)).config
    except ConfigError as error:
        unplaced = [line for line in error.problems if not PLACED.match(line)]
        assert not unplaced
        assert len(set(error.problems)) == len(error.problems) > 0  # noqa: PT017
    except UsageError:
        assert not file.is_file()
    else:
        assert isinstance(config, Config)


@given(st.binary() | st.text().map(lambda text: text.encode("utf-8", "surrogatepass")))
@example(b"")
@example(b"\xff\xfe\x00")
def test_any_bytes_are_a_config_or_refused_in_words(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    refuse_or_load(file)


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS
    | st.sampled_from(["Dense", "Lambda", "adam", "0,0", "log:1:2", "1e-3", "all"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["Dense", "Dropout", "TimeDistributed", "layer", "units", "l1", "name", "layers",
                 "learning_rate", "kernel_constraint", "kernel_regularizer", "CosineDecay"]
            ) | NAMES,
            inner, max_size=3,
        )
    ),
    max_leaves=8,
)  # fmt: skip
KEYS = [
    ("name",), ("dataset",), ("dataset", "name"), ("dataset", "test"), ("dataset", "file"),
    ("model",), ("model", "layers"), ("model", "layers", 0), ("model", "layers", 0, "Dense"),
    ("regularization",), ("regularization", "l1"), ("regularization", "layers"), ("training",),
    ("training", "optimizer"), ("training", "optimizer", "learning_rate"), ("training", "loss"),
    ("training", "epochs"), ("training", "early_stopping"), ("sweep",), ("sweep", "l1"),
    ("sweep", "seeds"), ("sweep", "vary"),
]  # fmt: skip


@given(st.lists(st.tuples(st.sampled_from(KEYS), JUNK), min_size=1, max_size=4))
def test_junk_for_any_key_is_a_config_or_refused_in_words(
    file: Path, changes: list[tuple[tuple[Any, ...], Any]]
) -> None:
    data: Any = {
        "dataset": {"name": "digits"},
        "model": {"layers": [{"Dense": {"units": 3}}]},
        "regularization": {},
        "training": {"optimizer": {}},
        "sweep": {},
    }
    for path, junk in changes:
        node = data
        for key in path[:-1]:
            inside = isinstance(node, dict) and key in node
            inside = inside or (isinstance(node, list) and key == 0 and len(node) > 0)
            node = node[key] if inside else {}
        if isinstance(node, dict) or (isinstance(node, list) and node and path[-1] == 0):
            node[path[-1]] = junk
    file.write_text(write_yaml(data), encoding="utf-8")
    refuse_or_load(file)


@given(CONFIGS, st.data())
def test_a_damaged_file_is_a_config_or_refused_in_words(
    file: Path, data: dict[str, Any], draw: st.DataObject
) -> None:
    text = write_yaml(data)
    start = draw.draw(st.integers(0, len(text)))
    length = draw.draw(st.integers(0, 5))
    patch = draw.draw(st.text("{}[]:,&*!'\"# \n\t-0e.a", max_size=4))
    damaged = text[:start] + patch + text[start + length :]
    file.write_bytes(damaged.encode())
    refuse_or_load(file)
