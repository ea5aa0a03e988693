"""Which configs share an id and which do not: this holds whatever the ids themselves are.

A new config key needs a line here: whether runs that differ in it are different runs.
"""

import itertools
import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from regcli.config.document import parse_path, write_yaml
from regcli.config.preset_keys import PresetKeys

from .command_line import document, regcli
from .plans import write_data

BASE: Mapping[str, Any] = {
    "name": "base",
    "dataset": {"file": "rows.csv", "target": "kind"},
    "model": {
        "layers": [{"Dense": {"units": 4, "activation": "relu"}}, {"Dropout": {"rate": 0.2}}]
    },
    "regularization": {
        "l1": 0.1,
        "method": "proximal",
        "group": "inputs",
        "group_strength": 0.5,
        "bias": {"l1": 0.1, "l2": 0.1},
    },
    "training": {
        "optimizer": {"name": "sgd", "learning_rate": 0.1},
        "loss": {"name": "categorical_crossentropy", "label_smoothing": 0.1},
        "epochs": 9,
        "early_stopping": {"patience": 3},
    },
}

CHANGES: Mapping[str, Sequence[Any]] = {
    "dataset.test": [0.3],
    "dataset.validation": [0.3],
    "dataset.scale": ["none", "minmax", "robust", "quantile"],
    "dataset.columns": [["b", "c"], ["c", "amount"]],
    "dataset.types": [{"a": "category"}, {"b": {"ordinal": [*range(13)]}}],
    "dataset.dates": [["year"]],
    "dataset.max_categories": [3],
    "dataset.missing": ["mean", {"a": "mean"}],
    "dataset.noise_features": [1, 2],
    "dataset.true_columns": [["a"], ["a", "c"]],
    "dataset.seed": [1],
    "dataset.drop": [["a"], ["a", "c"]],
    "dataset.groups": ["b"],
    "dataset.time": ["b"],
    "dataset.weights": ["b"],
    "dataset.fold": [
        {"number": 0, "of": 3},
        {"number": 1, "of": 3},
        {"number": 0, "of": 4},
        {"number": 0, "of": 3, "repeat": 1},
    ],
    "model.layers": [[], [{"Dense": {"units": 4, "activation": "relu"}}]],
    "model.layers.0.Dense.units": [5],
    "model.layers.0.Dense.activation": ["tanh", "linear"],
    "model.layers.0.Dense.use_bias": [False],
    "model.layers.0.Dense.name": ["first"],
    "model.layers.0.Dense.kernel_initializer": ["he_normal", {"HeNormal": {"seed": 1}}],
    "model.layers.0.Dense.kernel_constraint": ["non_neg", {"MaxNorm": {"max_value": 3}}],
    "model.layers.0.Dense.bias_regularizer": ["l2"],
    "model.layers.0.Dense.l1": [0, 0.2],
    "model.layers.0.Dense.l2": [0, 0.2],
    "model.layers.1.Dropout.rate": [0.3],
    "regularization": [
        {"l1": 0.1},
        {"l1": 0.1, "penalty": "mcp"},
        {"l1": 0.1, "penalty": "mcp", "gamma": 4},
        {"l1": 0.1, "penalty": "scad"},
    ],
    "regularization.l1": [0, 0.2],
    "regularization.l2": [0.1, 0.2],
    "regularization.layers": ["hidden", ["dense"], ["output"]],
    "regularization.groups": [
        [{"layers": ["dense"], "l1": 0.3}],
        [{"layers": ["dense"], "l1": 0.4}],
        [{"layers": ["dense"], "l2": 0.3}],
        [{"layers": ["output"], "l2": 0.3}],
    ],
    "regularization.existing": ["replace", "keep", "error"],
    "regularization.method": ["penalty"],
    "regularization.group": ["units"],
    "regularization.group_strength": [0, 0.6],
    "regularization.bias": [None],
    "regularization.bias.l1": [0, 0.2],
    "regularization.bias.l2": [0, 0.2],
    "training.optimizer": ["adam", {"name": "sgd", "learning_rate": 0.1, "momentum": 0.9}],
    "training.optimizer.learning_rate": [
        0.2,
        {"CosineDecay": {"initial_learning_rate": 0.1, "decay_steps": 9}},
        {"CosineDecay": {"initial_learning_rate": 0.1, "decay_steps": 10}},
    ],
    "training.optimizer.weight_decay": [0.1],
    "training.optimizer.clipnorm": [1.0],
    "training.optimizer.use_ema": [True],
    "training.loss": ["categorical_crossentropy"],
    "training.loss.label_smoothing": [0.2],
    "training.epochs": [10],
    "training.batch_size": [16],
    "training.seed": [1],
    "training.class_weight": ["balanced", {"low": 2}, {"low": 3}],
    "training.polish": [0, 6],
    "training.early_stopping": [None],
    "training.early_stopping.monitor": ["validation.accuracy"],
    "training.early_stopping.patience": [4],
    "training.early_stopping.min_delta": [0.1],
}
"""Values of each key that make other runs than the base and than each other."""

WITHOUT_A_CHANGE: Mapping[str, Sequence[Any]] = {
    "name": ["other"],
    "dataset.file": ["moved/again.csv", "rows.parquet"],
    "dataset.target": [{"column": "kind"}, {"column": "kind", "log": False, "scale": "none"}],
    "dataset.test": [0.2],
    "dataset.validation": [0.2],
    "dataset.scale": ["standard"],
    "dataset.noise_features": [0],
    "dataset.seed": [0.0],
    "dataset.drop": [[]],
    "dataset.columns": [["c", "b", "a", "amount"]],
    "dataset.types": [{"a": "number"}],
    "dataset.missing": ["error"],
    "dataset.separator": [",", "comma"],
    "dataset.decimal": ["."],
    "dataset.thousands": ["'", "space"],
    "dataset.encoding": ["utf-8", "ascii"],
    "dataset.comment": ["%"],
    "dataset.null_values": [["nothing"], []],
    "dataset.fold": [None],
    "regularization.l2": [0, -0.0],
    "regularization.penalty": [None, "elastic_net"],
    "regularization.gamma": [None],
    "regularization.layers": ["all"],
    "regularization.groups": [None, []],
    "regularization.existing": [None, "add"],
    "training.optimizer": [
        {"name": "SGD", "learning_rate": 0.1, "momentum": 0, "nesterov": False},
        {"learning_rate": 0.1, "name": "Sgd"},
    ],
    "training.loss.name": ["CategoricalCrossentropy"],
    "training.epochs": [9.0],
    "training.batch_size": [32],
    "training.seed": [0],
    "training.early_stopping.monitor": ["validation.data_loss"],
    "training.early_stopping.min_delta": [0],
    "model.layers.0": [
        {"Dense": {"activation": "relu", "units": 4.0, "use_bias": True}},
        {"Dense": {"units": 4, "activation": "relu", "kernel_initializer": "GlorotUniform"}},
    ],
    "metrics": [["f1"], ["roc_auc", "ece"]],
    "select_by": ["validation.roc_auc"],
    "verdict": [{"margin": 0.05}],
    "checks": ["gap>0.1", ["best:validation.f1<0.9", "l1=0:epochs>3"]],
    "sweep": [
        {"seeds": 1},
        {"l1": "0.1"},
        {"vary": {"training.epochs": "9"}},
        {"variants": [{"name": "own", "l1": 0.1}]},
    ],
}
"""Values of each key that make the very run of the base."""

DATA_DECIDES = {
    *("dataset.name", "dataset.file", "dataset.target", "dataset.task", "dataset.positive"),
    *("dataset.image_size", "dataset.channels"),
}
"""Keys that say where the data comes from and what it is: tests of their own."""

NOT_IN_THE_BASE = {
    "dataset.train_on_validation",
    *(f"model.{key}" for key in PresetKeys.model_fields),
    *(f"model.{key}" for key in ("python", "args", "keras", "start", "trainable", "fingerprint")),
}
"""Keys that the base cannot have: tests of their own."""

Identify = Callable[[Mapping[str, Any]], str]


@pytest.fixture(scope="module")
def identify(tmp_path_factory: pytest.TempPathFactory) -> Identify:
    """The id of a config's one run."""
    folder = tmp_path_factory.mktemp("ids")
    write_data(folder)
    (folder / "moved").mkdir()
    shutil.copy(folder / "rows.csv", folder / "moved" / "again.csv")

    def of(config: Mapping[str, Any]) -> str:
        (folder / "c.yaml").write_text(write_yaml(config))
        (run,) = document("validate", "c.yaml", "--json", folder=folder)["plan"]
        return str(run["id"])

    return of


def changed(key: str, value: Any) -> dict[str, Any]:
    config: dict[str, Any] = json.loads(json.dumps(BASE))
    *above, last = parse_path(key)
    node: Any = config
    for step in above:
        node = node[step]
    node[last] = value
    return config


def test_a_changed_key_makes_another_run(identify: Identify) -> None:
    ids = {"the base": identify(BASE)}
    for key, values in CHANGES.items():
        ids |= {f"{key}: {value}": identify(changed(key, value)) for value in values}
    alike = [
        (one, other) for one, other in itertools.combinations(ids, 2) if ids[one] == ids[other]
    ]
    assert alike == []


def test_another_way_to_write_it_makes_the_same_run(identify: Identify) -> None:
    base = identify(BASE)
    others = {
        f"{key}: {value}": identify(changed(key, value))
        for key, values in WITHOUT_A_CHANGE.items()
        for value in values
    }
    assert {text for text, found in others.items() if found != base} == set()


def test_the_data_is_part_of_a_run(identify: Identify) -> None:
    plain = {"model": {"layers": []}}
    sources: list[dict[str, Any]] = [
        {"name": "iris"},
        {"name": "wine"},
        {"file": "tokens.npz"},
        {"file": "steps.npz"},
        {"file": "rows.csv", "target": "amount"},
        {"file": "rows.csv", "target": "b", "task": "classification"},
        {"file": "rows.csv", "target": "b", "task": "regression"},
    ]
    flat = {"model": {"layers": ["Flatten"]}}
    ids = [
        identify({"dataset": source} | (flat if source.get("file") == "steps.npz" else plain))
        for source in sources
    ]
    assert len(set(ids)) == len(ids)


def test_what_is_done_to_a_quantity_makes_another_run(identify: Identify) -> None:
    done: list[Any] = [None, {"log": True}, {"scale": "standard"}]
    done.append({"log": True, "scale": "standard"})
    ids = [identify({"dataset": {"name": "diabetes", "target": each}}) for each in done]
    assert len(set(ids)) == len(ids)


def test_training_on_the_validation_rows_makes_another_run(identify: Identify) -> None:
    """Early stopping, which the base has, watches them."""
    without, off, on = (
        identify({"dataset": {"name": "iris", "train_on_validation": way}})
        for way in (None, False, True)
    )
    assert without == off != on


def test_a_key_of_a_preset_makes_another_run(identify: Identify) -> None:
    models: list[dict[str, Any]] = [
        {"preset": "mlp", **more}
        for more in (
            *({}, {"units": [4]}, {"units": [4, 4]}, {"activation": "tanh"}, {"dropout": 0.1}),
            {"shape": [64, 1]},
        )
    ]
    image = {"preset": "cnn", "shape": [8, 8, 1]}
    models += [image, {**image, "filters": [4]}, {**image, "kernel_size": 2}]
    steps = {"preset": "transformer-small", "shape": [8, 8]}
    models += [steps, *({**steps, key: 8} for key in ("width", "heads", "blocks"))]
    read = {"preset": "lstm", "shape": [8, 8]}
    models += [read, {**read, "bidirectional": True}]
    models += [{"preset": "lstm", "vocabulary": count} for count in (17, 18)]
    ids = [identify({"dataset": {"name": "digits"}, "model": model}) for model in models]
    assert len(set(ids)) == len(ids)


def test_every_config_key_is_known_to_change_a_run_or_not(tmp_path: Path) -> None:
    schema = json.loads(regcli("schema", folder=tmp_path).out)
    sections = {
        "dataset": "Dataset",
        "dataset.fold": "Fold",
        "model": "Model",
        "regularization": "Regularization",
        "regularization.bias": "BiasStrengths",
        "training": "Training",
        "training.early_stopping": "EarlyStopping",
    }
    keys = {
        f"{section}.{key}"
        for section, name in sections.items()
        for key in schema["definitions"][name]["properties"]
    }
    keys |= {key for key in schema["properties"] if key not in sections}
    keys -= {f"dataset.fold.{key}" for key in ("number", "of", "repeat")}  # which go together
    assert keys - CHANGES.keys() - WITHOUT_A_CHANGE.keys() - DATA_DECIDES - NOT_IN_THE_BASE == set()
    assert set(schema["definitions"]) == {
        *sections.values(),
        "Ordinal",
        "StrengthGroup",
        "Sweep",
        "TargetColumn",
        "Verdict",
        "Layer",
        "Optimizer",
        "Loss",
    }


def test_a_key_is_varied_alike_by_an_option_and_in_the_config(tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text(
        "dataset: {name: iris}\n"
        "sweep:\n"
        '  l1: "0,0.1"\n'
        '  vary: {training.batch_size: "16,32", regularization.method: "penalty,proximal"}\n'
        "  seeds: 2\n"
    )
    (tmp_path / "plain.yaml").write_text("dataset: {name: iris}\n")
    typed = [
        *("--l1", "0,0.1", "--seeds", "2", "--method", "penalty,proximal"),
        *("--vary", "training.batch_size=16,32"),
    ]
    plan = [
        {
            run["id"]
            for run in document("sweep", *config, "--dry-run", "--json", folder=tmp_path)["plan"]
        }
        for config in (["c.yaml"], ["plain.yaml", *typed])
    ]
    assert len(plan[0]) == 16
    assert plan[0] == plan[1]
