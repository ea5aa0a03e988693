"""What the estimators over a path share: parameters, the path with folds, choice and model."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from regcli.api.asked_folds import number_of_folds, parts_by_fold
from regcli.api.calls import path
from regcli.api.finished_run import Run
from regcli.api.finished_sweep import Sweep
from regcli.api.packed_data import Arrays
from regcli.api.path_arrays import Floats, by_fold, folds_of_rows, strengths_along
from regcli.api.runs_folder import reading
from regcli.api.temporary_runs import TemporaryRuns
from regcli.errors import RegcliError
from regcli.results.coefficients import coefficients

_RULES = ("best", "one_standard_error")
_EPOCHS = 50
_TASKS = {"classifier": "classification", "regressor": "regression"}
_OF_LINEAR = ("coef_", "intercept_", "coef_path_")


class PathEstimator(BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """What classifier and regressor have in common: everything but the target."""

    def __init__(
        self,
        layers: Sequence[Mapping[str, Any]] | None = None,
        *,
        along: Literal["l1", "l2", "group_strength"] = "l1",
        points: int = 20,
        strengths: str | Sequence[float] | None = None,
        l2: float = 0.0,
        cv: Any = 5,
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

    def _fit(
        self, x: NDArray[Any], y: NDArray[Any], groups: Any, unknown: Mapping[str, Any]
    ) -> None:
        """Train the path with folds, choose, and train it on all rows up to what is chosen.

        Args:
            y: labels of classes as a file holds them, or quantities.
            groups: of rows, for `cv`.
            unknown: what else `fit` was given.
        """
        _refuse_unknown(unknown)
        if self.rule not in _RULES:
            raise ValueError(f"rule: must be {' or '.join(_RULES)}, got {self.rule!r}")
        folds, fold_parts = number_of_folds(self.cv, len(x)), None
        if folds is None:
            fold_parts = parts_by_fold(self.cv, x, y, groups)
        elif groups is not None:
            raise ValueError(
                f"groups: requires a splitter such as GroupKFold as cv, got cv={folds}"
            )
        for name in (*_OF_LINEAR, "mse_path_", "score_path_", "folds_"):
            self.__dict__.pop(name, None)
        folder = self._folder_of_runs()
        config = self._config()
        common: dict[str, Any] = {
            "data": Arrays(x, y, fold_parts),
            "along": self.along,
            "set": self.set,
            "runs": folder,
            "progress": False,
            # A linear model costs next to nothing to follow to the end, as LassoCV does. A net's
            # path ends where it is empty.
            "max_nonzero": -1 if self._is_linear else 0,
        }
        self.sweep_: Sweep = path(
            config,
            folds=folds if fold_parts is None else fold_parts.shape[1],
            points=self.points,
            values=self._values(),
            **common,
        )
        self.alphas_ = strengths_along(self.sweep_.runs, self.along)
        self._choose()
        self._keep_scores()
        of_rows = folds_of_rows(self.sweep_.runs[0])
        if of_rows is not None:
            self.folds_ = of_rows
        kept = self.alphas_ if self._is_linear else self.alphas_[self.alphas_ <= self.alpha_]
        on_all = path(config, values=sorted(kept.tolist()), **common)
        self._keep_model(on_all.runs, folder)

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


def _refuse_unknown(given: Mapping[str, Any]) -> None:
    """Refuse what `fit` does not take.

    Raises:
        TypeError: there is something; for weights of rows it says why.
    """
    if given.get("sample_weight") is not None:
        raise TypeError(
            "sample_weight: must be left out, because rows held out are scored without weights: a "
            "strength would be chosen for other rows than the model is trained for; regcli.path "
            "takes a column of weights, see dataset.weights"
        )
    unknown = [name for name in given if name != "sample_weight"]
    if unknown:
        raise TypeError(f"fit: got the unexpected argument {unknown[0]!r}")
