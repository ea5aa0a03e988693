"""Rows that stay in a file train the models that rows in memory do, in both trainers."""

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from numpy.testing import assert_array_equal

from regcli.config.dataset_section import Dataset
from regcli.data import row_order
from regcli.data.dataset import Splits
from regcli.data.sources import load_table
from regcli.data.splits import split
from regcli.errors import ModelError
from regcli.results.outcomes import Outcome
from regcli.training.reference import prepare_model

from .examples import a_config
from .populations import assert_same_scores, assert_same_weights, train_by_fit, train_together

ROWS = 700
LAYERS = [{"Dense": {"units": 5, "activation": "tanh"}}, {"BatchNormalization": {}}]


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows of 160 rows, pieces of some steps, and blocks of some rows."""
    monkeypatch.setattr(row_order, "WINDOW_NUMBERS", 640)
    monkeypatch.setattr("regcli.stacked.streamed_program.MOST_NUMBERS", 600)
    monkeypatch.setattr("regcli.stacked.program.MAX_NUMBERS", 1000)


@pytest.fixture
def both(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The same rows in memory and in a file."""

    def of(kind: str) -> tuple[Splits, Splits]:
        rng = np.random.default_rng(0)
        x = rng.standard_normal((ROWS, 4))
        score = x[:, 0] - x[:, 1] + rng.standard_normal(ROWS)
        targets = {
            "binary": np.where(score > 0, "yes", "no"),
            "multiclass": np.select([score > 1, score > -1], ["high", "middle"], "low"),
            "regression": score,
        }
        columns = {f"x{place}": x[:, place] for place in range(4)}
        weights = rng.random(ROWS)
        frame = pl.DataFrame({**columns, "w": weights, "y": targets[kind]})
        frame.write_parquet(tmp_path / "t.parquet")
        weighted = {"weights": "w"} if kind == "regression" else {"drop": ["w"]}
        config = Dataset(file="t.parquet", target="y", **weighted)
        found = []
        for memory in ("1GB", "20000"):
            monkeypatch.setenv("REGCLI_MEMORY", memory)
            table = load_table(config, tmp_path, tmp_path / "cache")
            found.append(split(table, config))
        monkeypatch.setenv("REGCLI_MEMORY", "1GB")
        whole, scanned = found
        assert not whole.is_scanned
        assert scanned.is_scanned
        return whole, scanned

    return of


def configs(**training: Any) -> list[Any]:
    return [
        a_config(LAYERS, regularization={"l2": l2}, training={"seed": seed, **training})
        for l2 in (0.0, 0.01)
        for seed in (0, 1)
    ]


def assert_equal(ours: Outcome, theirs: Outcome) -> None:
    for name, values in theirs.weights.items():
        assert_array_equal(ours.weights[name], values, err_msg=name)
    assert ours.metrics == theirs.metrics


@pytest.mark.parametrize("kind", ["binary", "multiclass", "regression"])
def test_populations_come_to_the_same_models(both: Any, kind: str) -> None:
    whole, scanned = both(kind)
    training = {"early_stopping": {"monitor": "validation.data_loss", "patience": 1}, "epochs": 4}
    ours = train_together(configs(**training), scanned, size=3)
    theirs = train_together(configs(**training), whole, size=3)
    for one, other in zip(ours, theirs, strict=True):
        assert_same_weights(one, other, atol=1e-6)
        assert_same_scores(one.history, other.history, rtol=1e-5, atol=1e-6)
        for part, scores in other.metrics.items():
            assert_same_scores(one.metrics[part], scores, rtol=1e-4, atol=1e-5)
        for part, values in other.rows.items():
            assert values.keys() == one.rows[part].keys()


@pytest.mark.parametrize("kind", ["binary", "multiclass", "regression"])
def test_fit_comes_to_the_same_model(both: Any, kind: str) -> None:
    whole, scanned = both(kind)
    assert_equal(train_by_fit(configs()[3], scanned), train_by_fit(configs()[3], whole))


def test_both_trainers_agree_on_the_rows_of_a_file(both: Any) -> None:
    _, scanned = both("binary")
    for config, ours in zip(configs(), train_together(configs(), scanned), strict=True):
        theirs = train_by_fit(config, scanned)
        assert_same_weights(ours, theirs, atol=2e-5)
        assert_same_scores(ours.history, theirs.history, rtol=1e-4, atol=1e-5)


def test_proximal_training_is_refused(both: Any) -> None:
    _, scanned = both("binary")
    with pytest.raises(ModelError) as refused:
        prepare_model(a_config(LAYERS, regularization={"method": "proximal"}), scanned)
    assert refused.value.message == (
        "must be penalty for rows that do not fit into memory, got 'proximal'; use more memory or "
        "fewer rows"
    )
