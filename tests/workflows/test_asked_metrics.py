"""From a config that asks for metrics to the setting that is best by them."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from listeners import Notes
from sklearn import metrics as sklearn

from regcli.config.load import load_config
from regcli.data.sources import load_table
from regcli.data.splits import split
from regcli.errors import ConfigError
from regcli.planning.members import plan_sweep
from regcli.results.records import RunRecord
from regcli.results.settings import best_setting, by_setting, choose_ranking
from regcli.results.shown_metrics import shown_metrics
from regcli.store.store import Store, open_store
from regcli.store.store_weights import read_weights
from regcli.workflows.graph_training import SweepResult
from regcli.workflows.grid_sweep import run_sweep
from regcli.workflows.workspace import Workspace

pytestmark = pytest.mark.slow

BINARY = """\
dataset: {name: breast_cancer, positive: Malignant}
training: {epochs: 2, optimizer: {name: sgd, learning_rate: 1}}
sweep: {l2: '0,0.01'}
"""
SEVERAL = """\
dataset: {name: iris}
training: {epochs: 3, batch_size: 8, optimizer: sgd}
sweep: {vary: {training.optimizer.learning_rate: [3, 30]}}
"""
REGRESSION = """\
dataset: {name: diabetes}
training: {epochs: 2, loss: huber, optimizer: {name: sgd, learning_rate: 3}}
sweep: {l2: '0,0.1'}
"""


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    monkeypatch.chdir(tmp_path)
    with open_store(Path("runs")) as opened:
        yield opened


def swept(store: Store, text: str) -> tuple[SweepResult, Notes]:
    Path("c.yaml").write_text(text)
    notes = Notes()
    return run_sweep(load_config("c.yaml"), Workspace(store, notes, "cpu", "keras")), notes


def outputs(store: Store, record: RunRecord, x: Any) -> Any:
    """Of the one Dense layer that there is."""
    weights = read_weights(store, record.id)
    return x @ weights["output/kernel"].astype(float) + weights["output/bias"]


def of_two(y: Any, z: Any) -> Mapping[str, float]:
    """By scikit-learn, with class 0 as the positive one."""
    p = 1 / (1 + np.exp(-z[:, 0]))
    decided = (p > 0.5).astype(int)
    return {
        "accuracy": sklearn.accuracy_score(y, decided),
        "balanced_accuracy": sklearn.balanced_accuracy_score(y, decided),
        "precision": sklearn.precision_score(y, decided, pos_label=0),
        "recall": sklearn.recall_score(y, decided, pos_label=0),
        "f1": sklearn.f1_score(y, decided, pos_label=0),
        "roc_auc": sklearn.roc_auc_score(y, p),
        "average_precision": sklearn.average_precision_score(y == 0, 1 - p),
        "log_loss": sklearn.log_loss(y, p),
        "brier": sklearn.brier_score_loss(y, p),
    }


def of_several(y: Any, z: Any) -> Mapping[str, float]:
    powers = np.exp(z - z.max(axis=1, keepdims=True))
    p, decided = powers / powers.sum(axis=1, keepdims=True), z.argmax(axis=1)
    return {
        "precision": sklearn.precision_score(y, decided, average="macro"),
        "recall": sklearn.recall_score(y, decided, average="macro"),
        "f1": sklearn.f1_score(y, decided, average="macro"),
        "roc_auc": sklearn.roc_auc_score(y, p, multi_class="ovr"),
        "average_precision": sklearn.average_precision_score(y, p),
        "log_loss": sklearn.log_loss(y, p),
        "brier": sklearn.brier_score_loss(y, p, labels=[0, 1, 2]),
    }


def of_quantities(y: Any, z: Any) -> Mapping[str, float]:
    return {
        "r2": sklearn.r2_score(y, z),
        "mae": sklearn.mean_absolute_error(y, z),
        "rmse": sklearn.root_mean_squared_error(y, z),
    }


@pytest.mark.parametrize(
    ("text", "reference"),
    [(BINARY, of_two), (SEVERAL, of_several), (REGRESSION, of_quantities)],
    ids=["two classes", "several classes", "quantities"],
)
def test_every_metric_of_the_task_is_recorded_of_every_part(
    store: Store, text: str, reference: Any
) -> None:
    result, _ = swept(store, text)
    config = plan_sweep(load_config("c.yaml")).members[0].config
    splits = split(load_table(config.dataset, Path()), config.dataset)
    for record in result.records:
        for name, part in splits.parts():
            assert part is not None
            expected = reference(part.y, outputs(store, record, part.x))
            found = {key: record.metrics[name][key] for key in expected}
            assert found == pytest.approx(expected, rel=1e-4)
        assert record.data is not None
        assert record.data.positive == ("malignant" if text == BINARY else None)


def test_the_best_setting_follows_what_is_asked_for_without_training_again(store: Store) -> None:
    """A rate that is too high ends with the lower loss, and more rows that are wrong."""
    by_loss, _ = swept(store, SEVERAL)
    asked, notes = swept(store, f"{SEVERAL}metrics: [f1, ece]\nselect_by: validation.f1\n")
    assert notes.plans == [(2, 2)]
    assert [r.id for r in asked.records] == [r.id for r in by_loss.records]
    for result, shown, ranking, best in (
        (by_loss, ["accuracy"], "validation.data_loss", 30),
        (asked, ["f1", "ece"], "validation.f1", 3),
    ):
        summaries = by_setting(result.records)
        assert [metric.key for metric in shown_metrics(result.records)] == shown
        chosen, place = choose_ranking(summaries), best_setting(summaries)
        assert chosen is not None
        assert place is not None
        assert chosen.key == ranking
        assert summaries[place].settings["training.optimizer.learning_rate"] == best
    stored = store.sweep(asked.sweep.id)
    assert stored is not None
    assert (stored.metrics, stored.select_by) == (("f1", "ece"), "validation.f1")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            f"{BINARY}metrics: [f1, rmse]\n",
            "c.yaml:4:15: metrics.1: must be a metric for classification, got rmse",
        ),
        (
            f"{REGRESSION}select_by: validation.roc_auc\n",
            "c.yaml:4:12: select_by: must be a metric for regression, got roc_auc",
        ),
        (
            f"{BINARY.replace('Malignant', 'bad')}",
            "c.yaml:1:42: dataset.positive: must be a class of the target, malignant or benign, "
            "got 'bad'",
        ),
        (
            SEVERAL.replace("iris", "iris, positive: setosa"),
            "c.yaml:1:33: dataset.positive: requires a target of two classes; this one has 3",
        ),
        (
            f"{BINARY.replace('epochs', 'loss: hinge, epochs')}metrics: [roc_auc, log_loss]\n",
            "c.yaml:4:20: metrics.1: requires outputs that are probabilities; with the loss Hinge "
            "they are not, got log_loss",
        ),
    ],
)
def test_what_cannot_be_measured_is_placed_before_anything_is_trained(
    store: Store, text: str, problem: str
) -> None:
    with pytest.raises(ConfigError) as refused:
        swept(store, text)
    assert str(refused.value) == problem
    assert store.count() == 0
