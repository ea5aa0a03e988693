"""What a config's training asks of the target: refused as soon as the data is known."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from planned import sweep_runs

from regcli.config import catalogue
from regcli.config.load import load_config
from regcli.errors import ConfigError

TABLE = {
    "x": np.arange(12.0),
    "size": np.arange(12) * 1.5,
    "share": np.arange(12) / 12,
    "level": np.arange(12) % 3,
    "kind": ["a", "b"] * 6,
}


def refusal(folder: Path, target: str, training: str, more: str = "") -> str:
    """What is said of a training for one of the table's columns, after the file's name."""
    others = ", ".join(name for name in TABLE if name not in {"x", target})
    (folder / "c.yaml").write_text(
        f"dataset: {{file: t.csv, target: {target}, drop: [{others}]}}\n"
        f"training: {training}\n{more}"
    )
    pl.DataFrame(TABLE).write_csv(folder / "t.csv")
    try:
        sweep_runs(load_config(str(folder / "c.yaml")))
    except ConfigError as error:
        return str(error).removeprefix(f"{folder}/c.yaml:")
    return ""


CLASSES = "requires a classification target; this one is continuous"
NUMBERS = "requires a continuous target; this one has"


@pytest.mark.parametrize(
    ("target", "loss", "message"),
    [
        ("level", "poisson", f"poisson {NUMBERS} 3 classes; to predict them as numbers, set "
         "dataset.task: regression"),
        ("kind", "Poisson", f"Poisson {NUMBERS} 2 classes"),
        ("kind", "mape", f"mape {NUMBERS} 2 classes"),
        ("kind", "mean_squared_logarithmic_error",
         f"mean_squared_logarithmic_error {NUMBERS} 2 classes"),
        ("kind", "{name: huber, delta: 2}", f"huber {NUMBERS} 2 classes"),
        ("kind", "log_cosh", f"log_cosh {NUMBERS} 2 classes"),
        ("size", "hinge", f"hinge {CLASSES}"),
        ("share", "sparse_categorical_crossentropy", f"sparse_categorical_crossentropy {CLASSES}"),
        ("size", "binary_crossentropy", "binary_crossentropy requires classes, or numbers from 0 "
         "to 1; this target goes from 0 to 16.5"),
    ],
)  # fmt: skip
def test_a_loss_of_the_other_kind_of_target_is_refused(
    tmp_path: Path, target: str, loss: str, message: str
) -> None:
    assert refusal(tmp_path, target, f"{{loss: {loss}}}") == f"2:18: training.loss: {message}"


@pytest.mark.parametrize(
    ("target", "loss"),
    [
        ("size", "poisson"), ("size", "mse"), ("size", "log_cosh"),
        ("share", "binary_crossentropy"), ("kind", "mse"), ("level", "mae"),
        ("level", "kl_divergence"), ("kind", "hinge"),
    ],
)  # fmt: skip
def test_a_loss_that_fits_is_not(tmp_path: Path, target: str, loss: str) -> None:
    assert refusal(tmp_path, target, f"{{loss: {loss}}}") == ""


@pytest.mark.parametrize("name", catalogue.names("losses"))
def test_every_loss_fits_some_target(tmp_path: Path, name: str) -> None:
    assert "" in {refusal(tmp_path, target, f"{{loss: {name}}}") for target in ("size", "level")}


def test_a_loss_that_is_varied_is_checked_too(tmp_path: Path) -> None:
    said = refusal(
        tmp_path, "kind", "{epochs: 1}", "sweep: {vary: {training.loss: [mse, poisson]}}"
    )
    assert said == f"3:31: training.loss: poisson {NUMBERS} 2 classes"


@pytest.mark.parametrize(
    ("target", "weights", "message"),
    [
        ("kind", "{c: 2}", "2:30: training.class_weight.c: there is no class 'c'; known: a, b"),
        ("level", "{'1.0': 2}",
         "2:34: training.class_weight.1.0: there is no class '1.0'; known: 0, 1, 2"),
        ("size", "{'1': 2}", f"2:26: training.class_weight: {CLASSES}"),
        ("size", "balanced", f"2:26: training.class_weight: {CLASSES}"),
        ("kind", "{a: 2}", ""),
        ("level", "balanced", ""),
    ],
)  # fmt: skip
def test_class_weights_are_those_of_the_data(
    tmp_path: Path, target: str, weights: str, message: str
) -> None:
    assert refusal(tmp_path, target, f"{{class_weight: {weights}}}") == message


def test_early_stopping_watches_a_metric_of_the_target(tmp_path: Path) -> None:
    training = "{early_stopping: {monitor: validation.r2}}"
    assert refusal(tmp_path, "size", training) == ""
    assert refusal(tmp_path, "kind", training) == (
        "2:38: training.early_stopping.monitor: must be a metric for classification, got "
        "validation.r2"
    )
