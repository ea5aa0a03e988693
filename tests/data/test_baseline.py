"""One prediction for all rows, against scikit-learn's dummy models."""

from pathlib import Path

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.metrics import (
    accuracy_score,
    brier_score_loss,
    log_loss,
    mean_absolute_error,
    r2_score,
)

from regcli.config.dataset_section import Dataset
from regcli.data.baseline import baseline
from regcli.data.dataset import Splits
from regcli.data.sources import load_table
from regcli.data.splits import split


def splits_of(name: str, **changes: float) -> Splits:
    config = Dataset.model_validate({"name": name, **changes})
    return split(load_table(config, Path()), config)


@pytest.mark.parametrize("name", ["breast_cancer", "wine", "iris"])
def test_classes_have_the_scores_of_their_shares(name: str) -> None:
    splits = splits_of(name)
    dummy = DummyClassifier(strategy="prior").fit(splits.train.x, splits.train.y)
    found = baseline(splits)
    assert set(found) == {"validation", "test"}
    for part_name, part in (("validation", splits.validation), ("test", splits.test)):
        assert part is not None
        shares = dummy.predict_proba(part.x)
        scores = found[part_name]
        assert scores["accuracy"] == accuracy_score(part.y, dummy.predict(part.x))
        assert scores["log_loss"] == pytest.approx(log_loss(part.y, shares), rel=1e-6)
        if len(splits.table.classes) == 2:
            assert scores["brier"] == pytest.approx(brier_score_loss(part.y, shares[:, 1]))
            assert scores["roc_auc"] == 0.5


def test_a_quantity_has_the_scores_of_its_mean() -> None:
    splits = splits_of("diabetes", test=0)
    dummy = DummyRegressor().fit(splits.train.x, splits.train.y)
    found = baseline(splits)
    assert list(found) == ["validation"]
    part = splits.validation
    assert part is not None
    predicted = dummy.predict(part.x)
    assert found["validation"]["r2"] == pytest.approx(r2_score(part.y, predicted), abs=1e-6)
    assert found["validation"]["mae"] == pytest.approx(mean_absolute_error(part.y, predicted))
    assert np.isfinite(list(found["validation"].values())).all()
