"""`validate` shows the models that a config means, output layers included."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from regcli.cli.app import run

CONFIG = """\
dataset: {name: iris}
model:
  layers:
    - Dense: {units: 16, activation: relu}
    - Dropout: {rate: 0.1}
"""
SEPARATE = """\
dataset: {name: iris}
model: {layers: [{Dense: {units: 3, name: top}}, {Activation: {activation: softmax}}]}
sweep: {l1: "0.123451,0.123454", l2: "lin:0.1:0.4:4"}
"""


Shown = Callable[..., str]


@pytest.fixture
def shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shown:
    def validate(text: str, *options: str) -> str:
        (tmp_path / "c.yaml").write_text(text)
        assert run(["validate", str(tmp_path / "c.yaml"), *options]) == 0
        return capsys.readouterr().out

    return validate


def comments(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("# ")]


def test_an_output_layer_that_is_implied(shown: Shown) -> None:
    assert comments(shown(CONFIG)) == [
        "# data: iris, multiclass, 4 inputs, 90 train, 30 validation, 30 test rows",
        "# model: dense (Dense 16 relu) → dropout (Dropout 0.1) → output (Dense 3, implied)",
        "# plan: 1 run",
    ]


def test_an_activation_of_its_own_is_that_of_the_output(shown: Shown) -> None:
    assert comments(shown(SEPARATE))[1:] == [
        "# model: top (Dense 3 softmax)",
        "# varies regularization.l1: 0.123451, 0.123454",
        "# varies regularization.l2: 0.1, 0.2, 0.3, 0.4",
        "# plan: 8 runs",
    ]
    found = json.loads(shown(SEPARATE, "--json"))["models"]
    dense = {"units": 3, "name": "top", "activation": "softmax"}
    assert found == [[{"name": "top", "layer": {"Dense": dense}, "implied": False}]]


def test_models_that_differ_are_shown_each(shown: Shown) -> None:
    units = ", ".join(map(str, range(4, 14)))
    grid = f"{{seeds: 2, vary: {{model.layers.0.Dense.units: [{units}]}}}}"
    lines = comments(shown(f"{CONFIG}sweep: {grid}\n"))
    assert lines[1] == (
        "# model: dense (Dense 4 relu) → dropout (Dropout 0.1) → output (Dense 3, implied)"
    )
    assert lines[9] == "# and 2 more models"
    assert lines[-1] == "# plan: 20 runs"
