"""The verdict over folds and repeats: against formulas, against scikit-learn, and by simulation."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from judged import TEST_ROWS, Floats, Grid, right
from scipy import stats
from sklearn.datasets import load_breast_cancer, load_diabetes
from sklearn.linear_model import LogisticRegression, lasso_path
from sklearn.model_selection import BaseCrossValidator, KFold, StratifiedKFold

from regcli.results.settings import by_setting
from regcli.results.statistics.equivalence import Finding
from regcli.results.statistics.selection import bias_corrected
from regcli.results.statistics.two_way import two_way
from regcli.results.verdict.judgement import Verdict, score_interval
from regcli.results.verdict.samples import Sample, Samples


def over_folds(
    rng: np.random.Generator, *shifts: float, folds: int = 5, repeats: int = 2, seeds: int = 2
) -> Grid:
    """A grid of settings with 40 rows a fold; each has the first one's losses plus a number."""
    grid = Grid(task="regression")
    for repeat in range(repeats):
        for number in range(folds):
            losses = rng.normal(0.3, 0.1, (seeds, 40))
            for place, shift in enumerate(shifts):
                own = losses + shift * (1 + number + repeat)
                grid.add(own, nonzero=640 - 10 * place, fold=(number, folds, repeat), l1=place / 10)
    return grid


def difference(verdict: Verdict, place: int = 1) -> Sample:
    comparison = verdict.comparisons[place]
    assert comparison is not None
    return comparison.difference


def test_the_interval_over_folds_is_nadeau_and_bengio_s() -> None:
    verdict = over_folds(np.random.default_rng(0), 0.0, 0.01).judge()
    assert len(verdict.settings) == 2
    found = difference(verdict)
    assert (found.splits, found.folds, found.repeats, found.seeds, found.rows) == (1, 5, 2, 2, 200)
    means = 0.01 * np.array([1 + number + repeat for repeat in range(2) for number in range(5)])
    variance = means.var(ddof=1) * (1 / 10 + 1 / 4)
    assert found.test_to_train == pytest.approx(1 / 4)
    assert found.estimate.mean == pytest.approx(means.mean(), abs=1e-6)
    assert found.estimate.variance == pytest.approx(variance, rel=1e-4)
    half = stats.t.ppf(0.975, 9) * math.sqrt(variance)
    assert found.estimate.interval() == pytest.approx(
        (means.mean() - half, means.mean() + half), abs=1e-5
    )


def test_folds_that_are_all_right_speak_for_their_rows() -> None:
    """The interval is Wilson's of all rows that were held out, not of as many trials as folds."""
    grid = Grid()
    for l1 in (0.0, 0.1):
        for number in range(5):
            grid.add(np.full((1, 40), 0.1 + l1), right(0, 1, 40), fold=(number, 5, 0), l1=l1)
    verdict = grid.judge()
    mean, tested = verdict.means[0], verdict.tests[0]
    assert mean is not None
    for sample, rows in ((mean, 200), (tested, TEST_ROWS)):
        low, high = score_interval(verdict.score, sample.estimate) or (0.0, 0.0)
        z = stats.t.ppf(0.975, rows - 1)
        assert (low, high) == (pytest.approx(rows / (rows + z * z)), 1.0)


def test_folds_of_several_splits_are_folds_of_one_experiment() -> None:
    grid = Grid(task="regression")
    rng = np.random.default_rng(1)
    for split in range(3):
        for number in range(2):
            losses = rng.normal(0.3, 0.1, (1, 40))
            for l1 in (0.0, 0.1):
                own = losses + l1 * (split + number)
                grid.add(own, split=split, fold=(number, 2, 0), l1=l1)
    found = difference(grid.judge())
    assert (found.splits, found.folds, found.repeats, found.rows) == (3, 2, 1, 80)
    assert found.estimate.degrees == 5
    tested = grid.judge().tests[0]
    assert (tested.splits, tested.folds, tested.rows) == (3, 2, TEST_ROWS)


def test_folds_of_unequal_size_have_the_mean_of_their_ratios() -> None:
    """As folds in time have: each is trained on the rows before it."""
    grid = Grid(task="regression")
    rng = np.random.default_rng(2)
    for number in range(3):
        for l1 in (0.0, 0.1):
            grid.add(rng.normal(0.3, 0.1, (1, 20)), fold=(number, 3, 0), l1=l1)
    for run in grid.records:
        assert run.data is not None
        train = 20 * (1 + run.settings["fold"])
        data = run.data.model_copy(update={"rows": {**run.data.rows, "train": train}})
        grid.records[grid.records.index(run)] = run.model_copy(update={"data": data})
    assert difference(grid.judge()).test_to_train == pytest.approx((1 + 1 / 2 + 1 / 3) / 3)


def test_models_of_all_folds_are_scored_on_the_same_test_rows() -> None:
    grid = over_folds(np.random.default_rng(3), 0.0, 0.5, folds=4, repeats=2, seeds=2)
    sample = grid.judge().tests[0]
    # The rows of the made-up grid: 40 of each run, as many as it has validation rows.
    rows = [
        grid.rows[run.id]["test"]["data_loss"] for run in grid.records if not run.settings["l1"]
    ]
    expected = two_way(np.array(rows, np.float64)).estimate
    assert sample.estimate.mean == pytest.approx(expected.mean)
    assert sample.estimate.variance == pytest.approx(expected.variance)
    assert (sample.seeds, sample.folds, sample.repeats, sample.splits) == (2, 4, 2, 1)
    assert (sample.rows, sample.test_to_train) == (TEST_ROWS, None)


@pytest.mark.parametrize("sds", [(0, 0, 0.5), (0, 0.1, 0), (0.1, 0, 0), (0.02, 0.02, 0.1)])
def test_shares_of_rows_seeds_and_training_rows(sds: tuple[float, float, float]) -> None:
    """Effects of a fold, of a seed and of a row, whose standard deviations are known."""
    rng = np.random.default_rng(4)
    fold_sd, seed_sd, row_sd = sds
    grid = Grid(task="regression")
    for repeat in range(30):
        for number in range(5):
            losses = rng.normal(0.3, 0.1, (2, 30))
            effect = rng.normal(0, fold_sd) + rng.normal(0, seed_sd, (2, 1))
            fold = (number, 5, repeat)
            grid.add(losses, fold=fold, l1=0.0)
            grid.add(losses + effect + rng.normal(0, row_sd, 30), fold=fold, l1=0.1)
    found = difference(grid.judge())
    total = fold_sd**2 + seed_sd**2 / 2 + row_sd**2 / 30
    true = np.array([row_sd**2 / 30, seed_sd**2 / 2, fold_sd**2]) / total
    shares = [found.of_rows, found.of_seeds, found.of_splits]
    assert shares == pytest.approx(true, abs=0.12)


def test_one_seed_leaves_its_share_unknown() -> None:
    found = difference(over_folds(np.random.default_rng(5), 0.0, 0.01, seeds=1).judge())
    assert math.isnan(found.of_seeds)
    assert found.of_rows + found.of_splits == pytest.approx(1)


def test_choosing_again_over_folds_draws_rows_of_each_repeat() -> None:
    rng = np.random.default_rng(6)
    grid = Grid(task="regression")
    losses = rng.normal(0.3, 0.3, (3, 2, 2, 2, 30))  # settings, repeats, folds, seeds, rows
    for place, of_setting in enumerate(losses):
        for repeat, of_repeat in enumerate(of_setting):
            for number, of_fold in enumerate(of_repeat):
                grid.add(of_fold, fold=(number, 2, repeat), l1=place / 10)
    found = grid.judge().selection
    assert found is not None
    stored = losses.astype(np.float32).astype(np.float64)
    matrices = stored.mean(axis=3).reshape(3, 2, 60).transpose(1, 0, 2)
    each = [bias_corrected(rows, seed, 500) for seed, rows in enumerate(matrices)]
    assert found.recurrence == pytest.approx(np.mean([one.recurrence for one in each], axis=0))
    assert found.corrected == pytest.approx(np.mean([one.corrected for one in each]))
    assert found.apparent == pytest.approx(matrices.mean(axis=(0, 2)).min())


def test_folds_count_alike_when_a_setting_is_chosen_again() -> None:
    """A fold of 10 rows is half of the mean of two folds, as it is where settings are ranked."""
    grid = Grid(task="regression")
    for l1, (small, large) in ((0.0, (0.0, 0.5)), (0.1, (0.4, 0.3))):
        grid.add(np.full((1, 10), small), fold=(0, 2, 0), l1=l1)
        grid.add(np.full((1, 90), large), fold=(1, 2, 0), l1=l1)
    verdict = grid.judge()
    assert verdict.best == 0
    assert verdict.selection is not None
    assert verdict.selection.apparent == pytest.approx(0.25)


def test_nothing_is_chosen_again_where_a_setting_lacks_a_fold_s_rows() -> None:
    grid = over_folds(np.random.default_rng(7), 0.0, 0.01, 0.02)
    lost = next(run for run in grid.records if run.settings["l1"] == 0.1)
    del grid.rows[lost.id]
    assert grid.judge().selection is None


def glmnet(losses: Floats, strengths: Floats) -> tuple[float, float]:
    """`lambda.min` and `lambda.1se` of cv.glmnet from losses, (folds, strengths)."""
    means = losses.mean(axis=0)
    best = int(means.argmin())
    bound = means[best] + losses[:, best].std(ddof=1) / math.sqrt(len(losses))
    return float(strengths[best]), float(strengths[means <= bound].max())


def chosen_by_verdict(losses: list[Floats], nonzero: Floats, strengths: Floats) -> Verdict:
    """The verdict on losses by row of each fold, (strengths, rows), and non-zero weights."""
    grid = Grid(task="regression")
    for place, strength in enumerate(strengths):
        for number, of_fold in enumerate(losses):
            grid.add(
                of_fold[place][np.newaxis],
                nonzero=int(nonzero[number, place]),
                fold=(number, len(losses), 0),
                l1=float(strength),
            )
    return grid.judge()


def check_against_glmnet(
    losses: list[Floats], nonzero: Floats, strengths: Floats, expected: tuple[float, float]
) -> None:
    verdict = chosen_by_verdict(losses, nonzero, strengths)
    best, use = (verdict.settings[place].settings["l1"] for place in (verdict.best, verdict.use))
    by_fold = np.array([each.mean(axis=1) for each in losses])
    assert (best, use) == pytest.approx(glmnet(by_fold, strengths))
    assert (best, use) == pytest.approx(expected, rel=1e-3)


def test_the_one_standard_error_choice_is_glmnet_s_on_diabetes() -> None:
    """10 folds, 40 strengths; scikit-learn's lasso. All rows are standardized together."""
    x, y = load_diabetes(return_X_y=True)
    x = (x - x.mean(axis=0)) / x.std(axis=0)
    strengths = 90.320060 * np.geomspace(1, 1e-3, 40)
    losses, nonzero = [], []
    for train, held in KFold(10, shuffle=True, random_state=0).split(x):
        center = x[train].mean(axis=0)
        _, weights, _ = lasso_path(
            x[train] - center, y[train] - y[train].mean(), alphas=strengths / 2
        )
        predicted = (x[held] - center) @ weights + y[train].mean()
        losses.append((y[held] - predicted.T) ** 2)
        nonzero.append(np.count_nonzero(weights, axis=0))
    check_against_glmnet(losses, np.array(nonzero), strengths, (2.190, 10.78))


@pytest.mark.slow
def test_the_one_standard_error_choice_is_glmnet_s_on_breast_cancer() -> None:
    """As above, of logistic regression; `liblinear` with its intercept all but unpenalized."""
    x, y = load_breast_cancer(return_X_y=True)
    x = (x - x.mean(axis=0)) / x.std(axis=0)
    strengths = 0.383683244 * np.geomspace(1, 1e-3, 40)
    folds: BaseCrossValidator = StratifiedKFold(10, shuffle=True, random_state=0)
    losses, nonzero = [], []
    for train, held in folds.split(x, y):
        models = [
            LogisticRegression(
                C=1 / (len(train) * strength),
                l1_ratio=1,
                solver="liblinear",
                intercept_scaling=50,
                tol=1e-6,
                max_iter=5000,
            ).fit(x[train], y[train])
            for strength in strengths
        ]
        margins = np.array([model.decision_function(x[held]) for model in models])
        losses.append(np.logaddexp(0, np.where(y[held], -margins, margins)))
        nonzero.append([np.count_nonzero(model.coef_) for model in models])
    check_against_glmnet(losses, np.array(nonzero), strengths, (0.001583, 0.005468))


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([0.0, 0.01, 0.1]),
            st.sampled_from([0.0, 0.01]),
            st.integers(0, 640),
            st.lists(st.floats(0, 1), min_size=3, max_size=3),
        ),
        min_size=2,
        max_size=6,
        unique_by=lambda each: each[:2],
    )
)
def test_over_folds_the_choice_is_never_weaker_than_the_best(
    drawn: list[tuple[float, float, int, list[float]]],
) -> None:
    grid = Grid(task="regression")
    for l1, l2, nonzero, losses in drawn:
        for number, loss in enumerate(losses):
            fold = (number, len(losses), 0)
            grid.add(np.full((1, 4), loss), nonzero=nonzero, fold=fold, l1=l1, l2=l2)
    verdict = grid.judge()
    use, best = drawn[verdict.use], drawn[verdict.best]
    assert (use[0] >= best[0], use[1] >= best[1], use[2] <= best[2]) == (True, True, True)


@pytest.mark.slow
@pytest.mark.parametrize("learner", ["unstable", "stable"])
def test_the_interval_over_folds_covers_what_a_learner_does_on_other_data(learner: str) -> None:
    """5 folds × 2 repeats, around the mean over data sets of the same size.

    Unstable: the nearest neighbour against the nearest mean. Stable: ridge at two strengths.
    """
    rng = np.random.default_rng(9)
    found = [_on_new_data(rng, learner) for _ in range(300)]
    truth = np.mean([each.estimate.mean for each in found])
    intervals = [each.estimate.interval() for each in found]
    covered = np.mean([low <= truth <= high for low, high in intervals])
    assert covered >= 0.93


def _on_new_data(rng: np.random.Generator, learner: str, rows: int = 60) -> Sample:
    y = rng.integers(0, 2, rows)
    x = rng.normal(0, 1, (rows, 3)) + y[:, np.newaxis]
    grid = Grid(task="regression")
    for repeat in range(2):
        folds = np.array_split(rng.permutation(rows), 5)
        for number, held in enumerate(folds):
            train = np.setdiff1d(np.arange(rows), held)
            losses = _nearest if learner == "unstable" else _ridge
            for l1, own in zip((0.0, 0.1), losses(x, y, train, held), strict=True):
                grid.add(own[np.newaxis].astype(float), fold=(number, 5, repeat), l1=l1)
    reference, setting = by_setting(grid.records)
    samples = Samples(grid.rows.get, len(grid.records))
    found = samples.difference(setting, reference, "validation.data_loss")
    assert found is not None
    return found


def _nearest(x: Floats, y: Floats, train: Floats, held: Floats) -> tuple[Floats, Floats]:
    squares = ((x[held, np.newaxis] - x[train]) ** 2).sum(axis=-1)
    nearest = y[train][squares.argmin(axis=1)]
    means = np.stack([x[train][y[train] == kind].mean(axis=0) for kind in (0, 1)])
    mean = ((x[held, np.newaxis] - means) ** 2).sum(axis=-1).argmin(axis=1)
    return nearest != y[held], mean != y[held]


def _ridge(x: Floats, y: Floats, train: Floats, held: Floats) -> tuple[Floats, Floats]:
    ones = np.hstack([x, np.ones((len(x), 1))])
    own, target = ones[train], y[train]
    one, other = (
        (ones[held] @ np.linalg.solve(own.T @ own + l2 * np.eye(4), own.T @ target) - y[held]) ** 2
        for l2 in (0.1, 10.0)
    )
    return one, other


@pytest.mark.slow
def test_of_20_equal_settings_over_folds_hardly_ever_is_one_called_better() -> None:
    found, bias = 0, []
    for number in range(60):
        rng = np.random.default_rng(number)
        grid = Grid(task="regression")
        shared = rng.normal(0.3, 0.3, (5, 20))
        for place in range(20):
            own = shared + rng.normal(0, 0.3, (5, 20)) + rng.normal(0, 0.02, (5, 1))
            for fold in range(5):
                grid.add(own[fold][np.newaxis], fold=(fold, 5, 0), l1=place / 100)
        verdict = grid.judge()
        assert verdict.selection is not None
        findings = [each.finding for each in verdict.comparisons if each is not None]
        found += bool({Finding.BETTER, Finding.WORSE} & set(findings))
        bias.append(verdict.selection.corrected - shared.mean())
    assert found / 60 <= 0.05
    # In standard errors of the mean of one setting beside the others.
    assert abs(np.mean(bias)) / (0.3 / math.sqrt(100)) < 0.2
