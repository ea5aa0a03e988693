"""Scikit-learn estimators that choose a strength along a regularization path by folds."""

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import ClassifierMixin, RegressorMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import validate_data

from regcli.api.class_labels import stored_labels
from regcli.api.path_arrays import Floats
from regcli.api.path_fitting import PathEstimator
from regcli.errors import UsageError
from regcli.metrics.predictions import Predictions


class PathRegressor(RegressorMixin, PathEstimator):  # type: ignore[misc]  # as its base
    """A regressor whose strength is chosen along a regularization path by folds.

    As scikit-learn's `LassoCV`: a path is trained on each fold's other rows, the strength with the
    lowest mean loss on the rows held out is chosen, and the path is trained again on all rows up to
    that strength. Points of a path start from each other's weights, dense to sparse. Training is
    proximal: weights are exactly zero.

    The objective is mean loss + l1·Σ|W| + l2·ΣW², without ½ (Keras's convention). For the squared
    loss, a `Lasso` with `alpha` is `l1 = 2·alpha` here, and an `ElasticNet` is
    `l1 = 2·alpha·l1_ratio` with `l2 = alpha·(1 − l1_ratio)`.

    Args:
        layers: Keras layers before the output layer, as in a config: `[{"Dense": {"units": 16,
            "activation": "relu"}}]`. None for a linear model, which a solver takes to its optimum.
        along: the strength that varies: `l1`, `l2` or `group_strength`.
        points: number of strengths, from the largest useful l1 down to its thousandth; for a net
            up to ten times the largest.
        strengths: the strengths themselves, or their text such as `log:1e-4:1e-1:9`, in place of
            `points`; needed for any other strength than l1.
        l2: strength of l2·ΣW² beside l1.
        cv: number of folds, dealt at random, in proportion to the classes where there are any; a
            splitter such as `KFold`, `GroupKFold` or `ShuffleSplit`; or pairs of the numbers of
            rows that train and of those held out.
        rule: `best`, or `one_standard_error`: the fewest non-zero weights within one standard error
            of the best, and never weaker than the best.
        scale: how columns are scaled, fitted anew on each fold's training rows: `standard`,
            `none`, `minmax`, `robust` or `quantile`. Strengths apply to weights of scaled columns.
        epochs: passes over the rows. None for 50, or none for a linear model.
        batch_size: rows of one training step.
        optimizer: a Keras optimizer by name, or a mapping with `name` and arguments.
        set: any other key of the config, by its dotted name: `{"training.loss": "huber"}`.
        random_state: seed for folds, initialization and shuffling; the same one gives the same
            numbers.
        runs: the folder of the store. None for a temporary one, which is removed with the
            estimator: a copy or a pickle then has `model_` and `coef_`, but its `sweep_` and `run_`
            can no longer read models.

    Attributes:
        alphas_: (strengths,) those of the path, falling, in Keras's convention.
        alpha_: the strength of the model, by `rule`.
        alpha_best_, alpha_one_se_: what either rule chooses.
        mse_path_: (strengths, folds) mean squared error on the rows held out, in the target's unit
            squared.
        loss_path_: (strengths, folds) mean loss on the rows held out, without penalty; `best` has
            the lowest mean. Where a fold's path ended before a strength, that of its last point.
        coef_: (features,) of the columns as `fit` was given them; only of a linear model.
        intercept_: in the target's unit; only of a linear model.
        coef_path_: (features, strengths) coefficients on all rows; only of a linear model.
        folds_: (rows,) the fold that held each row out, −1 where none did; scikit-learn's
            `PredefinedSplit` takes it. Missing where several folds held a row out.
        model_: the Keras model; it takes rows as `fit` does.
        sweep_: the path with folds as a `regcli.Sweep`, with its verdict.
        run_: the `regcli.Run` of `model_`.
        n_features_in_, feature_names_in_: as everywhere in scikit-learn.

    Source: names and shapes are those of scikit-learn's `LassoCV` and `lasso_path`.
    """

    def fit(self, X: Any, y: Any, *, groups: Any = None, **unknown: Any) -> Self:
        """Train the path, choose a strength, and train on all rows.

        It takes no `sample_weight`: rows held out are scored without weights, so that a strength
        would be chosen for other rows than the model is trained for.

        Args:
            X: (rows, features) numbers without gaps.
            y: (rows,) quantities.
            groups: (rows,) for a `cv` that keeps groups of rows together, such as `GroupKFold`.
            unknown: nothing else is taken.

        Raises:
            ValueError: they are not such, or a parameter is not.
            TypeError: there is anything else.
            RegcliError, KeyboardInterrupt: as `regcli.path`.
        """
        x, y = validate_data(self, X, y, dtype=[np.float64, np.float32], y_numeric=True)
        self._fit(x, y.astype(np.float64), groups, unknown)
        return self

    def _keep_scores(self) -> None:
        super()._keep_scores()
        self.mse_path_ = self._by_fold("rmse") ** 2

    def _keep_coefficients(self, kernel: Floats, intercept: Floats, along: Floats) -> None:
        super()._keep_coefficients(kernel[0], intercept, along[0])
        self.intercept_ = float(intercept[0])

    def predict(self, X: Any) -> NDArray[np.float64]:
        """The quantity of each row, (rows,), in the target's unit.

        Args:
            X: (rows, features).

        Raises:
            NotFittedError: `fit` was not called.
            ValueError: rows are not such as `fit` was given.
        """
        return self._outputs(X)[:, 0].astype(np.float64)


class PathClassifier(ClassifierMixin, PathEstimator):  # type: ignore[misc]  # as its base
    """A classifier whose strength is chosen along a regularization path by folds.

    As `PathRegressor`, with the cross-entropy as its loss: it takes the same parameters and has the
    same attributes, without `mse_path_` and with those below. Its `model_` gives logits.

    scikit-learn's `LogisticRegression` of n rows with `C` and `l1_ratio` is `l1 = l1_ratio/(n·C)`
    with `l2 = (1 − l1_ratio)/(2·n·C)` here; two classes have one output, more have one each.

    Attributes:
        classes_: (classes,) labels in the order of probabilities. The stored runs call them so
            too, as text.
        score_path_: (strengths, folds) accuracy on the rows held out.
        coef_: (outputs, features), as in `LogisticRegression`: one output for two classes; only of
            a linear model.
        intercept_: (outputs,); only of a linear model.
        coef_path_: (outputs, features, strengths); only of a linear model.

    Source: names and shapes are those of scikit-learn's `LogisticRegressionCV` and `LassoCV`.
    """

    def fit(self, X: Any, y: Any, *, groups: Any = None, **unknown: Any) -> Self:
        """Train the path, choose a strength, and train on all rows.

        Args:
            X: (rows, features) numbers without gaps.
            y: (rows,) labels of two classes or more.
            groups, unknown: as `PathRegressor.fit`; it takes no `sample_weight` either.

        Raises:
            ValueError: they are not such, or a parameter is not.
            TypeError: as `PathRegressor.fit`.
            RegcliError, KeyboardInterrupt: as `regcli.path`.
        """
        x, labels = validate_data(self, X, y, dtype=[np.float64, np.float32])
        check_classification_targets(labels)
        self.classes_, numbers = np.unique(labels, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError("y: must have at least 2 classes, the data has 1 class")
        self._fit(x, stored_labels(self.classes_)[numbers], groups, unknown)
        return self

    def _keep_scores(self) -> None:
        super()._keep_scores()
        self.score_path_ = self._by_fold("accuracy")

    def predict(self, X: Any) -> NDArray[Any]:
        """The label of each row, (rows,).

        Args:
            X: (rows, features).

        Raises:
            NotFittedError: `fit` was not called.
            ValueError: rows are not such as `fit` was given.
        """
        numbers = self._predictions(X).predicted[0]
        return np.asarray(self.classes_[numbers])

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """The probability of each class, (rows, classes), in the order of `classes_`.

        Args:
            X: (rows, features).

        Raises:
            UsageError: the model's outputs are no probabilities, as with a hinge loss.
            NotFittedError, ValueError: as `predict`.
        """
        found = self._predictions(X)
        if not self._scale.has_probabilities:
            raise UsageError("the model's outputs are not probabilities of classes")
        return np.asarray(found.probabilities[0], np.float64)

    def _predictions(self, x: Any) -> Predictions:
        outputs = np.ascontiguousarray(self._outputs(x))
        return Predictions(np.zeros(len(outputs)), outputs[np.newaxis], self._scale)
