"""The verdict on grids whose truth is known."""

import math

import numpy as np
import pytest
from judged import Floats, Grid, right

from regcli.results.settings import Ranking, by_setting
from regcli.results.statistics.equivalence import Finding
from regcli.results.statistics.estimate import Estimate
from regcli.results.verdict.cautions import cautions
from regcli.results.verdict.judgement import judge, score_interval
from regcli.results.verdict.samples import Samples

ROWS = 359


def drawn(rng: np.random.Generator, seeds: int) -> Floats:
    """Losses, (seeds, rows)."""
    return rng.normal(0.3, 0.3, (seeds, ROWS))


def accuracy(rng: np.random.Generator, share: float, seeds: int) -> Floats:
    """Rows of which a share is right, drawn at random, (seeds, rows)."""
    return (rng.random((seeds, ROWS)) < share).astype(float)


def test_a_sparse_setting_that_costs_nothing_is_used() -> None:
    """Everything about it, in a grid whose settings differ by known rows."""
    grid = Grid()
    losses = np.random.default_rng(0).normal(0.3, 0.2, (3, 1000))
    grid.add(losses, right(40), l1=0.0)
    grid.add(losses + 0.001, right(41), nonzero=120, l1=0.01)
    grid.add(losses + 0.5, right(300), nonzero=10, l1=0.1)
    verdict = grid.judge()
    assert (verdict.best, verdict.use, verdict.reference) == (0, 1, 0)
    assert verdict.ranking.key == "validation.data_loss"
    assert (verdict.score.key, verdict.margin) == ("validation.accuracy", 0.01)
    assert verdict.comparisons[0] is None
    assert [each and each.finding for each in verdict.comparisons[1:]] == [
        Finding.SAME,
        Finding.WORSE,
    ]
    compared = verdict.compared
    assert compared is not None
    assert compared.difference.estimate.mean == pytest.approx(-0.001)
    assert (compared.difference.seeds, compared.difference.rows) == (3, 1000)
    assert verdict.selection is not None
    assert verdict.selection.recurrence.tolist() == [1, 0, 0]
    assert verdict.pareto == (2, 1, 0)
    assert sorted(verdict.tests) == [0, 1]
    assert verdict.tests[1].rows == 50


def test_a_setting_that_is_better_is_called_so() -> None:
    grid = Grid()
    losses = np.random.default_rng(1).normal(0.3, 0.1, (5, ROWS))
    grid.add(losses + 0.2, right(80, 5, ROWS), l1=0.0)
    grid.add(losses, right(20, 5, ROWS), l1=0.01)
    verdict = grid.judge()
    assert (verdict.best, verdict.use, verdict.reference) == (1, 1, 0)
    assert verdict.compared is not None
    assert verdict.compared.finding is Finding.BETTER
    assert verdict.rivals == 0


def test_losses_are_compared_by_share_of_the_reference_s() -> None:
    grid = Grid(task="regression")
    losses = np.random.default_rng(2).normal(100.0, 1.0, (3, 200))
    grid.add(losses, l1=0.0)
    grid.add(losses + 0.5, l1=0.1)
    verdict = grid.judge(margin=0.02)
    assert verdict.score.key == "validation.data_loss"
    assert verdict.margin == pytest.approx(0.02 * losses.mean(), rel=1e-6)
    findings = [grid.judge(margin).comparisons[1] for margin in (0.02, 0.004)]
    assert [each and each.finding for each in findings] == [Finding.SAME, Finding.WORSE]


def test_the_margin_that_is_asked_for_decides_what_is_practically_the_same() -> None:
    grid = Grid()
    losses = np.random.default_rng(3).normal(0.3, 0.1, (2, 1000))
    grid.add(losses, right(40, 2), l1=0.0)
    grid.add(losses, right(60, 2), l1=0.1)
    findings = [grid.judge(margin).comparisons[1] for margin in (0.01, 0.05)]
    assert [each and each.finding for each in findings] == [Finding.WORSE, Finding.SAME]


def test_one_seed_is_compared_by_its_rows() -> None:
    grid = Grid()
    rng = np.random.default_rng(4)
    grid.add(drawn(rng, 1), accuracy(rng, 0.9, 1), l1=0.0)
    grid.add(drawn(rng, 1), accuracy(rng, 0.9, 1), l1=0.1)
    compared = grid.judge().comparisons[1]
    assert compared is not None
    assert (compared.difference.seeds, compared.difference.rows) == (1, ROWS)
    assert math.isnan(compared.difference.of_seeds)
    assert compared.finding is Finding.UNKNOWN


@pytest.mark.parametrize(("rows", "word"), [(30, Finding.UNKNOWN), (1000, Finding.SAME)])
def test_rows_that_are_all_right_in_both_settings_do_not_make_them_the_same(
    rows: int, word: Finding
) -> None:
    """Of 30 rows without a difference, one in ten further rows may well have one."""
    grid = Grid()
    losses = np.random.default_rng(7).normal(0.3, 0.1, (2, rows))
    for l1 in (0.0, 0.1):
        grid.add(losses, np.ones((2, rows)), l1=l1)
    compared = grid.judge().comparisons[1]
    assert compared is not None
    assert compared.finding is word
    estimate = compared.difference.estimate
    assert estimate.mean == 0
    # Bonett & Price's variance, of n − 1: one of n + 2 pairs differs each way.
    share = 1 / (rows + 2)
    assert estimate.variance == pytest.approx(2 * share / (rows + 1), rel=1e-9)


def test_splits_without_any_difference_do_not_make_settings_the_same() -> None:
    grid = Grid()
    for split in range(3):
        for l1 in (0.0, 0.1):
            grid.add(np.full((1, 20), 0.3), np.ones((1, 20)), split=split, l1=l1)
    compared = grid.judge().comparisons[1]
    assert compared is not None
    assert compared.finding is Finding.UNKNOWN


@pytest.mark.slow
@pytest.mark.parametrize(("rows", "differing"), [(30, 0.02), (114, 0.02), (359, 0.01), (60, 0.2)])
def test_intervals_of_accuracies_cover_the_truth(rows: int, differing: float) -> None:
    """Rows that one setting alone has right, as often as rows that the other one has."""
    rng, covered = np.random.default_rng(8), 0
    for _ in range(1000):
        draw = rng.random((1, rows))
        values = (draw < differing).astype(float) - (draw > 1 - differing)
        grid = Grid()
        grid.add(np.full((1, rows), 0.3), np.zeros((1, rows)), l1=0.0)
        grid.add(np.full((1, rows), 0.3), values, l1=0.1)
        samples = Samples(grid.rows.get, 2)
        found = samples.difference(*by_setting(grid.records)[::-1], "validation.accuracy")
        assert found is not None
        low, high = found.estimate.interval()
        covered += low <= 0 <= high
    assert covered / 1000 >= 0.94


def test_seeds_that_only_one_setting_has_are_left_out_of_the_difference() -> None:
    grid = Grid()
    rng = np.random.default_rng(5)
    losses = drawn(rng, 3)
    grid.add(losses, l1=0.0)
    grid.add(losses[1:] + 0.1, seeds=1, l1=0.1)
    compared = grid.judge().comparisons[1]
    assert compared is not None
    assert compared.difference.seeds == 2
    assert compared.difference.estimate.mean == pytest.approx(0.1, abs=1e-6)


def test_splits_are_no_settings_and_their_interval_is_corrected() -> None:
    grid = Grid()
    rng = np.random.default_rng(6)
    differences = np.array([0.01, 0.03, 0.02, 0.05])
    for split, difference in enumerate(differences):
        losses = drawn(rng, 2)
        grid.add(losses, split=split, l1=0.0)
        grid.add(losses + difference, split=split, l1=0.1)
    verdict = grid.judge()
    assert len(verdict.settings) == 2
    compared = verdict.comparisons[1]
    assert compared is not None
    estimate = compared.difference.estimate
    assert (compared.difference.splits, compared.difference.seeds) == (4, 2)
    assert estimate.mean == pytest.approx(differences.mean(), abs=1e-6)
    assert estimate.variance == pytest.approx(differences.var(ddof=1) * (1 / 4 + 1 / 3), rel=1e-4)
    assert estimate.degrees == 3
    assert verdict.selection is not None
    assert verdict.selection.recurrence.tolist() == [1, 0]


def test_runs_without_rows_are_not_told_apart() -> None:
    grid = Grid()
    grid.add(np.full((3, ROWS), 0.3), l1=0.0)
    grid.add(np.full((3, ROWS), 0.9), l1=0.1)
    grid.rows.clear()
    verdict = grid.judge()
    assert (verdict.best, verdict.use) == (0, 0)
    assert verdict.comparisons[1] is not None
    assert verdict.comparisons[1].finding is Finding.UNKNOWN
    assert verdict.comparisons[1].difference.rows == 0
    assert verdict.selection is None


def test_a_setting_whose_loss_is_not_finite_is_never_used() -> None:
    grid = Grid()
    losses = np.full((2, ROWS), 0.3)
    broken = losses.copy()
    broken[0, 7] = np.inf
    grid.add(losses, l1=0.0)
    grid.add(broken, l1=0.1, nonzero=1)
    verdict = grid.judge()
    assert (verdict.best, verdict.use) == (0, 0)
    assert 1 not in verdict.pareto


def test_without_a_setting_of_zero_strength_there_is_no_reference() -> None:
    grid = Grid()
    for l1 in (0.01, 0.1):
        grid.add(np.full((1, ROWS), l1), l1=l1)
    verdict = grid.judge()
    assert verdict.reference is None
    assert verdict.comparisons == (None, None)
    assert verdict.compared is None


def test_of_several_settings_without_penalty_the_best_is_the_reference() -> None:
    grid = Grid()
    for loss, rate in ((0.4, 0.1), (0.3, 0.01), (0.5, 0.001)):
        grid.add(np.full((1, ROWS), loss), **{"training.optimizer.learning_rate": rate})
    grid.add(np.full((1, ROWS), 0.35), l1=0.1, **{"training.optimizer.learning_rate": 0.01})
    assert grid.judge().reference == 1


def test_where_no_strength_varies_the_first_setting_is_the_reference() -> None:
    """It is not chosen by its results, which would make the others look worse than they are."""
    grid = Grid()
    for loss, rate in ((0.4, 0.1), (0.3, 0.01), (0.5, 0.001)):
        grid.add(np.full((1, ROWS), loss), **{"training.optimizer.learning_rate": rate})
    verdict = grid.judge()
    assert (verdict.reference, verdict.best) == (0, 1)
    assert not cautions(verdict)[0].key


def test_a_metric_that_is_asked_for_ranks_and_is_compared() -> None:
    grid = Grid(select_by="validation.accuracy", metrics=["accuracy"])
    grid.add(np.full((2, 1000), 0.3), right(40, 2), l1=0.0)
    grid.add(np.full((2, 1000), 0.9), right(10, 2), l1=0.1)
    verdict = grid.judge()
    assert (verdict.best, verdict.ranking.key, verdict.score.key) == (
        1,
        "validation.accuracy",
        "validation.accuracy",
    )


def test_one_setting_and_settings_of_other_rows_have_no_verdict() -> None:
    grid = Grid()
    grid.add(np.full((2, ROWS), 0.3), l1=0.0)
    assert judge(by_setting(grid.records), grid.rows.get) is None
    grid.add(np.full((2, ROWS), 0.3), split=1, l1=0.1)
    assert judge(by_setting(grid.records), grid.rows.get) is None


@pytest.mark.slow
def test_of_20_equal_settings_hardly_ever_is_one_called_better() -> None:
    found = 0
    for number in range(100):
        rng = np.random.default_rng(number)
        shared, grid = rng.normal(0.3, 0.3, 100), Grid(task="regression")
        for place in range(20):
            own = rng.normal(0, 0.3, (3, 100)) + rng.normal(0, 0.02, (3, 1))
            grid.add(shared + own, l1=place / 100)
        findings = [each.finding for each in grid.judge().comparisons if each is not None]
        found += bool({Finding.BETTER, Finding.WORSE} & set(findings))
    assert found / 100 <= 0.05


def test_a_path_is_compared_with_its_weakest_point() -> None:
    grid = Grid()
    losses = np.random.default_rng(5).normal(0.3, 0.2, (2, ROWS))
    for place, l1 in enumerate((0.5, 0.001, 0.05)):
        grid.add(losses + 0.01 * place, right(40, 2, ROWS), l1=l1)
    settings = by_setting(grid.records)
    verdict = judge(settings, grid.rows.get, along="l1")
    assert verdict is not None
    assert (verdict.reference, verdict.is_against_none, verdict.along) == (1, False, "l1")
    assert [each is None for each in verdict.comparisons] == [False, True, False]
    plain = judge(settings, grid.rows.get)
    assert plain is not None
    assert plain.reference is None
    kinds = [[caution.kind.value for caution in cautions(each)] for each in (verdict, plain)]
    assert "reference" in kinds[1]
    assert "reference" not in kinds[0]


def test_of_variants_the_first_without_penalty_is_the_reference() -> None:
    """A better one without strengths, such as dropout, is a method to compare."""
    grid = Grid()
    losses = np.random.default_rng(6).normal(0.3, 0.2, (2, ROWS))
    grid.add(losses + 0.1, right(60, 2, ROWS), variant="l1", l1=0.1)
    grid.add(losses + 0.1, right(60, 2, ROWS), variant="none", l1=0.0)
    grid.add(losses, right(10, 2, ROWS), variant="dropout", l1=0.0)
    verdict = grid.judge()
    assert (verdict.best, verdict.reference) == (2, 1)
    assert verdict.comparisons[2] is not None
    assert verdict.comparisons[2].finding is Finding.BETTER


def test_a_choice_among_some_of_the_settings_is_not_resampled() -> None:
    """Runs of an earlier version have no rows: the best alone would always be picked again."""
    grid = Grid()
    losses = np.random.default_rng(7).normal(0.3, 0.2, (2, ROWS))
    grid.add(losses, right(40, 2, ROWS), l1=0.0)
    grid.add(losses + 0.001, right(41, 2, ROWS), l1=0.1)
    assert grid.judge().selection is not None
    for run in grid.records[2:]:
        del grid.rows[run.id]
    assert grid.judge().selection is None


def test_a_perfect_ranking_of_few_rows_is_not_certain() -> None:
    grid = Grid(select_by="validation.roc_auc")
    for l1 in (0.0, 0.1):
        grid.add(np.full((2, 20), 0.3), l1=l1)
        for place in (-1, -2):
            run = grid.records[place]
            scores = {**run.metrics["validation"], "roc_auc": 1.0}
            metrics = {"validation": scores, "test": scores}
            grid.records[place] = run.model_copy(update={"metrics": metrics})
            rows = {**grid.rows[run.id]["validation"], "roc_auc": np.ones(20, np.float32)}
            grid.rows[run.id] = {"validation": rows}
    verdict = grid.judge()
    assert verdict.compared is not None
    assert verdict.compared.finding is Finding.UNKNOWN
    mean = verdict.means[0]
    assert mean is not None
    low, high = score_interval(verdict.score, mean.estimate) or (1.0, 1.0)
    assert low < 0.95 < high == 1.0


@pytest.mark.parametrize(
    ("key", "lowest"),
    [
        ("log_loss", 0.0),
        ("test.rmse", 0.0),
        ("validation.balanced_accuracy", 0.0),
        ("r2", -math.inf),
        ("validation.data_loss", -math.inf),
    ],
)
def test_an_interval_ends_at_the_least_value_that_there_is(key: str, lowest: float) -> None:
    estimate = Estimate(0.4, 0.3**2, 3)
    found = score_interval(Ranking(key, False), estimate)
    low, high = estimate.interval()
    assert low < 0
    assert found == (max(low, lowest), 1.0 if key.endswith(("accuracy", "r2")) else high)
