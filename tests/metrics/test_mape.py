"""The metric `mape` against scikit-learn."""

from pathlib import Path

import pytest
from characterisation.command_line import regcli
from sklearn.metrics import mean_absolute_percentage_error

from regcli.metrics.predictions import Predictions

from .examples import QUANTITIES, quantities, score_one


@pytest.mark.parametrize("given", [*QUANTITIES, quantities(5, zeros=1), quantities(6, zeros=50)])
def test_as_in_scikit_learn(given: Predictions) -> None:
    """Also with targets that are 0, whose error is divided by the least number there is."""
    truth, outputs = given.truth.astype(float), given.outputs[0, :, 0].astype(float)
    expected = mean_absolute_percentage_error(truth, outputs)
    assert score_one("regression", "mape", given) == pytest.approx(expected, rel=1e-12)


def test_targets_of_zero_are_told_of(tmp_path: Path) -> None:
    """Where the config asks for it: when it is checked, and when it is trained."""
    rows = "".join(f"{row},{row % 5}\n" for row in range(60))
    (tmp_path / "t.csv").write_text(f"x,y\n{rows}")
    (tmp_path / "c.yaml").write_text(
        "dataset: {file: t.csv, target: y, task: regression}\nmodel: {layers: []}\n"
        "training: {epochs: 1}\nmetrics: [rmse, mape]\nselect_by: validation.mape\n"
    )
    note = (
        "mape: 12 of 60 targets are 0, of which no percentage can be told; the value is that of "
        "scikit-learn, which such rows decide alone, so use mae or rmse"
    )
    shown = regcli("validate", "c.yaml", folder=tmp_path).out.splitlines()
    assert [line for line in shown if "mape:" in line] == [f"# note: {note}"]
    trained = regcli("train", "c.yaml", folder=tmp_path).err.splitlines()
    assert trained.count(note) == 1
    other = regcli("validate", "c.yaml", "--set", "metrics=[rmse]", folder=tmp_path).out
    assert note in other  # it ranks
    plain = ("--set", "metrics=[rmse]", "--set", "select_by=validation.rmse")
    assert "mape" not in regcli("validate", "c.yaml", *plain, folder=tmp_path).out
