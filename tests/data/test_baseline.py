"""One answer for all rows, against scikit-learn's dummy models."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    balanced_accuracy_score,
    brier_score_loss,
    f1_score,
    log_loss,
    mean_absolute_error,
    mean_absolute_percentage_error,
    precision_score,
    r2_score,
    recall_score,
    root_mean_squared_error,
)

from regcli.config.dataset_section import Dataset
from regcli.data.baseline import baseline
from regcli.data.dataset import Splits
from regcli.data.sources import load_table
from regcli.data.splits import split


def splits_of(name: str, **changes: Any) -> Splits:
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


@pytest.mark.parametrize("positive", ["malignant", "benign"])
def test_the_positive_class_is_what_is_compared_with_where_it_is_looked_for(positive: str) -> None:
    splits = splits_of("breast_cancer", positive=positive)
    part = splits.validation
    assert part is not None
    number = splits.table.classes.index(positive)
    dummy = DummyClassifier(strategy="constant", constant=number).fit(
        splits.train.x, splits.train.y
    )
    named = dummy.predict(part.x)
    found = baseline(splits)["validation"]
    assert found["precision"] == precision_score(part.y, named, pos_label=number)
    assert found["recall"] == recall_score(part.y, named, pos_label=number) == 1
    assert found["f1"] == f1_score(part.y, named, pos_label=number)
    shares = np.full(len(part), 0.3)
    assert found["average_precision"] == average_precision_score(part.y == number, shares)
    assert found["balanced_accuracy"] == balanced_accuracy_score(part.y, named) == 0.5


def test_of_several_classes_it_is_the_most_frequent_one() -> None:
    splits = splits_of("wine")
    part = splits.validation
    assert part is not None
    named = DummyClassifier().fit(splits.train.x, splits.train.y).predict(part.x)
    assert baseline(splits)["validation"]["f1"] == f1_score(part.y, named, average="macro")


def test_a_quantity_has_the_scores_of_its_mean_and_of_its_median() -> None:
    splits = splits_of("diabetes", test=0)
    found = baseline(splits)
    assert list(found) == ["validation"]
    part = splits.validation
    assert part is not None
    by_mean, by_median = (
        DummyRegressor(strategy=strategy).fit(splits.train.x, splits.train.y).predict(part.x)
        for strategy in ("mean", "median")
    )
    assert found["validation"] == pytest.approx(
        {
            "r2": r2_score(part.y, by_mean),
            "mae": mean_absolute_error(part.y, by_median),
            "rmse": root_mean_squared_error(part.y, by_mean),
            "mape": mean_absolute_percentage_error(part.y, by_median),
        },
        abs=1e-5,
    )
