"""The verdict as a person reads it."""

import io
from dataclasses import replace

import numpy as np
import pytest
from judged import Grid, right
from rich.console import Console

from regcli.report.contents import Report
from regcli.report.verdict_document import verdict_entry
from regcli.report.verdict_lines import verdict_table
from regcli.report.writers import terminal
from regcli.results.records import Optimality
from regcli.results.settings import by_setting
from regcli.results.verdict.judgement import Retraining, Verdict, judge


def text(grid: Grid, width: int = 80, margin: float = 0.01) -> str:
    console = Console(file=io.StringIO(), width=width, markup=False)
    table = verdict_table(grid.judge(margin))
    return terminal.text(Report((table,)), console).replace("\u00a0", " ")


def lines(grid: Grid, margin: float = 0.01) -> dict[str, str]:
    """The lines by their labels."""
    return lines_of(grid.judge(margin))


def lines_of(verdict: Verdict) -> dict[str, str]:
    rows = verdict_table(verdict).rows
    return {row.values[0]: row.values[1].replace("\u00a0", " ") for row in rows}


def sparse() -> Grid:
    """A sparse setting that costs nothing, and one that does."""
    grid = Grid()
    losses = np.random.default_rng(0).normal(0.3, 0.2, (3, 1000))
    grid.add(losses, right(10), l1=0.0)
    grid.add(losses + 0.001, right(11), nonzero=120, l1=0.01)
    grid.add(losses + 0.5, right(300), nonzero=10, l1=0.1)
    return grid


def test_six_lines_at_80_columns() -> None:
    assert text(sparse()).strip("\n").splitlines() == [
        " use    l1 0.01 — 81.2% of the weights are zero; accuracy −0.10 pt (95% −0.44",
        "        to +0.24; 3 seeds × 1,000 rows) against l1 0: practically the same (±1",
        "        pt)",
        " best   l1 0 — picked again in 100% of resamples",
        " test   accuracy 0.7800 (95% 0.6424 to 0.8750; 3 seeds × 50 rows); without",
        "        penalty 0.8000",
        " next   regcli runs export 000000000003 -o best.keras",
    ]


def test_no_width_cuts_a_word() -> None:
    whole = " ".join(text(sparse(), 1000).split())
    for width in (40, 60, 100, 140):
        shown = text(sparse(), width)
        assert " ".join(shown.split()) == whole
        assert all(len(line) <= max(width, 60) for line in shown.splitlines())


def test_the_reference_is_used_where_nothing_is_better() -> None:
    grid = Grid()
    losses = np.random.default_rng(0).normal(0.3, 0.1, (2, 500))
    grid.add(losses, right(10, 2, 500), nonzero=100, l1=0.0)
    grid.add(losses + 0.5, right(10, 2, 500), nonzero=100, l1=0.1)
    found = lines(grid)
    assert found["use"] == (
        "l1 0 — 84.4% of the weights are zero; no penalty; no other setting is shown to be better"
    )
    assert found["best"] == "l1 0 (the same) — picked again in 100% of resamples"


def test_a_reference_that_is_used_though_another_setting_is_more_often_right() -> None:
    grid = Grid()
    losses = np.random.default_rng(0).normal(0.3, 0.1, (2, 500))
    grid.add(losses, right(100, 2, 500), l1=0.0)
    grid.add(losses + 0.5, right(10, 2, 500), l1=0.1)
    assert lines(grid)["use"] == "l1 0 — no penalty; lower loss, though better accuracy: l1 0.1"


def test_settings_that_differ_in_no_strength() -> None:
    grid = Grid()
    losses = np.random.default_rng(0).normal(0.3, 0.1, (2, 500))
    for wrong, rate in ((100, 0.1), (10, 0.01)):
        shift = wrong / 100
        grid.add(losses + shift, right(wrong, 2, 500), **{"training.optimizer.learning_rate": rate})
    found = lines(grid)
    assert found["use"].endswith(" against learning_rate 0.1: better")
    assert found["test"].endswith("; learning_rate 0.1 0.0000")
    grid.records = grid.records[::-1]
    assert lines(grid)["use"] == "learning_rate 0.01 — no other setting is shown to be better"


def test_a_loss_is_compared_in_percent() -> None:
    grid = Grid(task="regression")
    losses = np.random.default_rng(0).normal(100, 1, (3, 400))
    grid.add(losses + 30, l1=0.0)
    grid.add(losses, l1=0.1)
    found = lines(grid, margin=0.02)
    assert found["use"].endswith("against l1 0: better")
    assert (
        "loss −23.08% (lower is better; 95% −23.08 to −23.08; 3 seeds × 400 rows)" in found["use"]
    )
    assert found["test"].startswith("loss 100.")
    assert found["warning"] == ("the best l1 is at the grid's edge: try --l1 0,log:0.1:10:5")


UNSURE = [
    (
        (1, 0.0),
        "one seed and one split: --seeds 5 covers initialization, --folds 5 other rows",
    ),
    (
        (4, 0.0),
        "rows make 100% of the variance: more seeds will not settle this; --folds 5 may",
    ),
]


@pytest.mark.parametrize(("drawn", "expected"), UNSURE)
def test_what_would_settle_it(drawn: tuple[int, float], expected: str) -> None:
    seeds, _ = drawn
    rng = np.random.default_rng(3)
    one, other = (np.tile(rng.random((1, 200)) < 0.9, (seeds, 1)).astype(float) for _ in "ab")
    grid = Grid()
    losses = np.tile(rng.normal(0.3, 0.3, 200), (seeds, 1))
    grid.add(losses, one, l1=0.0)
    grid.add(losses, other, nonzero=100, l1=0.1)
    found = lines(grid)
    assert found["use"].endswith("against l1 0: cannot tell")
    assert found["unsure"] == expected


def test_folds_do_not_go_with_a_validation_file() -> None:
    grid = sparse()
    for place, run in enumerate(grid.records):
        dataset = {**run.config["dataset"], "validation": "held-out.csv"}
        grid.records[place] = run.model_copy(update={"config": {**run.config, "dataset": dataset}})
    assert lines(grid, margin=0.001)["unsure"] == (
        "rows make 100% of the variance: more seeds will not settle this; "
        "--set dataset.validation=0.2 --folds 5 may"
    )


def test_seeds_that_differ_ask_for_more_seeds() -> None:
    rng = np.random.default_rng(4)
    grid = Grid()
    losses = rng.normal(0.3, 0.3, 400)
    for l1, nonzero in ((0.0, 640), (0.1, 100)):
        shares = rng.uniform(0.6, 0.95, (3, 1))
        right = (np.linspace(0, 1, 400, endpoint=False) < shares).astype(float)
        grid.add(np.tile(losses, (3, 1)), right, nonzero=nonzero, l1=l1)
    unsure = lines(grid)["unsure"]
    assert unsure.startswith("seeds make ")
    assert unsure.endswith("% of the variance: --seeds 12 may settle it")


def test_runs_that_were_stored_without_their_rows() -> None:
    grid = sparse()
    grid.rows.clear()
    found = lines(grid)
    assert found["use"] == ("l1 0 — no penalty; no other setting is shown to be better")
    assert found["test"] == "accuracy 0.8000"


@pytest.mark.parametrize("metric", ["average_precision"])
def test_a_metric_that_rows_say_nothing_of(metric: str) -> None:
    grid = Grid(select_by=f"validation.{metric}")
    for split in range(3):
        for l1, value in ((0.0, -0.4 + 0.1 * split), (0.1, -0.2 + 0.1 * split)):
            grid.add(np.full((2, 50), 0.3), split=split, l1=l1)
            for place in (-1, -2):
                scores = {"validation": {metric: value}, "test": {metric: value}}
                grid.records[place] = grid.records[place].model_copy(update={"metrics": scores})
    assert lines(grid)["use"].endswith("against l1 0: better")
    grid.records = [run for run in grid.records if "dataset.seed" not in run.settings]
    found = lines(grid)
    assert found["use"].endswith("against l1 0: cannot tell")
    assert found["unsure"].startswith("no row tells how sure ")
    assert found["unsure"].endswith(" is: --folds 5 gives its interval")


def test_a_metric_that_was_not_asked_for_when_its_runs_were_trained() -> None:
    grid = Grid(select_by="validation.roc_auc")
    for l1, value in ((0.0, 0.9), (0.1, 0.95)):
        grid.add(np.full((2, 50), 0.3), l1=l1)
        for place in (-1, -2):
            scores = {"validation": {"roc_auc": value}, "test": {"roc_auc": value}}
            grid.records[place] = grid.records[place].model_copy(update={"metrics": scores})
    assert lines(grid)["unsure"] == (
        "these runs were stored without their rows: --fresh trains them again with them"
    )


def test_splits_are_counted() -> None:
    grid = Grid()
    rng = np.random.default_rng(6)
    for split in range(4):
        losses = rng.normal(0.3, 0.01, (2, 300))
        grid.add(losses, right(10 + split, 2, 300), split=split, l1=0.0)
        grid.add(losses, right(12 + 5 * split, 2, 300), nonzero=50, split=split, l1=0.1)
    found = lines(grid)
    assert "4 splits × 2 seeds" in found["use"]
    assert found["unsure"] == (
        "4 splits differ too much: --vary dataset.seed=lin:0:7:8 (more splits) may settle it"
    )


def folds(seeds: int, shift: float, spread: float = 0.0, **config: object) -> Grid:
    """5 folds × 2 repeats of 100 rows, of which a sparse setting has more wrong.

    Args:
        shift: of the share of rows that it has wrong.
        spread: by how much that differs between seeds.
    """
    rng, grid = np.random.default_rng(5), Grid(**config)
    for repeat in range(2):
        for number in range(5):
            losses = np.tile(rng.normal(0.3, 0.01, 100), (seeds, 1))
            rows = rng.random((1, 100))
            other = np.tile(rng.random((1, 100)), (seeds, 1))
            bound = 0.9 - shift + rng.uniform(-spread, spread, (seeds, 1))
            fold = (number, 5, repeat)
            one = np.tile(rows < 0.9, (seeds, 1)).astype(float)
            grid.add(losses, one, fold=fold, l1=0.0)
            grid.add(losses, (other < bound).astype(float), nonzero=50, fold=fold, l1=0.1)
    return grid


def test_folds_and_repeats_are_counted() -> None:
    found = lines(folds(seeds=2, shift=0.6))
    assert "; 5 folds × 2 repeats × 2 seeds) against l1 0: worse" in found["use"]
    assert "; 5 folds × 2 repeats × 2 seeds × 50 rows)" in found["test"]
    assert "; 5 folds × 2 repeats × 1 seed) " in lines(folds(seeds=1, shift=0.6))["use"]


@pytest.mark.parametrize(
    ("seeds", "shift", "spread", "expected"),
    [
        (2, 0.03, 0.0, ": --repeats 5 may settle it"),
        (2, 0.004, 0.0, ": more seeds or repeats will not settle this; more rows may"),
        (1, 0.03, 0.0, " that one seed shows: --repeats 10 may settle it"),
        (
            1,
            0.004,
            0.0,
            " that one seed shows: more repeats will not settle this; more rows may, --seeds 5 "
            "measures initialization",
        ),
    ],
)
def test_what_would_settle_it_over_folds(
    seeds: int, shift: float, spread: float, expected: str
) -> None:
    unsure = lines(folds(seeds, shift, spread), margin=0.001)["unsure"]
    assert unsure.startswith("rows make ")
    assert unsure.endswith(f"% of the variance{expected}")


def test_one_seed_shows_all_that_seeds_change_of_models_at_their_optimum() -> None:
    optimum = Optimality(residual=0, pull=1, relative=0, settled=True, polish_steps=10, gap=1e-9)
    grid = folds(1, 0.004)
    grid.records = [run.model_copy(update={"optimality": optimum}) for run in grid.records]
    assert lines(grid, margin=0.001)["unsure"].endswith(
        "% of the variance: more seeds or repeats will not settle this; more rows may"
    )


def test_shares_that_are_not_known_do_not_rule_out_more_seeds() -> None:
    grid = folds(2, 0.004)
    grid.rows.clear()
    assert lines(grid, margin=0.001)["unsure"] == (
        "5 folds differ too much: more repeats will not settle this; more rows or seeds may"
    )


def test_folds_whose_seeds_differ_ask_for_more_seeds() -> None:
    unsure = lines(folds(2, 0.05, 0.6), margin=0.001)["unsure"]
    assert unsure.startswith("seeds make ")
    assert unsure.endswith("% of the variance: --seeds 8 may settle it")


def test_folds_that_are_all_right_do_not_differ() -> None:
    grid = Grid()
    rng = np.random.default_rng(7)
    for number in range(5):
        losses = rng.normal(0.3, 0.01, (1, 10))
        for place, l1 in enumerate((0.0, 0.1)):
            own = losses + place / 1000
            grid.add(own, right(0, 1, 10), nonzero=640 - 100 * place, fold=(number, 5, 0), l1=l1)
    assert lines(grid, margin=0.001)["unsure"] == (
        "no held-out row tells the two apart, and 50 rows are too few to call them the same"
    )


def test_folds_in_time_have_no_repeats() -> None:
    grid = folds(2, 0.03)
    grid.records = [
        run.model_copy(
            update={
                "config": {**run.config, "dataset": {**run.config["dataset"], "time": "month"}},
                "settings": {**run.settings, "repeat": 0},
            }
        )
        for run in grid.records
    ]
    assert "--repeats" not in lines(grid, margin=0.001)["unsure"]


def test_a_document_counts_folds_and_has_the_shares_of_all_three() -> None:
    entry = verdict_entry(folds(2, 0.03).judge())
    found = entry["comparisons"][0]["difference"]
    counts = {"seeds": 2, "rows": 500, "splits": 1, "folds": 5, "repeats": 2}
    assert {key: found[key] for key in counts} == counts
    shares = [found[f"share_of_{what}"] for what in ("rows", "seeds", "splits")]
    assert all(share >= 0 for share in shares)
    assert sum(shares) == pytest.approx(1)
    tested = entry["use"]["test"]
    assert {key: tested[key] for key in counts} == {**counts, "rows": 50}
    alone = verdict_entry(sparse().judge())["use"]["validation"]
    assert (alone["splits"], alone["folds"], alone["repeats"]) == (1, None, None)


def test_after_folds_the_model_is_trained_anew() -> None:
    again = Retraining("my wine.yaml", {"regularization.l1": 0.1, "training.batch_size": 16})
    verdict = replace(folds(2, 0.03).judge(), retraining=again)
    expected = "regcli train 'my wine.yaml' --l1 0.1 --set training.batch_size=16"
    assert verdict_table(verdict).rows[-1].values == ("next", expected)
    one_split = replace(sparse().judge(), retraining=again)
    assert verdict_table(one_split).rows[-1].values[1].startswith("regcli runs export ")


def test_a_path_names_its_weakest_point_and_its_own_option() -> None:
    grid = Grid()
    losses = np.random.default_rng(0).normal(0.3, 0.2, (3, 1000))
    grid.add(losses, right(10), l1=0.001)
    grid.add(losses + 0.5, right(300), l1=0.1)
    verdict = judge(by_setting(grid.records), grid.rows.get, along="l1")
    assert verdict is not None
    shown = lines_of(verdict)
    assert shown["use"] == (
        "l1 0.001 — the weakest point of the path; no other setting is shown to be better"
    )
    assert shown["warning"] == (
        "the best l1 is at the path's edge: try --values 0,log:1e-05:0.001:5"
    )


def test_variants_are_named_with_what_varies_within_them() -> None:
    grid = Grid()
    losses = np.random.default_rng(0).normal(0.3, 0.2, (3, 1000))
    grid.add(losses, right(10), variant="none", l1=0.0, rate=0.0)
    grid.add(losses + 0.001, right(11), nonzero=120, variant="l1", l1=0.01, rate=0.0)
    grid.add(losses + 0.5, right(300), variant="l1", l1=0.1, rate=0.0)
    grid.add(losses + 0.5, right(300), variant="dropout", l1=0.0, rate=0.3)
    shown = lines(grid)
    assert shown["use"].startswith("l1, l1 0.01 — 81.2% of the weights are zero; accuracy −0.10 pt")
    assert shown["use"].endswith("against none: practically the same (±1 pt)")
    assert shown["best"].startswith("none — picked again")
