"""The report of a sweep: what stays on narrow screens, and what was asked for."""

import io
import re
from typing import Any

import numpy as np
import pytest
from judged import Grid
from rich.console import Console

from regcli.report.column_choice import EVERYTHING, Choice, Sort
from regcli.report.exported_runs import export_view
from regcli.report.sweep_results import results_report, results_view, single_view
from regcli.report.writers import csv_rows, terminal
from regcli.results.records import RunRecord, RunState

from .test_path_points import a_run

FIRST = ["l1", "l2", "train loss", "val loss", "gap", "val acc.", "exact zeros", "run"]
"""What a person needs first, in short words."""


def a_sweep(seeds: int = 1, **config: Any) -> list[RunRecord]:
    """Two strengths of l1 and of l2; the fewer weights the better."""
    runs = []
    for place, (l1, l2) in enumerate([(0.0, 0.0), (0.0, 0.01), (0.00123, 0.0), (0.00123, 0.01)]):
        for seed in range(seeds):
            settings = {"l1": l1, "l2": l2, "seed": seed, "fold": None, "method": "proximal"}
            run = a_run(16 * place + seed, l1, 600 - 100 * place - 7 * seed, settings=settings)
            train = {**run.metrics["train"], "data_loss": 0.05 * (place + 1)}
            metrics = {**run.metrics, "train": train}
            runs.append(run.model_copy(update={"metrics": metrics, "config": config}))
    return runs


def lines(records: list[RunRecord], width: int, choice: Choice = EVERYTHING) -> list[str]:
    console = Console(file=io.StringIO(), width=width, markup=False)
    return terminal.text(results_report(records, choice), console).splitlines()


def heads(shown: list[str]) -> list[str]:
    """The labels of two lines; what stands in the first ends or begins where the second does."""
    words = list(re.finditer(r"\S+(?: \S+)*", shown[2]))
    above = [(word.start(), word.end(), word.group()) for word in re.finditer(r"\S+", shown[1])]
    return [
        " ".join(
            [text for start, end, text in above if word.start() == start or word.end() == end]
            + [word.group()]
        )
        for word in words
    ]


def test_a_single_run_that_ended_well_is_followed_by_how_to_predict_with_it() -> None:
    (run, *_) = a_sweep()
    console = Console(file=io.StringIO(), width=100, markup=False)
    shown = terminal.text(single_view(run).report(), console).splitlines()
    following = f" next   regcli predict {run.id} new.csv -o predictions.csv"
    assert shown == [*lines([run], 100), "", following]
    failed = run.model_copy(update={"state": RunState.DIVERGED})
    assert terminal.text(single_view(failed).report(), console).splitlines() == lines([failed], 100)
    assert single_view(run).document() == results_view([run]).document()


NUMBER = re.compile(r"[\d,]*\.?\d+(?:e-?\d+)?%?")


@pytest.mark.parametrize("seeds", [1, 3])
def test_no_width_cuts_a_digit_or_what_is_needed_first(seeds: int) -> None:
    records = a_sweep(seeds)
    whole = {word for line in lines(records, 10_000) for word in line.split()}
    for width in range(40, 201):
        shown = lines(records, width)
        assert "…" not in "".join(shown)
        assert max(map(len, shown)) <= width
        numbers = [word for line in shown[4:8] for word in line.split() if NUMBER.fullmatch(word)]
        assert set(numbers) <= whole
        if width >= 80:
            names = " ".join(heads(shown)).replace("validation", "val").replace("accuracy", "acc.")
            assert [label for label in FIRST if label not in names] == []


MANY = """
                          train        val               val   exact
 setting                   loss       loss      gap     acc.   zeros   run
 ──────────────────────────────────────────────────────────────────────────────
 l1 0, l2 0,            0.05000     0.7000   0.6500   0.6500    6.2%   00000000
 learning_rate 0.01,
 batch_size 16
 l1 0.00123, l2 0.01,    0.1000   ★ 0.4000   0.3000   0.8000   53.1%   00000000
 learning_rate 0.02,
 batch_size 32
"""


def test_many_settings_share_a_column_where_the_width_is_short() -> None:
    first, *_, last = a_sweep()
    more = ("training.optimizer.learning_rate", "training.batch_size")
    records = [
        run.model_copy(
            update={
                "settings": {**run.settings, **dict(zip(more, values, strict=True))},
                "metrics": {**run.metrics, "train": {"data_loss": loss, "accuracy": 0.5}},
            }
        )
        for run, values, loss in ((first, (0.01, 16), 0.05), (last, (0.02, 32), 0.1))
    ]
    assert "\n".join(lines(records, 80)[:10]).replace("\u00a0", " ") == MANY.rstrip("\n")


def test_columns_and_order_that_are_asked_for() -> None:
    keys = ("gap", "l1", "sparsity.exact", "id", "test.accuracy")
    shown = lines(a_sweep(), 40, Choice(keys, Sort("gap", descending=True)))
    assert shown[2].split() == ["gap", "l1", "zeros", "run", "acc."]
    gaps = [float(line.replace("★", "").split()[0]) for line in shown[4:8]]
    assert gaps == sorted(gaps, reverse=True)
    # The star of a result that is not shown stands in the first column.
    assert [line.split()[0] for line in shown[4:8]].count("★") == 1


def test_metrics_and_ranking_that_are_asked_for() -> None:
    asked = {"metrics": ["f1", "roc_auc"], "select_by": "validation.roc_auc"}
    records = [
        run.model_copy(
            update={
                "metrics": {
                    part: {**scores, "f1": 0.5 + n / 100, "roc_auc": 0.9 - n / 100}
                    for part, scores in run.metrics.items()
                }
            }
        )
        for n, run in enumerate(a_sweep(**asked))
    ]
    shown = lines(records, 200)
    labels = [label for label in heads(shown) if label.startswith("validation")]
    assert labels == ["validation loss", "validation F1", "validation ROC AUC"]
    assert "★ 0.9000" in shown[4]
    assert ("★ highest validation ROC AUC; test metrics are not used for ranking") in shown
    assert "accuracy" not in shown[2]
    assert [label for label in heads(lines(records, 80)) if label.startswith("val")] == [
        *("val loss", "val F1", "val AUC"),
    ]
    others = [run.model_copy(update={"config": {"select_by": "validation.f1"}}) for run in records]
    assert "validation F1" in heads(lines(others, 200))


def test_rows_are_full_and_gathered_where_asked() -> None:
    records = a_sweep(3)
    view = results_view(records, choice=Choice(("l1", "l2", "gap"), aggregate=True))
    table = csv_rows.text(view.rows()).splitlines()
    assert table[0] == "l1,l2,gap.mean,gap.sd,runs"
    assert len(table) == 1 + 4
    assert all(line.endswith(",3") for line in table[1:])
    (first, *_) = view.document()["aggregated"]
    assert first["runs"] == [run.id for run in records[:3]]
    losses = [run.metrics["validation"]["data_loss"] for run in records[:3]]
    assert first["results"]["validation.data_loss"]["mean"] == pytest.approx(sum(losses) / 3)
    assert "aggregated" not in results_view(records).document()


def test_exported_runs_are_told_apart_by_name_and_seed() -> None:
    one, two = a_sweep(2)[:2], [a_run(99, 0.5, 3, name="other")]
    (table,) = export_view([*one, *two], Choice()).report().tables
    keys = [column.key for column in table.columns]
    assert keys[:4] == ["id", "name", "l1", "seed"]
    assert [row.values[1] for row in table.rows] == ["digits", "digits", "other"]
    (table,) = export_view([*one, *two], Choice(aggregate=True)).report().tables
    assert [row.values[0] for row in table.rows] == ["digits", "other"]


def over_folds(repeats: int = 2, seeds: int = 2, sizes: tuple[int, ...] = (24, 24, 24)) -> Grid:
    """Two settings over folds of so many rows each."""
    grid = Grid()
    for l1 in (0.0, 0.1):
        for repeat in range(repeats):
            for number, rows in enumerate(sizes):
                losses = np.full((seeds, rows), 0.3 + l1 + number / 100)
                grid.add(losses, fold=(number, len(sizes), repeat), l1=l1)
    for place, run in enumerate(grid.records):
        assert run.data is not None
        rows = run.data.rows
        counts = {**rows, "train": sum(sizes) - rows["validation"], "test": 30}
        data = run.data.model_copy(update={"source": "iris", "rows": counts})
        grid.records[place] = run.model_copy(update={"data": data})
    return grid


def test_folds_and_repeats_are_averaged_as_seeds_are() -> None:
    shown = lines(over_folds().records, 120)
    assert "mean ± standard deviation over 3 folds, 2 repeats, 2 seeds" in shown
    assert "iris: 102 rows; 3 folds of 24 rows, 30 test rows" in shown
    assert sum("+11" in line for line in shown) == 2
    alone = lines(over_folds(repeats=1, seeds=1).records, 120)
    assert "mean ± standard deviation over 3 folds" in alone


def test_folds_of_unequal_size() -> None:
    shown = lines(over_folds(sizes=(24, 23, 23)).records, 120)
    assert "iris: 100 rows; 3 folds of 23 to 24 rows, 30 test rows" in shown


def test_folds_in_time_are_trained_on_the_rows_before_them() -> None:
    records = over_folds(repeats=1).records
    for place, run in enumerate(records):
        assert run.data is not None
        counts = {**run.data.rows, "train": 24 * (1 + run.settings["fold"]), "test": 0}
        data = run.data.model_copy(update={"rows": counts})
        records[place] = run.model_copy(update={"data": data})
    text = "iris: 96 rows; 3 folds of 24 rows, each trained on the 24 to 72 rows before it"
    assert text in lines(records, 120)


def test_settings_that_lack_folds_say_how_many_runs_they_have() -> None:
    shown = lines(over_folds().records[:-1], 120)
    assert "runs" in heads(shown)
    assert any("12 of 12" in line for line in shown)
    assert any("11 of 12" in line for line in shown)


def test_rows_for_other_programs_have_fold_and_repeat() -> None:
    first, *rows = csv_rows.text(results_view(over_folds().records).rows()).splitlines()
    assert first.startswith("id,name,state,l1,l2,seed,fold,method,repeat,train.data_loss,")
    assert [line.split(",")[5:9] for line in rows[:4]] == [
        ["0", "0", "proximal", "0"],
        ["1", "0", "proximal", "0"],
        ["0", "1", "proximal", "0"],
        ["1", "1", "proximal", "0"],
    ]


def test_aggregated_rows_are_of_all_folds() -> None:
    view = results_view(over_folds().records, choice=Choice(aggregate=True))
    first, *rows = csv_rows.text(view.rows()).splitlines()
    keys = first.split(",")
    assert len(rows) == 2
    values = dict(zip(keys, rows[0].split(","), strict=True))
    assert (values["runs"], values["train.data_loss.mean"]) == ("12", "0.31")
    assert not {"fold", "repeat", "seed"} & set(keys)
