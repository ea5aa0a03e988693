"""What a config may ask to be shown and ranked by: the keys `metrics` and `select_by`."""

import jsonschema
import pytest
from loading import Load, Problems

from regcli.config.document import read_yaml
from regcli.config.json_schema import config_schema
from regcli.errors import ConfigError
from regcli.metrics.registry import MEANINGS, METRICS
from regcli.planning.identity import run_id
from regcli.planning.members import plan_sweep
from regcli.planning.populations import population_key

DATA = "dataset: {name: digits}\n"
RANKING = "must be validation.data_loss or a metric, like validation.roc_auc"


def test_what_is_asked_for(load: Load) -> None:
    config = load(f"{DATA}metrics: [roc_auc, f1]\nselect_by: validation.roc_auc\n").config
    assert (config.metrics, config.select_by) == (("roc_auc", "f1"), "validation.roc_auc")
    assert config.asked_metrics() == {
        ("metrics", 0): "roc_auc", ("metrics", 1): "f1", ("select_by",): "roc_auc"
    }  # fmt: skip
    assert load(f"{DATA}select_by: validation.data_loss\n").config.asked_metrics() == {}


@pytest.mark.parametrize("text", ["roc_auc,f1", "roc_auc, f1", "[roc_auc,f1]"])
def test_a_list_as_it_is_typed(load: Load, text: str) -> None:
    """`--set` reads its value as YAML; commas without brackets stay text."""
    assert load(f"{DATA}metrics: {text}\n").config.metrics == ("roc_auc", "f1")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            "metrics: [f1, auc]",
            "2:15: metrics.1: there is no metric 'auc'; did you mean 'roc_auc'?",
        ),
        ("metrics: [acc]", "2:11: metrics.0: there is no metric 'acc'; did you mean 'accuracy'?"),
        ("metrics: mse", "2:10: metrics: there is no metric 'mse'; did you mean 'rmse'?"),
        ("metrics: [recal]", "2:11: metrics.0: there is no metric 'recal'; did you mean 'recall'?"),
        (
            "metrics: [zzz]",
            f"2:11: metrics.0: there is no metric 'zzz'; known: {', '.join(sorted(METRICS))}",
        ),
        ("metrics: [f1, f1]", "2:10: metrics: must not name a metric twice, got f1 again"),
        ("metrics: []", "2:10: metrics: must name at least one metric, got an empty list"),
        ("metrics: 3", "2:10: metrics: must be a list, got 3"),
        ("metrics: [3]", "2:11: metrics.0: must be text, got 3"),
        ("metric: [f1]", "2:1: metric: unknown key; did you mean 'metrics'?"),
        (
            "select_by: roc_auc",
            f"2:12: select_by: {RANKING}, got the text 'roc_auc'; "
            "did you mean 'validation.roc_auc'?",
        ),
        (
            "select_by: validation.auc",
            f"2:12: select_by: {RANKING}, got the text 'validation.auc'; "
            "did you mean 'validation.roc_auc'?",
        ),
        ("select_by: validation.zzz", f"2:12: select_by: {RANKING}, got the text 'validation.zzz'"),
        (
            "select_by: test.f1",
            "2:12: select_by: must be a result of the validation rows: test rows are not used for "
            "ranking, got test.f1",
        ),
        (
            "select_by: validation.ece",
            "2:12: select_by: must be a metric that shows which model is better, got "
            "validation.ece, which can be near 0 for a constant prediction",
        ),
        ("select_by: [f1]", "2:12: select_by: must be text, got a list"),
        ("sweep: {vary: {metrics: [f1]}}", "2:25: sweep.vary.metrics: must be a key that changes a "
         "run, got metrics"),
    ],
)  # fmt: skip
def test_one_line_that_breaks_a_rule(load: Load, line: str, message: str) -> None:
    with pytest.raises(ConfigError) as refused:
        plan_sweep(load(f"{DATA}{line}\n"))
    assert list(refused.value.problems) == [f"c.yaml:{message}"]


def test_ranking_needs_validation_rows(problems: Problems) -> None:
    text = "dataset: {name: digits, validation: 0}\nselect_by: validation.f1\n"
    assert problems(text) == [
        "c.yaml:2:12: select_by: requires validation rows; got 'validation.f1' with "
        "dataset.validation: 0"
    ]


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("auc", "roc_auc"), ("acc", "accuracy"), ("mse", "rmse"), ("logloss", "log_loss"),
        ("cross_entropy", "log_loss"), ("f_score", "f1"), ("ap", "average_precision"),
        ("pr_auc", "average_precision"), ("r_squared", "r2"), ("mean_absolute_error", "mae"),
        ("sensitivity", "recall"), ("brier_score", "brier"),
    ],
)  # fmt: skip
def test_other_names_are_understood(problems: Problems, name: str, key: str) -> None:
    assert MEANINGS[name] == key
    assert problems(f"{DATA}metrics: [{name}]\n") == [
        f"c.yaml:2:11: metrics.0: there is no metric '{name}'; did you mean '{key}'?"
    ]


def test_they_change_no_id_and_no_population(load: Load) -> None:
    bare = load(DATA).config
    asked = load(f"{DATA}metrics: [f1]\nselect_by: validation.f1\n").config
    assert run_id(bare, "data") == run_id(asked, "data")
    assert population_key(bare) == population_key(asked)


def test_editors_know_them() -> None:
    validator = jsonschema.Draft7Validator(config_schema())
    for text, is_known in {
        "metrics: [roc_auc, f1]": True,
        "metrics: roc_auc,f1": True,
        "metrics: [auc]": False,
        "metrics: []": False,
        "select_by: validation.roc_auc": True,
        "select_by: validation.ece": False,
        "select_by: test.f1": False,
    }.items():
        assert validator.is_valid(read_yaml(f"{DATA}{text}", "c").data) is is_known, text


@pytest.mark.parametrize(
    ("written", "label"), [("'Yes'", "Yes"), ("1", "1"), ("2.0", "2"), ("0.5", "0.5"),
                           ("true", "true"), ("off", "off")]
)  # fmt: skip
def test_a_positive_class_as_it_is_typed(load: Load, written: str, label: str) -> None:
    assert load(f"dataset: {{name: digits, positive: {written}}}").config.dataset.positive == label


def test_a_positive_class_makes_another_run(load: Load) -> None:
    """Its precision, recall and F1 are others than those that are stored."""
    ids = {
        run_id(load(f"dataset: {{name: breast_cancer{given}}}").config, "data")
        for given in ("", ", positive: benign", ", positive: malignant")
    }
    assert len(ids) == 3
