"""Scikit-learn estimators that choose a strength along a regularization path by folds."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from regcli.api.calls import path
from regcli.api.finished_run import Run
from regcli.api.finished_sweep import Sweep
from regcli.api.path_arrays import Floats, by_fold, folds_of_rows, strengths_along
from regcli.api.runs_folder import reading
from regcli.api.temporary_runs import TemporaryRuns
from regcli.errors import RegcliError, UsageError
from regcli.metrics.predictions import Predictions
from regcli.results.coefficients import coefficients

_RULES = ("best", "one_standard_error")
_EPOCHS = 50
_TASKS = {"classifier": "classification", "regressor": "regression"}
_OF_LINEAR = ("coef_", "intercept_", "coef_path_")


class _PathEstimator(BaseEstimator):  # type: ignore[misc]
    """What classifier and regressor have in common: everything but the target."""

    def __init__(
        self,
        layers: Sequence[Mapping[str, Any]] | None = None,
        *,
        along: Literal["l1", "l2", "group_strength"] = "l1",
        points: int = 20,
        strengths: str | Sequence[float] | None = None,
        l2: float = 0.0,
        cv: int = 5,
        rule: Literal["best", "one_standard_error"] = "best",
        scale: str = "standard",
        epochs: int | None = None,
        batch_size: int = 32,
        optimizer: str | Mapping[str, Any] = "adam",
        set: Mapping[str, Any] | None = None,
        random_state: Any = 0,
        runs: str | os.PathLike[str] | None = None,
    ) -> None:
        self.layers = layers
        self.along = along
        self.points = points
        self.strengths = strengths
        self.l2 = l2
        self.cv = cv
        self.rule = rule
        self.scale = scale
        self.epochs = epochs
        self.batch_size = batch_size
        self.optimizer = optimizer
        self.set = set
        self.random_state = random_state
        self.runs = runs

    def _fit(self, x: NDArray[Any], y: NDArray[Any]) -> None:
        """Train the path with folds, choose, and train it on all rows up to what is chosen.

        Args:
            y: class numbers, or quantities.
        """
        self._require_folds(len(x))
        for name in (*_OF_LINEAR, "mse_path_", "score_path_"):
            self.__dict__.pop(name, None)
        folder = self._folder_of_runs()
        config = self._config()
        common: dict[str, Any] = {
            "data": (x, y),
            "along": self.along,
            "set": self.set,
            "runs": folder,
            "progress": False,
            # A linear model costs next to nothing to follow to the end, as LassoCV does. A net's
            # path ends where it is empty.
            "max_nonzero": -1 if self._is_linear else 0,
        }
        self.sweep_: Sweep = path(
            config, folds=self.cv, points=self.points, values=self._values(), **common
        )
        self.alphas_ = strengths_along(self.sweep_.runs, self.along)
        self._choose()
        self._keep_scores()
        self.folds_ = folds_of_rows(self.sweep_.runs[0])
        kept = self.alphas_ if self._is_linear else self.alphas_[self.alphas_ <= self.alpha_]
        on_all = path(config, values=sorted(kept.tolist()), **common)
        self._keep_model(on_all.runs, folder)

    def _require_folds(self, rows: int) -> None:
        if self.rule not in _RULES:
            raise ValueError(f"rule: must be {' or '.join(_RULES)}, got {self.rule!r}")
        folds: object = self.cv
        if isinstance(folds, bool) or not isinstance(folds, int | np.integer) or folds < 2:
            raise ValueError(f"cv: must be a number of folds, at least 2, got {folds!r}")
        if rows < folds:
            raise ValueError(f"cv: must be at most the rows, got cv={folds} for n_samples={rows}")

    def _folder_of_runs(self) -> Path:
        if self.runs is not None:
            self._temporary = None
            return Path(self.runs)
        self._temporary = TemporaryRuns()
        return self._temporary.folder

    @property
    def _is_linear(self) -> bool:
        return not self.layers and "model.layers" not in (self.set or {})

    def _config(self) -> dict[str, Any]:
        """The config of the path, as `regcli.path` takes it."""
        seed, epochs = self._seed(), self.epochs
        if epochs is None:
            epochs = 0 if self._is_linear else _EPOCHS
        other = {} if self.along == "l2" else {"l2": self.l2}
        return {
            "name": f"path-{self._estimator_type_name}",
            "dataset": {
                "task": _TASKS[self._estimator_type_name],
                "test": 0,
                "validation": 0,
                "scale": self.scale,
                "seed": seed,
            },
            "model": {"layers": list(self.layers or ())},
            "regularization": {"method": "proximal", **other},
            "training": {
                "epochs": epochs,
                "batch_size": self.batch_size,
                "optimizer": self.optimizer,
                "seed": seed,
            },
        }

    @property
    def _estimator_type_name(self) -> str:
        return "classifier" if isinstance(self, ClassifierMixin) else "regressor"

    def _seed(self) -> int:
        if isinstance(self.random_state, int | np.integer):
            return int(self.random_state)
        return int(check_random_state(self.random_state).randint(np.iinfo(np.int32).max))

    def _values(self) -> Any:
        if self.strengths is None or isinstance(self.strengths, str):
            return self.strengths
        return np.asarray(self.strengths, np.float64).tolist()

    def _choose(self) -> None:
        """Take the verdict's choice; of one strength there is nothing to choose.

        Raises:
            RegcliError: there is none.
        """
        verdict = self.sweep_.verdict
        if len(self.alphas_) == 1 and all(run.state == "finished" for run in self.sweep_.runs):
            self.alpha_ = self.alpha_best_ = self.alpha_one_se_ = float(self.alphas_[0])
            return
        if verdict is None:
            message = next((run.message for run in self.sweep_.runs if run.message), "")
            raise RegcliError(
                "no point of the path has a validation loss in every fold"
                + (f"; the first run that failed says: {message}" if message else "")
            )
        key = self.along if self.along in verdict.best.values else f"regularization.{self.along}"
        self.alpha_best_ = float(verdict.best.values[key])
        self.alpha_one_se_ = float(verdict.use.values[key])
        self.alpha_ = self.alpha_best_ if self.rule == "best" else self.alpha_one_se_

    def _by_fold(self, metric: str) -> Floats:
        """A score of the held-out rows, (strengths, folds)."""

        def score(run: Run) -> float | None:
            return run.metrics.get("validation", {}).get(metric)

        return by_fold(self.sweep_.runs, self.along, self.alphas_, score)

    def _keep_scores(self) -> None:
        """Keep what the points do on the rows held out."""
        self.loss_path_ = self._by_fold("data_loss")

    def _keep_model(self, runs: Sequence[Run], folder: Path) -> None:
        """Keep the chosen model, and what a linear one is along the path.

        Args:
            runs: of the path on all rows, from the smallest strength up.
        """
        from regcli.exports.stored_model import load_model
        from regcli.store.store_weights import read_weights

        rising = strengths_along(runs, self.along)[::-1].tolist()
        # Beyond the end of a net's path more of the strength changes nothing.
        place = max(n for n, strength in enumerate(rising) if strength <= self.alpha_)
        self.run_ = runs[place]
        if self.run_.state != "finished":
            raise RegcliError(
                f"the path on all rows must reach {self.along} {self.alpha_:g}, its run "
                f"{self.run_.state}: {self.run_.message}"
            )
        with reading(folder) as store:
            stored = load_model(store, self.run_.id)
            self.model_, self._scale = stored.keras, stored.scale
            if not self._is_linear:
                return
            weights = [read_weights(store, run.id) for run in runs]
        found = [coefficients(run.record, own) for run, own in zip(runs, weights, strict=True)]
        if any(each is None for each in found):
            return
        kernels = [each.original.T for each in reversed(found) if each is not None]
        chosen = found[place]
        assert chosen is not None
        self._keep_coefficients(chosen.original.T, chosen.intercept, np.stack(kernels, axis=-1))

    def _keep_coefficients(self, kernel: Floats, intercept: Floats, along: Floats) -> None:
        """Keep coefficients.

        Args:
            kernel: (outputs, features).
            intercept: (outputs,).
            along: (outputs, features, strengths).
        """
        self.coef_, self.coef_path_ = kernel, along
        self.intercept_: Floats | float = intercept

    def _outputs(self, x: Any) -> NDArray[Any]:
        """The model's outputs, (rows, outputs); of a linear one in float64."""
        check_is_fitted(self)
        rows = validate_data(self, x, reset=False, dtype=[np.float64, np.float32])
        if hasattr(self, "coef_"):
            kernel = np.atleast_2d(self.coef_)
            return np.asarray(rows.astype(np.float64) @ kernel.T + np.atleast_1d(self.intercept_))
        from regcli.training.evaluation import outputs_of

        return outputs_of(self.model_, rows.astype(np.float32))

    def __getstate__(self) -> dict[str, Any]:
        """Without the temporary folder, which stays where it was made."""
        state: dict[str, Any] = dict(super().__getstate__())
        state.pop("_temporary", None)
        return state


class PathRegressor(RegressorMixin, _PathEstimator):  # type: ignore[misc]
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
        cv: number of folds, dealt at random, in proportion to the classes where there are any.
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
        folds_: (rows,) the fold that held each row out; scikit-learn's `PredefinedSplit` takes it.
        model_: the Keras model; it takes rows as `fit` does.
        sweep_: the path with folds as a `regcli.Sweep`, with its verdict.
        run_: the `regcli.Run` of `model_`.
        n_features_in_, feature_names_in_: as everywhere in scikit-learn.

    Source: names and shapes are those of scikit-learn's `LassoCV` and `lasso_path`.
    """

    def fit(self, X: Any, y: Any) -> Self:
        """Train the path, choose a strength, and train on all rows.

        Args:
            X: (rows, features) numbers without gaps.
            y: (rows,) quantities.

        Raises:
            ValueError: they are not such, or a parameter is not.
            RegcliError, KeyboardInterrupt: as `regcli.path`.
        """
        x, y = validate_data(self, X, y, dtype=[np.float64, np.float32], y_numeric=True)
        self._fit(x, y.astype(np.float64))
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


class PathClassifier(ClassifierMixin, _PathEstimator):  # type: ignore[misc]
    """A classifier whose strength is chosen along a regularization path by folds.

    As `PathRegressor`, with the cross-entropy as its loss: it takes the same parameters and has the
    same attributes, without `mse_path_` and with those below. Its `model_` gives logits.

    scikit-learn's `LogisticRegression` of n rows with `C` and `l1_ratio` is `l1 = l1_ratio/(n·C)`
    with `l2 = (1 − l1_ratio)/(2·n·C)` here; two classes have one output, more have one each.

    Attributes:
        classes_: (classes,) labels in the order of probabilities. The stored runs call them by
            their places in it, from 0.
        score_path_: (strengths, folds) accuracy on the rows held out.
        coef_: (outputs, features), as in `LogisticRegression`: one output for two classes; only of
            a linear model.
        intercept_: (outputs,); only of a linear model.
        coef_path_: (outputs, features, strengths); only of a linear model.

    Source: names and shapes are those of scikit-learn's `LogisticRegressionCV` and `LassoCV`.
    """

    def fit(self, X: Any, y: Any) -> Self:
        """Train the path, choose a strength, and train on all rows.

        Args:
            X: (rows, features) numbers without gaps.
            y: (rows,) labels of two classes or more.

        Raises:
            ValueError: they are not such, or a parameter is not.
            RegcliError, KeyboardInterrupt: as `regcli.path`.
        """
        x, labels = validate_data(self, X, y, dtype=[np.float64, np.float32])
        check_classification_targets(labels)
        self.classes_, numbers = np.unique(labels, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError("y: must have at least 2 classes, the data has 1 class")
        self._fit(x, numbers.astype(np.int64))
        self._order = np.array([int(name) for name in self.run_.classes])
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
        return np.asarray(self.classes_[self._order[numbers]])

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
        return np.asarray(found.probabilities[0][:, np.argsort(self._order)], np.float64)

    def _predictions(self, x: Any) -> Predictions:
        outputs = np.ascontiguousarray(self._outputs(x))
        return Predictions(np.zeros(len(outputs)), outputs[np.newaxis], self._scale)
