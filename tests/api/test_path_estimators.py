"""The estimators over a path: scikit-learn's contract, and its solvers' numbers."""

import json
import pickle
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.base import clone
from sklearn.compose import TransformedTargetRegressor
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import ElasticNet, LassoCV, LogisticRegression, lasso_path
from sklearn.metrics import log_loss, mean_squared_error
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    KFold,
    PredefinedSplit,
    ShuffleSplit,
    StratifiedKFold,
    TimeSeriesSplit,
    cross_val_score,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import check_estimator, estimator_checks_generator

import regcli
from regcli import PathClassifier, PathRegressor

RNG = np.random.default_rng(0)
X = StandardScaler().fit_transform(RNG.normal(size=(80, 6)) @ RNG.normal(size=(6, 6)))
Y = 3 * X[:, 0] - 2 * X[:, 1] + RNG.normal(size=80) + 5
LABELS = np.where(Y > 7, "high", np.where(Y > 3, "middle", "low"))
RELU: list[dict[str, Any]] = [{"Dense": {"units": 4, "activation": "relu"}}]


@pytest.fixture(scope="module")
def lasso() -> PathRegressor:
    return PathRegressor(scale="none", points=5, cv=3).fit(X, Y)


@pytest.fixture(scope="module")
def logistic() -> PathClassifier:
    return PathClassifier(points=3, cv=2).fit(X, LABELS)


def test_the_strengths_are_twice_those_of_lasso_cv(lasso: PathRegressor) -> None:
    theirs = LassoCV(eps=1e-3, alphas=5).fit(X, Y).alphas_
    np.testing.assert_allclose(lasso.alphas_, 2 * theirs, rtol=1e-4)


def test_errors_by_fold_and_the_choice_are_those_of_lasso_cv(lasso: PathRegressor) -> None:
    folds = PredefinedSplit(lasso.folds_)
    theirs = LassoCV(alphas=lasso.alphas_ / 2, cv=folds, tol=1e-10, max_iter=100_000).fit(X, Y)
    np.testing.assert_allclose(lasso.mse_path_, theirs.mse_path_, rtol=1e-5)
    np.testing.assert_allclose(lasso.loss_path_, theirs.mse_path_, rtol=1e-5)
    assert lasso.alpha_ == pytest.approx(2 * theirs.alpha_)
    assert lasso.alpha_best_ == lasso.alpha_
    np.testing.assert_allclose(lasso.coef_, theirs.coef_, atol=1e-4)
    assert lasso.intercept_ == pytest.approx(theirs.intercept_, abs=1e-4)
    np.testing.assert_allclose(lasso.predict(X), theirs.predict(X), atol=1e-3)


def test_coefficients_along_the_path_are_those_of_lasso_path(lasso: PathRegressor) -> None:
    theirs = lasso_path(X, Y - Y.mean(), alphas=lasso.alphas_ / 2, tol=1e-10, max_iter=100_000)[1]
    assert lasso.coef_path_.shape == theirs.shape == (6, 5)
    np.testing.assert_allclose(lasso.coef_path_, theirs, atol=1e-4)
    np.testing.assert_array_equal(lasso.coef_path_ == 0, np.abs(theirs) < 1e-12)


def test_the_rule_takes_the_strength_of_its_name(lasso: PathRegressor) -> None:
    simple = PathRegressor(scale="none", points=5, cv=3, rule="one_standard_error").fit(X, Y)
    means = lasso.mse_path_.mean(axis=1)
    errors = lasso.mse_path_.std(axis=1, ddof=1) / np.sqrt(3)
    best = int(means.argmin())
    within = lasso.alphas_[means <= means[best] + errors[best]].max()
    assert simple.alpha_ == simple.alpha_one_se_ == lasso.alpha_one_se_ >= simple.alpha_best_
    assert simple.alpha_ <= within
    place = simple.alphas_.tolist().index(simple.alpha_)
    np.testing.assert_array_equal(simple.coef_, lasso.coef_path_[:, place])


def test_columns_are_scaled_anew_in_every_fold() -> None:
    """Beside scikit-learn's own scaler and elastic net, fitted on each fold's other rows."""
    x = X * [1, 10, 100, 1e3, 1, 1] + 3
    found = PathRegressor(strengths=[0.5, 0.05], l2=0.1, cv=3).fit(x, Y)
    expected = np.empty((2, 3))
    for place, l1 in enumerate(found.alphas_):
        alpha = l1 / 2 + 0.1
        line = ElasticNet(alpha=alpha, l1_ratio=l1 / 2 / alpha, tol=1e-10, max_iter=100_000)
        for fold in range(3):
            held_out = found.folds_ == fold
            own = make_pipeline(StandardScaler(), line).fit(x[~held_out], Y[~held_out])
            expected[place, fold] = mean_squared_error(Y[held_out], own.predict(x[held_out]))
    np.testing.assert_allclose(found.mse_path_, expected, rtol=1e-4)
    chosen = make_pipeline(StandardScaler(), line).fit(x, Y)
    assert found.alpha_ == found.alphas_[1]
    np.testing.assert_allclose(found.coef_ * x.std(axis=0), chosen[-1].coef_, atol=1e-4)
    np.testing.assert_allclose(found.predict(x), chosen.predict(x), atol=1e-3)


def test_two_classes_are_those_of_logistic_regression() -> None:
    y = np.where(Y > 5, "yes", "no")
    found = PathClassifier(scale="none", strengths=[0.1, 0.01], cv=3).fit(X, y)
    assert found.classes_.tolist() == ["no", "yes"]
    expected, accuracy = np.empty((2, 3)), np.empty((2, 3))
    for place, l1 in enumerate(found.alphas_):
        for fold in range(3):
            own = found.folds_ != fold
            theirs = _logistic(l1, own.sum()).fit(X[own], y[own])
            expected[place, fold] = log_loss(y[~own], theirs.predict_proba(X[~own]))
            accuracy[place, fold] = theirs.score(X[~own], y[~own])
    np.testing.assert_allclose(found.loss_path_, expected, rtol=1e-3)
    np.testing.assert_allclose(found.score_path_, accuracy, rtol=1e-6)
    theirs = _logistic(found.alpha_, len(X)).fit(X, y)
    assert found.coef_.shape == theirs.coef_.shape == (1, 6)
    assert found.coef_path_.shape == (1, 6, 2)
    np.testing.assert_allclose(found.coef_, theirs.coef_, atol=2e-3)
    np.testing.assert_allclose(found.intercept_, theirs.intercept_, atol=2e-3)
    np.testing.assert_allclose(found.predict_proba(X), theirs.predict_proba(X), atol=1e-3)


def _logistic(l1: float, rows: int) -> LogisticRegression:
    return LogisticRegression(
        C=1 / (rows * l1), l1_ratio=1, solver="saga", tol=1e-7, max_iter=50_000
    )


GROUPS = np.arange(80) % 7
SPLITTERS = {
    "k-fold": KFold(3, shuffle=True, random_state=1),
    "shuffled": ShuffleSplit(3, test_size=0.3, random_state=2),
    "in time": TimeSeriesSplit(3),
    "groups": GroupKFold(3),
    "pairs": [(np.arange(40), np.arange(40, 80)), (range(20, 80), range(20))],
}


@pytest.mark.parametrize("name", SPLITTERS)
def test_folds_of_a_splitter_are_those_of_lasso_cv(name: str) -> None:
    splitter = SPLITTERS[name]
    groups = GROUPS if name == "groups" else None
    given = {"scale": "none", "strengths": [0.01, 0.1, 1.0]}
    found = PathRegressor(**given, cv=splitter).fit(X, Y, groups=groups)
    pairs = splitter if isinstance(splitter, list) else list(splitter.split(X, Y, groups))
    theirs = LassoCV(alphas=found.alphas_ / 2, cv=pairs, tol=1e-10, max_iter=100_000).fit(X, Y)
    np.testing.assert_allclose(found.mse_path_, theirs.mse_path_, rtol=1e-5)
    assert found.alpha_ == pytest.approx(2 * theirs.alpha_)
    held_out = np.full(80, -1)
    for number, (_, rows) in enumerate(pairs):
        held_out[rows] = number
    if sum(len(rows) for _, rows in pairs) == (held_out >= 0).sum():
        np.testing.assert_array_equal(found.folds_, held_out)
    else:
        assert not hasattr(found, "folds_")


def test_a_splitter_deals_classes(tmp_path: Path) -> None:
    splitter = StratifiedKFold(2, shuffle=True, random_state=3)
    found = PathClassifier(strengths=[0.001, 0.1], cv=splitter, runs=tmp_path).fit(X, LABELS)
    for number, (_, rows) in enumerate(splitter.split(X, LABELS)):
        assert (found.folds_[rows] == number).all()
    assert found.score_path_.shape == (2, 2)
    assert found.sweep_.verdict is not None


def test_reports_call_classes_by_their_labels(logistic: PathClassifier, tmp_path: Path) -> None:
    assert logistic.run_.classes == ("high", "low", "middle")
    logistic.sweep_.report(tmp_path / "r.html")
    page = (tmp_path / "r.html").read_text("utf-8")
    assert ">middle<" in page


@pytest.mark.parametrize(
    ("labels", "names"),
    [
        (np.array([-1, 1]), ("-1", "1")),
        (np.array([False, True]), ("False", "True")),
        (np.array([10.0, 9.0]), ("9", "10")),
        (np.array(["NA", "yes"]), ("class NA", "class yes")),
        (np.array(["", "none"], object), ("class ", "class none")),
        (np.array(["a", "a\0"], object), ("0", "1")),
    ],
)
def test_labels_of_any_kind_come_back(labels: Any, names: tuple[str, ...]) -> None:
    y = labels[(Y > 5).astype(int)]
    found = PathClassifier(strengths=[0.01], cv=2).fit(X, y)
    assert found.run_.classes == names
    assert found.classes_.tolist() == sorted(labels.tolist())
    assert set(found.predict(X)) <= set(labels.tolist())
    assert found.score(X, y) > 0.9
    right = found.predict_proba(X)[np.arange(80), np.searchsorted(found.classes_, y)]
    assert (right > 0.5).mean() > 0.9


def test_weights_of_rows_are_refused() -> None:
    with pytest.raises(TypeError) as caught:
        PathRegressor().fit(X, Y, sample_weight=np.ones(80))
    assert str(caught.value) == (
        "sample_weight: must be left out, because rows held out are scored without weights: a "
        "strength would be chosen for other rows than the model is trained for; regcli.path takes "
        "a column of weights, see dataset.weights"
    )
    with pytest.raises(TypeError, match=r"^fit: got the unexpected argument 'weights'$"):
        PathRegressor().fit(X, Y, weights=1)
    with pytest.raises(ValueError, match=r"^groups: requires a splitter such as GroupKFold as cv"):
        PathClassifier().fit(X, LABELS, groups=GROUPS)


def test_more_classes_have_an_output_each(logistic: PathClassifier) -> None:
    assert logistic.classes_.tolist() == ["high", "low", "middle"]
    assert logistic.coef_.shape == (3, 6)
    assert logistic.intercept_.shape == (3,)
    assert logistic.coef_path_.shape == (3, 6, 3)
    shares = logistic.predict_proba(X)
    np.testing.assert_allclose(shares.sum(axis=1), 1)
    assert logistic.predict(X).tolist() == logistic.classes_[shares.argmax(axis=1)].tolist()
    z = X @ logistic.coef_.T + logistic.intercept_
    np.testing.assert_allclose(shares, np.exp(z) / np.exp(z).sum(axis=1, keepdims=True))


def test_eleven_classes_keep_their_labels() -> None:
    """Names of classes that are sorted as text would be 0, 1, 10, 2."""
    rng = np.random.default_rng(1)
    y = np.repeat(np.arange(11), 6)
    x = np.eye(11)[y] + 0.1 * rng.normal(size=(66, 11))
    found = PathClassifier(strengths=[0.001], cv=2).fit(x, y)
    assert found.score(x, y) == 1.0


def test_the_keras_model_says_the_same(lasso: PathRegressor, logistic: PathClassifier) -> None:
    np.testing.assert_allclose(np.asarray(lasso.model_(X))[:, 0], lasso.predict(X), rtol=1e-4)
    outputs = np.asarray(logistic.model_(X))
    np.testing.assert_allclose(outputs, X @ logistic.coef_.T + logistic.intercept_, atol=1e-4)


def test_the_sweep_has_its_verdict_and_the_run_all_rows(lasso: PathRegressor) -> None:
    assert lasso.sweep_.verdict is not None
    assert lasso.sweep_.verdict.best.values["l1"] == lasso.alpha_
    assert len(lasso.sweep_) == 5 * 3
    assert lasso.run_.record.data is not None
    assert lasso.run_.record.data.rows == {"train": 80, "validation": 0, "test": 0}
    assert lasso.run_.settings["l1"] == lasso.alpha_


def test_a_net_is_chosen_and_trained_on_all_rows(tmp_path: Path) -> None:
    given = {"layers": RELU, "strengths": [0.001, 0.1, 10.0], "cv": 2, "runs": tmp_path}
    optimizer = {"name": "adam", "learning_rate": 0.05}
    net = PathRegressor(**given, epochs=10, optimizer=optimizer).fit(X, Y)
    assert not hasattr(net, "coef_")
    assert not hasattr(net, "coef_path_")
    assert net.mse_path_.shape == (len(net.alphas_), 2)
    assert net.run_.settings["l1"] == net.alpha_
    np.testing.assert_allclose(np.asarray(net.model_(X))[:, 0], net.predict(X), rtol=1e-4)
    assert net.score(X, Y) == pytest.approx(net.run_.metrics["train"]["r2"], abs=1e-5)
    names = {sweep.id for sweep in regcli.open(tmp_path).sweeps()}
    assert net.sweep_.id in names
    linear = net.set_params(layers=None, epochs=None).fit(X, Y)
    assert linear.coef_.shape == (6,)


def test_the_same_seed_gives_the_same_numbers(logistic: PathClassifier) -> None:
    again = clone(logistic).fit(X, LABELS)
    np.testing.assert_array_equal(again.loss_path_, logistic.loss_path_)
    np.testing.assert_array_equal(again.coef_, logistic.coef_)
    quick = {"strengths": [0.1], "cv": 2}
    drawn = [
        PathRegressor(**quick, random_state=np.random.RandomState(seed)).fit(X, Y).folds_
        for seed in (7, 7, 8)
    ]
    np.testing.assert_array_equal(drawn[0], drawn[1])
    assert not np.array_equal(drawn[0], drawn[2])


def test_it_goes_into_a_pipeline_and_is_scored_by_folds() -> None:
    line = PathRegressor(strengths=[0.1], cv=2, scale="none")
    pipeline = make_pipeline(StandardScaler(), line)
    scores = cross_val_score(pipeline, X, Y, cv=2)
    assert scores.min() > 0.5
    chosen = GridSearchCV(line, {"rule": ["best", "one_standard_error"]}, cv=2).fit(X, Y)
    assert chosen.best_estimator_.alpha_ > 0
    logs = TransformedTargetRegressor(line, func=np.log1p, inverse_func=np.expm1)
    assert logs.fit(X, np.exp(Y / 5)).predict(X).shape == (80,)


def test_a_pickle_keeps_what_was_fitted(lasso: PathRegressor, logistic: PathClassifier) -> None:
    again = pickle.loads(pickle.dumps(lasso))
    np.testing.assert_array_equal(again.predict(X), lasso.predict(X))
    assert str(again.sweep_.verdict) == str(lasso.sweep_.verdict)
    np.testing.assert_array_equal(
        pickle.loads(pickle.dumps(logistic)).predict_proba(X), logistic.predict_proba(X)
    )


def test_a_temporary_folder_goes_with_the_estimator() -> None:
    line = PathRegressor(strengths=[0.1], cv=2).fit(X, Y)
    folder = line.run_._folder
    assert folder.is_dir()
    del line
    assert not folder.exists()


def test_names_of_columns_are_kept_and_checked() -> None:
    frame = pl.DataFrame(X, schema=list("abcdef"))
    line = PathRegressor(strengths=[0.1], cv=2).fit(frame, Y)
    assert line.feature_names_in_.tolist() == list("abcdef")
    assert line.n_features_in_ == 6
    np.testing.assert_array_equal(
        line.predict(frame), line.predict(pd.DataFrame(X, columns=list("abcdef")))
    )
    with pytest.raises(ValueError, match="feature names should match"):
        line.predict(frame.rename({"a": "z"}))


def test_strengths_of_other_names() -> None:
    ridge = PathRegressor(scale="none", along="l2", strengths="0.01,1", cv=2).fit(X, Y)
    assert ridge.alphas_.tolist() == [1.0, 0.01]
    weights = np.linalg.solve(X.T @ X / 80 + ridge.alpha_ * np.eye(6), X.T @ (Y - Y.mean()) / 80)
    np.testing.assert_allclose(ridge.coef_, weights, atol=1e-4)
    groups = PathRegressor(
        along="group_strength", strengths=[0.1, 1], set={"regularization.group": "inputs"}, cv=2
    ).fit(X, Y)
    assert groups.alpha_ in (0.1, 1)


def test_other_keys_of_the_config_are_set() -> None:
    y = np.where(Y > 5, 1, 0)
    hinge = PathClassifier(strengths=[0.01], cv=2, set={"training.loss": "hinge"}).fit(X, y)
    assert hinge.score(X, y) > 0.9
    with pytest.raises(regcli.UsageError, match=r"^the model's outputs are not probabilities"):
        hinge.predict_proba(X)


NO_FOLDS = (
    "must be a number of folds, at least 2, a splitter such as KFold, or pairs of row numbers"
)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"rule": "1se"}, "rule: must be best or one_standard_error, got '1se'"),
        ({"cv": 1}, f"cv: {NO_FOLDS}, got 1"),
        ({"cv": True}, f"cv: {NO_FOLDS}, got True"),
        ({"cv": "5"}, f"cv: {NO_FOLDS}, got '5'"),
        ({"cv": []}, "cv: must have 2 to 1,000 folds, got 0"),
        ({"cv": [([0, 1], [2])]}, "cv: must have 2 to 1,000 folds, got 1"),
        (
            {"cv": [([0, 1], [2]), ([0], [])]},
            "cv: fold 1 must have rows that train and rows held out",
        ),
        (
            {"cv": [([0, 0], [2]), ([0], [1])]},
            "cv: fold 0 must have each row once; weights of rows are not taken",
        ),
        (
            {"cv": [([0, 2], [2]), ([0], [1])]},
            "cv: fold 0 must not train on rows that it holds out",
        ),
        ({"cv": 81}, "cv: must be at most the rows, got cv=81 for n_samples=80"),
    ],
)
def test_parameters_that_cannot_be(parameters: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        PathRegressor(**parameters).fit(X, Y)
    assert str(caught.value) == message


def test_parameters_of_the_config_are_refused_by_it() -> None:
    with pytest.raises(regcli.ConfigError) as caught:
        PathRegressor(batch_size=0).fit(X, Y)
    assert str(caught.value) == "config: training.batch_size: must be at least 1, got 0"
    with pytest.raises(regcli.ConfigError, match=r"training\.epochs: must be at least 1 for this"):
        PathRegressor(layers=RELU, epochs=0, strengths=[0.1]).fit(X, Y)
    with pytest.raises(ValueError, match="at least 2 classes, the data has 1 class"):
        PathClassifier().fit(X, np.zeros(80))
    with pytest.raises(NotFittedError):
        PathRegressor().predict(X)


CENTRAL = {
    "check_estimator_cloneable",
    "check_no_attributes_set_in_init",
    "check_parameters_default_constructible",
    "check_n_features_in",
    "check_estimators_unfitted",
    "check_dict_unchanged",
}


@pytest.mark.parametrize("kind", [PathRegressor, PathClassifier])
def test_central_checks_of_scikit_learn(kind: Any) -> None:
    done = set()
    for estimator, check in estimator_checks_generator(kind(points=2, cv=2)):
        name = check.func.__name__
        if name in CENTRAL:
            check(estimator)
            done.add(name)
    assert done == CENTRAL


@pytest.mark.slow
@pytest.mark.parametrize("kind", [PathRegressor, PathClassifier])
def test_every_check_of_scikit_learn(kind: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        results = check_estimator(kind(points=3, cv=2), on_fail=None, on_skip=None)
    left = {each["check_name"] for each in results if each["status"] != "passed"}
    assert left <= {"check_array_api_input"}  # it needs an environment variable of SciPy's


def test_importing_an_estimator_loads_no_tensorflow() -> None:
    script = (
        "import regcli, sys, json\n"
        "before = 'sklearn' in sys.modules\n"
        "regcli.PathRegressor\n"
        "print(json.dumps([before, 'sklearn' in sys.modules, 'tensorflow' in sys.modules]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == [False, True, False]
