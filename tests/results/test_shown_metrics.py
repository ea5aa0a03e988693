"""What runs' configs ask to see, and what ranks them."""

from typing import Any

import pytest
from stored_examples import a_run

from regcli.results.comparison import differences
from regcli.results.records import DataSummary, RunRecord
from regcli.results.settings import BY_LOSS, Ranking, best_setting, by_setting, choose_ranking
from regcli.results.shown_metrics import as_asked, asked_ranking, shown_metrics


def run_of(identity: str, l1: float, task: str = "binary", **asked: Any) -> RunRecord:
    """A run with better ranks and worse losses where its strength is larger."""
    metrics = {"data_loss": 1 + l1, "roc_auc": 0.5 + l1, "log_loss": 1 + l1, "accuracy": 0.5}
    known = {"fingerprint": "f", "rows": {}, "input_shape": (1,), "columns": ("x",)}
    data = DataSummary(source="d", task=task, **known)
    return a_run(
        identity,
        config={"training": {"epochs": 3}, **asked},
        settings={"l1": l1, "seed": 0},
        metrics={"validation": metrics},
        data=data,
    )


def keys(*records: RunRecord) -> list[str]:
    return [metric.key for metric in shown_metrics(records)]


def test_what_is_shown() -> None:
    assert keys(run_of("aaaa", 0)) == ["accuracy"]
    assert keys(run_of("aaaa", 0, "regression")) == ["r2", "mae"]
    assert keys(run_of("aaaa", 0, metrics=["roc_auc", "f1"])) == ["roc_auc", "f1"]
    one, other = (run_of("aaaa", 0, metrics=[key, "ece"]) for key in ("f1", "brier"))
    assert keys(one, other, run_of("bbbb", 0)) == ["f1", "ece", "brier", "accuracy"]
    assert keys(run_of("aaaa", 0, metrics=["from_a_later_regcli", "f1"])) == ["f1"]
    assert keys(run_of("aaaa", 0, metrics=["from_a_later_regcli"])) == ["accuracy"]
    assert keys(run_of("aaaa", 0, metrics={"f1": [1]}, select_by=[3])) == ["accuracy"]
    assert keys(run_of("aaaa", 0).model_copy(update={"data": None})) == ["accuracy"]


@pytest.mark.parametrize(
    ("asked", "ranking", "best"),
    [
        (None, BY_LOSS, 0),
        ("validation.data_loss", BY_LOSS, 0),
        ("validation.roc_auc", Ranking("validation.roc_auc", highest=True), 1),
        ("validation.log_loss", Ranking("validation.log_loss", highest=False), 0),
        ("validation.f1", Ranking("validation.f1", highest=True), None),
        ("validation.from_a_later_regcli", BY_LOSS, 0),
        (["damaged"], BY_LOSS, 0),
    ],
)
def test_what_ranks(asked: Any, ranking: Ranking, best: int | None) -> None:
    given = {} if asked is None else {"select_by": asked}
    summaries = by_setting([run_of("aaaa", 0.0, **given), run_of("bbbb", 0.1, **given)])
    assert (choose_ranking(summaries), best_setting(summaries)) == (ranking, best)


def test_runs_that_ask_for_different_rankings_are_ranked_by_their_loss() -> None:
    runs = [run_of("aaaa", 0.0), run_of("bbbb", 0.1, select_by="validation.roc_auc")]
    assert asked_ranking(runs) is None
    assert choose_ranking(by_setting(runs)) == BY_LOSS


def test_a_stored_run_as_another_config_shows_it() -> None:
    stored = run_of("aaaa", 0.0, metrics=["f1"], select_by="validation.f1")
    assert as_asked(stored, None, None).config == {"training": {"epochs": 3}}
    again = as_asked(stored, ("ece",), "validation.roc_auc")
    assert again.config == {
        "training": {"epochs": 3}, "metrics": ["ece"], "select_by": "validation.roc_auc"
    }  # fmt: skip
    assert stored.config["metrics"] == ["f1"]


def test_a_comparison_has_the_metrics_that_are_asked_for() -> None:
    def compared(**asked: Any) -> set[str]:
        rows = differences([run_of("aaaa", 0.0, **asked), run_of("bbbb", 0.1, **asked)])
        return {row.key for row in rows if row.is_result}

    assert compared() == {"validation.data_loss"}
    assert compared(metrics=["roc_auc"]) == {"validation.data_loss", "validation.roc_auc"}
