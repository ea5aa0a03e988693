"""What follows a sweep: the command it names, and the run that `use` stands for."""

import shlex
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from regcli.config.load import load_config
from regcli.data.parts.row_parts import parts_of
from regcli.data.sources import load_table

from .in_process import document, problem, regcli

CONFIG = """\
dataset: {file: rows.csv, target: kind}
model: {layers: []}
training: {epochs: 2}
select_by: validation.accuracy
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(60, 2))
    kinds = np.where(x[:, 0] + rng.normal(size=60) > 0, "yes", "no")
    pl.DataFrame({"a": x[:, 0], "b": x[:, 1], "kind": kinds}).write_csv(tmp_path / "rows.csv")
    (tmp_path / "regcli.yaml").write_text(CONFIG)
    return tmp_path


@pytest.mark.slow
def test_the_setting_that_folds_choose_is_trained_on_all_rows_but_the_test_rows(
    folder: Path,
) -> None:
    swept = regcli("sweep", "--l1", "0,0.01", "--folds", "3", cwd=folder)
    (line,) = [line for line in swept.stdout.splitlines() if line.startswith(" next ")]
    command = shlex.split(line)[1:]
    assert command[:3] == ["regcli", "train", "regcli.yaml"]
    (run,) = document(*command[1:], "--json", cwd=folder)["runs"]
    assert run["state"] == "finished"
    shown = regcli(*command[1:], cwd=folder).stdout
    assert "rows.csv: 48 train, 12 test rows" in shown
    assert "No best setting" not in shown
    used = regcli("predict", "use", "rows.csv", cwd=folder)
    assert used.stderr.endswith(": one of 3 folds, trained on 32 of 48 rows\n")
    final = regcli("predict", run["id"], "rows.csv", cwd=folder)
    assert (final.returncode, final.stderr) == (0, "")


def test_the_test_rows_stay_the_same(folder: Path) -> None:
    given = [(("dataset", "train_on_validation"), "--set", True)]
    own, whole = (
        load_config(str(folder / "regcli.yaml"), extra).config.dataset for extra in ([], given)
    )
    table = load_table(own, folder)
    before, after = parts_of(table, own), parts_of(table, whole)
    assert after.test.tolist() == before.test.tolist()
    assert len(after.validation) == 0
    assert sorted([*before.train, *before.validation]) == after.train.tolist()


def test_what_needs_validation_rows_is_refused_without_them(folder: Path) -> None:
    on_all = ("--set", "dataset.train_on_validation=true")
    assert problem("sweep", "regcli.yaml", "--folds", "3", "--l1", "0,1", *on_all, cwd=folder) == (
        "regcli: rows.csv: train_on_validation must not be combined with folds, which it leaves "
        "no rows for; remove it here, and set it when you train the setting that folds have chosen"
    )
    early = ("--set", "training.early_stopping.patience=3")
    assert problem("train", "regcli.yaml", *on_all, *early, cwd=folder) == (
        "regcli: --set dataset.train_on_validation=true: training.early_stopping.monitor: requires "
        "validation rows; got 'validation.data_loss' with dataset.train_on_validation: true"
    )


@pytest.mark.slow
@pytest.mark.parametrize("options", [["--seeds", "2"], ["--folds", "2"]])
def test_a_sweep_of_one_setting_has_one_to_use(folder: Path, options: list[str]) -> None:
    ids = [
        run["id"]
        for run in document("sweep", "--l1", "0.01", *options, "--json", cwd=folder)["runs"]
    ]
    for name in ("use", "best"):
        assert document("predict", name, "rows.csv", "--json", cwd=folder)["run"] in ids
