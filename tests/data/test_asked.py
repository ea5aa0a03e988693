"""The positive class, and the metrics that a config asks for, against its data."""

import math

import pytest

from regcli.config.dataset_section import Dataset
from regcli.config.schema import Config
from regcli.config.task import Task
from regcli.data.asked_metrics import positive_class, require_metrics
from regcli.data.asked_training import lowest_loss
from regcli.data.sources import load_table
from regcli.data.splits import split
from regcli.errors import ModelError


@pytest.mark.parametrize(
    ("label", "classes", "number"),
    [
        (None, ("No", "Yes"), 1),
        (None, ("a", "b", "c"), 1),
        (None, (), 1),
        ("No", ("No", "Yes"), 0),
        ("Yes", ("No", "Yes"), 1),
        ("yes", ("No", "Yes"), 1),
        ("yes", ("YES", "yes"), 1),
        ("true", ("False", "True"), 1),
        ("0", ("0", "1"), 0),
    ],
)
def test_the_number_of_the_positive_class(
    label: str | None, classes: tuple[str, ...], number: int
) -> None:
    assert positive_class(label, classes) == number


@pytest.mark.parametrize(
    ("label", "classes", "message"),
    [
        ("Maybe", ("No", "Yes"), "must be a class of the target, No or Yes, got 'Maybe'"),
        (
            "Yess",
            ("No", "Yes"),
            "must be a class of the target, No or Yes, got 'Yess'; did you mean 'Yes'?",
        ),
        ("a", ("a", "b", "c"), "requires a target of two classes; this one has 3"),
        ("1", (), "requires a target of two classes; this one is continuous"),
    ],
)
def test_labels_that_are_no_class(label: str, classes: tuple[str, ...], message: str) -> None:
    with pytest.raises(ModelError) as refused:
        positive_class(label, classes)
    assert refused.value.path == ("dataset", "positive")
    assert refused.value.message == message


@pytest.mark.parametrize(("label", "number"), [(None, 1), ("malignant", 0), ("benign", 1)])
def test_splits_know_it(
    label: str | None, number: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    config = Dataset(name="breast_cancer", positive=label)
    assert split(load_table(config, tmp_path_factory.getbasetemp()), config).positive == number


@pytest.mark.parametrize(
    ("asked", "task", "path", "message"),
    [
        ({"metrics": ["f1", "rmse"]}, "binary", ("metrics", 1),
         "must be a metric for classification, got rmse"),
        ({"metrics": ["f1"]}, "regression", ("metrics", 0),
         "must be a metric for regression, got f1"),
        ({"select_by": "validation.r2"}, "multiclass", ("select_by",),
         "must be a metric for classification, got r2"),
    ],
)  # fmt: skip
def test_metrics_of_another_task(
    asked: dict[str, object], task: Task, path: tuple[str | int, ...], message: str
) -> None:
    config = Config.model_validate({"dataset": {"name": "iris"}, **asked})
    with pytest.raises(ModelError) as refused:
        require_metrics(config, task)
    assert (refused.value.path, refused.value.message) == (path, message)


def test_metrics_of_the_task() -> None:
    asked = {"metrics": ["f1", "ece"], "select_by": "validation.data_loss"}
    require_metrics(Config.model_validate({"dataset": {"name": "iris"}, **asked}), "multiclass")


@pytest.mark.parametrize(
    ("loss", "lowest"),
    [
        (None, 0.0),
        ("mse", 0.0),
        ("BinaryCrossentropy", 0.0),
        ("poisson", -math.inf),
        ("cosine_similarity", -math.inf),
    ],
)
def test_the_least_that_a_loss_can_be(loss: str | None, lowest: float) -> None:
    asked = Config.model_validate(
        {"dataset": {"name": "iris"}, "training": {"loss": loss}}
    ).training.loss
    assert lowest_loss(asked) == lowest
