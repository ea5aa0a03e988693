"""Runs gathered by setting, their mean and spread, and the setting that ranks first."""

import math
import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from judged import Grid
from stored_examples import a_run

from regcli.results.records import DataSummary, RunRecord
from regcli.results.settings import (
    FoldOf,
    best_setting,
    by_setting,
    choose_ranking,
    fold_of,
    held_out_rows,
    validation_rows,
    validation_rows_differ,
)


def run_of(seed: int, loss: float | None, **settings: Any) -> RunRecord:
    identity = {"l1": 0.0, "l2": 0.0, **settings, "seed": seed, "fold": None, "method": "penalty"}
    return a_run(f"{seed:04}", settings=identity, metrics={"validation": {"data_loss": loss}})


def test_runs_that_differ_in_their_seed_alone_are_one_setting() -> None:
    records = [run_of(seed, 0.5, l1=l1) for l1 in (0.1, 0.0) for seed in (0, 1)]
    summaries = by_setting([records[0], records[2], records[1], records[3]])
    assert [dict(summary.settings) for summary in summaries] == [
        {"l1": 0.1, "l2": 0.0, "method": "penalty"},
        {"l1": 0.0, "l2": 0.0, "method": "penalty"},
    ]
    assert [summary.records for summary in summaries] == [tuple(records[:2]), tuple(records[2:])]


def test_varied_keys_part_settings() -> None:
    rate = "training.optimizer.learning_rate"
    records = [run_of(0, 0.5, **{rate: value}) for value in (0.1, 0.01, 0.1)]
    assert [len(summary.records) for summary in by_setting(records)] == [2, 1]


def test_folds_and_repeats_are_no_settings() -> None:
    """Their validation rows are their own; the test rows of a split are the same for all."""
    grid = Grid()
    for split in range(2):
        for repeat in range(2):
            for number in range(3):
                grid.add(np.full((1, 10), 0.3), split=split, fold=(number, 3, repeat), l1=0.1)
    (setting,) = by_setting(grid.records)
    assert dict(setting.settings) == {"l1": 0.1, "l2": 0.0, "method": "proximal"}
    assert len(set(map(validation_rows, setting.records))) == 12
    assert len(set(map(held_out_rows, setting.records))) == 2
    assert fold_of(setting.records[1]) == FoldOf(repeat=0, number=1, of=3)
    assert fold_of(run_of(0, 0.5)) is None


def test_no_runs() -> None:
    assert by_setting([]) == ()
    assert best_setting([]) is None


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=6))
def test_mean_and_deviation_are_those_of_numpy(losses: list[float]) -> None:
    (summary,) = by_setting([run_of(seed, loss) for seed, loss in enumerate(losses)])
    spread = summary.spread("validation.data_loss")
    assert spread is not None
    assert spread.mean == pytest.approx(np.mean(losses), rel=1e-9, abs=1e-9)
    if len(losses) == 1:
        assert spread.deviation is None
    else:
        assert spread.deviation == pytest.approx(np.std(losses, ddof=1), rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("missing", [None, math.nan])
def test_a_mean_needs_every_run(missing: float | None) -> None:
    (summary,) = by_setting([run_of(0, 0.1), run_of(1, missing)])
    assert summary.spread("validation.data_loss") is None
    assert summary.spread("epochs") is not None


def test_the_lowest_mean_validation_data_loss_ranks_first() -> None:
    losses = {0.0: (0.5, 0.7), 0.1: (0.4, 0.4), 0.2: (0.1, 0.9), 0.3: (0.0, None)}
    records = [run_of(s, loss, l1=l1) for l1, pair in losses.items() for s, loss in enumerate(pair)]
    assert best_setting(by_setting(records)) == 1
    random.Random(0).shuffle(records)
    summaries = by_setting(records)
    best = best_setting(summaries)
    assert best is not None
    assert summaries[best].settings["l1"] == 0.1


def test_nothing_ranks_first_without_validation() -> None:
    assert best_setting(by_setting([run_of(0, None), run_of(1, math.nan, l1=0.1)])) is None


def test_of_equals_the_first_is_taken() -> None:
    assert best_setting(by_setting([run_of(0, 0.5, l1=0.1), run_of(0, 0.5, l1=0.2)])) == 0


SMOOTHED = {"name": "BinaryCrossentropy", "label_smoothing": 0.1}


@pytest.mark.parametrize(
    "losses",
    [
        [{"training.loss": {"name": "BinaryCrossentropy"}}, {"training.loss": SMOOTHED}],
        [{"training.loss.label_smoothing": 0}, {"training.loss.label_smoothing": 0.1}],
        [{"training": {"epochs": 3}}, {"training": {"loss": SMOOTHED}}],
    ],
)
@pytest.mark.parametrize("metric", ["accuracy", "r2"])
def test_losses_of_their_own_are_ranked_by_the_score(
    losses: list[dict[str, Any]], metric: str
) -> None:
    scores = [{"data_loss": 0.1, metric: 0.8}, {"data_loss": 0.5, metric: 0.9}]
    records = [
        run_of(0, None, **loss).model_copy(update={"metrics": {"validation": score}})
        for loss, score in zip(losses, scores, strict=True)
    ]
    summaries = by_setting(records)
    ranking = choose_ranking(summaries)
    assert ranking is not None
    assert (ranking.key, best_setting(summaries)) == (f"validation.{metric}", 1)


def test_losses_of_their_own_without_a_score_rank_nothing() -> None:
    summaries = by_setting([run_of(0, 0.5, **{"training.loss": n}) for n in ("Huber", "LogCosh")])
    assert (choose_ranking(summaries), best_setting(summaries)) == (None, None)


def split_run(
    number: int, loss: float, fingerprint: str = "f00", seed: int = 0, rows: int = 5
) -> RunRecord:
    """A run with a validation loss on a split: its seed and data as a config and a record say."""
    data = DataSummary(
        source="made",
        fingerprint=fingerprint,
        task="binary",
        rows={"train": 10, "validation": rows},
        input_shape=(1,),
        columns=("x",),
    )
    run = run_of(0, loss, l1=float(number))
    return run.model_copy(update={"data": data, "config": {"dataset": {"seed": seed}}})


@pytest.mark.parametrize("other", [{"seed": 1}, {"rows": 6}, {"fingerprint": "f11"}], ids=str)
def test_settings_with_validation_rows_of_their_own_rank_nothing(other: dict[str, Any]) -> None:
    summaries = by_setting([split_run(0, 0.5), split_run(1, 0.4, **other)])
    assert validation_rows_differ(summaries)
    assert (choose_ranking(summaries), best_setting(summaries)) == (None, None)


def test_settings_with_the_same_splits_are_ranked_by_their_means() -> None:
    """Whatever order the splits come in, and where one is there twice."""
    records = [
        split_run(0, 0.5, seed=0),
        split_run(0, 0.7, seed=1),
        split_run(1, 0.4, seed=1),
        split_run(1, 0.5, seed=0),
        split_run(1, 0.5, seed=0),
    ]
    summaries = by_setting(records)
    assert not validation_rows_differ(summaries)
    assert best_setting(summaries) == 1


def test_losses_of_targets_on_other_scales_are_ranked_by_the_score() -> None:
    """The data loss of a logarithm is far below that of the values themselves."""
    targets: dict[str, Any] = {"plain": "y", "log": {"column": "y", "log": True, "scale": "none"}}
    scores = {"plain": {"data_loss": 9.0, "r2": 0.7}, "log": {"data_loss": 0.1, "r2": 0.6}}
    records = [
        a_run(
            name,
            settings={"variant": name},
            config={"dataset": {"target": target}},
            metrics={"validation": scores[name]},
        )
        for name, target in targets.items()
    ]
    ranking = choose_ranking(by_setting(records))
    assert ranking is not None
    assert (ranking.key, ranking.highest) == ("validation.r2", True)
    assert best_setting(by_setting(records)) == 0
    same = choose_ranking(by_setting(records[:1]))
    assert same is not None
    assert same.key == "validation.data_loss"
