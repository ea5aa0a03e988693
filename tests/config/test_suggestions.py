"""What is suggested for a name that is not known: what is meant by it, or nothing."""

import pytest

from regcli.config.problems import did_you_mean, unknown

METRICS = ("data_loss", "penalty", "objective", "accuracy", "r2", "mae")
RESULTS = (*(f"{part}.{key}" for part in ("train", "validation") for key in METRICS), "epochs")


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("validation.acuracy", "validation.accuracy"),
        ("validaton.accuracy", "validation.accuracy"),
        ("val.accuracy", "validation.accuracy"),
        ("train.acc", "train.accuracy"),
        ("train.loss", "train.data_loss"),
        ("train.R2", "train.r2"),
        ("val_loss", "validation.data_loss"),
        ("acc", "validation.accuracy"),
        ("mae", "validation.mae"),
        ("epoch", "epochs"),
    ],
)
def test_what_is_meant(name: str, meant: str) -> None:
    assert did_you_mean(name, RESULTS) == f"; did you mean '{meant}'?"


@pytest.mark.parametrize("name", ["validation.auc", "validation.mse", "auc", "x" * 61, "", "."])
def test_no_false_friend(name: str) -> None:
    assert did_you_mean(name, RESULTS) == ""


def test_what_there_is_is_listed_where_nothing_is_near() -> None:
    assert unknown("metric", "auc", METRICS) == (
        "there is no metric 'auc'; known: accuracy, data_loss, mae, objective, penalty, r2"
    )
    assert unknown("metric", "auc", [*METRICS, *map(str, range(30))]) == (
        "there is no metric 'auc'"
    )


@pytest.mark.parametrize(
    ("name", "known"), [("gro\u0308ße", "größe"), ("Å", "\u212b"), ("é", "e\u0301")]
)
def test_forms_of_one_name(name: str, known: str) -> None:
    assert did_you_mean(name, ["dense", known]) == (
        f"; '{known}' has another Unicode form: copy that name"
    )
