"""What to know before a verdict is used."""

from typing import Any

import numpy as np
import pytest
from judged import Grid

from regcli.report.caution_words import baseline_notes, caution_text
from regcli.results.records import Optimality
from regcli.results.verdict.cautions import Caution, CautionKind, cautions, still_improves


def graded(best: float, *strengths: float, key: str = "l1", seeds: int = 2) -> Grid:
    """A grid in which one strength is best."""
    grid = Grid()
    for strength in strengths:
        losses = np.full((seeds, 50), 0.3 if strength == best else 0.5)
        grid.add(losses + np.arange(50) / 1000, **{key: strength})
    return grid


@pytest.mark.parametrize(
    ("best", "grid"),
    [
        (0.1, "0,log:0.1:10:5"),
        (0.001, "0,log:1e-05:0.001:5"),
        (0.01, None),
        (0.0, None),
    ],
)
def test_a_best_strength_at_the_grid_s_edge(best: float, grid: str | None) -> None:
    found = cautions(graded(best, 0.0, 0.001, 0.01, 0.1).judge())
    assert found == ((Caution(CautionKind.EDGE, "l1", grid),) if grid else ())


def test_any_strength_can_be_at_an_edge() -> None:
    key = "regularization.group_strength"
    found = cautions(graded(0.1, 0.0, 0.1, key=key).judge())
    assert found == (Caution(CautionKind.EDGE, key, "0,log:0.1:10:5"),)


def test_a_grid_without_0_is_widened_without_it() -> None:
    found = cautions(graded(0.1, 0.001, 0.01, 0.1).judge())
    assert found[0] == Caution(CautionKind.EDGE, "l1", "log:0.1:10:5")


def test_a_grid_without_0_and_one_seed() -> None:
    kinds = [each.kind for each in cautions(graded(0.01, 0.001, 0.01, 0.1, seeds=1).judge())]
    assert kinds == [CautionKind.REFERENCE, CautionKind.SEEDS]


@pytest.mark.parametrize("more", [(), ("column 'b' predicts it too",)])
def test_columns_that_predict_the_target_too_well_come_first(more: tuple[str, ...]) -> None:
    leak = "column 'a' equals the target in all 100 rows looked at; drop: [a]"
    grid = graded(0.1, 0.0, 0.01, 0.1)
    for place, run in enumerate(grid.records):
        assert run.data is not None
        data = run.data.model_copy(update={"leaks": (leak, *more)})
        grid.records[place] = run.model_copy(update={"data": data})
    verdict = grid.judge()
    first, *others = cautions(verdict)
    assert caution_text(first, verdict) == (f"{leak} (and 1 more)" if more else leak)
    assert [each.kind for each in others] == [CautionKind.EDGE]


@pytest.mark.parametrize(
    ("balanced", "is_told"), [((0.5, 0.5), True), ((0.5, 0.61), False), ((None, None), False)]
)
def test_a_setting_to_use_that_predicts_one_class(
    balanced: tuple[float | None, float | None], is_told: bool
) -> None:
    grid = graded(0.01, 0.0, 0.01, 0.1)
    for place, value in zip((2, 3), balanced, strict=True):
        run = grid.records[place]
        scores = {**run.metrics["validation"], "balanced_accuracy": value}
        assert run.data is not None
        grid.records[place] = run.model_copy(
            update={
                "metrics": {**run.metrics, "validation": scores},
                "data": run.data.model_copy(update={"classes": ("No", "Yes")}),
            }
        )
    verdict = grid.judge()
    assert verdict.settings[verdict.use].settings["l1"] == 0.01
    found = [each for each in cautions(verdict) if each.kind is CautionKind.ONE_CLASS]
    assert [caution_text(each, verdict) for each in found] == [
        "the setting to use predicts one class for every row, however well its probabilities rank "
        "them: try training.class_weight: balanced, or lower strengths"
    ] * is_told


@pytest.mark.parametrize(
    ("early", "has_test_rows", "is_told"),
    [
        ({"monitor": "validation.data_loss", "patience": 3}, False, True),
        ({"monitor": "validation.accuracy"}, False, True),
        ({"monitor": "validation.accuracy"}, True, False),
        ({"monitor": "train.data_loss"}, False, False),
        (None, False, False),
    ],
)
def test_an_epoch_that_the_validation_rows_have_chosen(
    early: dict[str, Any] | None, has_test_rows: bool, is_told: bool
) -> None:
    grid = graded(0.01, 0.0, 0.001, 0.01, 0.1)
    for run in grid.records:
        run.config["training"]["early_stopping"] = early
        if not has_test_rows:
            run.metrics["test"] = {}
    verdict = grid.judge()
    assert [caution_text(each, verdict) for each in cautions(verdict)] == [
        "early stopping chose the epoch by the validation rows, whose losses are then a little too "
        "low: hold out rows for the test with dataset.test"
    ][: int(is_told)]


def scored(
    baseline: dict[str, float], reached: dict[str, float], select_by: str | None = None
) -> Grid:
    """A grid of two settings with the same validation scores, and what is to be beaten."""
    grid = Grid("regression" if "r2" in baseline else "binary", select_by=select_by)
    for strength in (0.0, 0.1):
        grid.add(np.full((2, 50), 0.3 + strength), l1=strength)
    for place, run in enumerate(grid.records):
        assert run.data is not None
        scores = {**run.metrics["validation"], **reached}
        data = run.data.model_copy(
            update={"baseline": {"validation": baseline}, "positive": "sick"}
        )
        changes = {"metrics": {**run.metrics, "validation": scores}, "data": data}
        grid.records[place] = run.model_copy(update=changes)
    return grid


@pytest.mark.parametrize(
    ("baseline", "reached", "select_by", "is_beaten"),
    [
        ({"accuracy": 0.9}, {"accuracy": 0.91}, None, True),
        ({"accuracy": 0.9}, {"accuracy": 0.9}, None, False),
        ({"accuracy": 0.9}, {"accuracy": 0.85}, None, False),
        # One class for every row, but better probabilities than the class shares.
        ({"accuracy": 0.9, "log_loss": 0.33}, {"accuracy": 0.9, "log_loss": 0.2}, None, True),
        ({"accuracy": 0.9, "log_loss": 0.33}, {"accuracy": 0.9, "log_loss": 0.4}, None, False),
        # What ranks is what counts.
        ({"accuracy": 0.9, "roc_auc": 0.5}, {"accuracy": 0.7, "roc_auc": 0.8}, "roc_auc", True),
        ({"accuracy": 0.9, "roc_auc": 0.5}, {"accuracy": 0.95, "roc_auc": 0.5}, "roc_auc", False),
        ({"accuracy": 0.9, "recall": 1.0}, {"accuracy": 0.95, "recall": 0.8}, "recall", True),
        ({"r2": -0.01, "mae": 3.0}, {"r2": -0.2, "mae": 2.5}, None, True),
        ({"r2": -0.01, "mae": 3.0}, {"r2": 0.2, "mae": 3.5}, "mae", False),
        ({"accuracy": 0.9}, {"roc_auc": 0.8}, "roc_auc", True),  # nothing is known
    ],
)
def test_settings_that_do_no_better_than_the_best_constant_answer(
    baseline: dict[str, float], reached: dict[str, float], select_by: str | None, is_beaten: bool
) -> None:
    grid = scored(baseline, reached, select_by and f"validation.{select_by}")
    found = [each.kind for each in cautions(grid.judge())]
    assert (CautionKind.BASELINE in found) != is_beaten


def test_what_to_try_where_no_setting_beats_the_best_constant_answer() -> None:
    verdict = scored({"accuracy": 0.9}, {"accuracy": 0.9}).judge()
    (found,) = [each for each in cautions(verdict) if each.kind is CautionKind.BASELINE]
    assert caution_text(found, verdict) == (
        "no setting beats the best constant answer: try more epochs or another learning rate"
    )


@pytest.mark.parametrize(
    ("baseline", "reached", "select_by", "told"),
    [
        ({"accuracy": 0.9}, {"accuracy": 0.91}, None, None),
        ({"accuracy": 0.9}, {"accuracy": 0.9}, None, "accuracy 0.9000, {} 0.9000"),
        (
            {"accuracy": 0.7, "balanced_accuracy": 1 / 3},
            {"accuracy": 0.8, "balanced_accuracy": 0.2792},
            "balanced_accuracy",
            "balanced accuracy 0.2792, {} 0.3333",
        ),
        (
            {"r2": -0.01, "mae": 3.0},
            {"r2": 0.2, "mae": 3.5},
            "mae",
            "mean absolute error 3.500, {} 3.000",
        ),
        # One class for every row, but better probabilities than the class shares.
        ({"accuracy": 0.9, "log_loss": 0.33}, {"accuracy": 0.9, "log_loss": 0.2}, None, None),
        # The positive class for every row has all of recall.
        ({"accuracy": 0.6, "recall": 1.0}, {"accuracy": 0.7, "recall": 0.9}, "recall", None),
        ({"accuracy": 0.9}, {}, "roc_auc", None),  # nothing is known
    ],
)
def test_a_setting_to_use_that_does_no_better_on_test_rows_than_the_best_constant_answer(
    baseline: dict[str, float], reached: dict[str, float], select_by: str | None, told: str | None
) -> None:
    by = select_by and f"validation.{select_by}"
    good = {"mae": 1.0} if select_by == "mae" else {select_by or "accuracy": 0.99}
    grid = scored(baseline, good, by)
    for place, run in enumerate(grid.records):
        assert run.data is not None
        both = {"validation": baseline, "test": baseline}
        changes = {
            "metrics": {**run.metrics, "test": reached},
            "data": run.data.model_copy(update={"baseline": both}),
        }
        grid.records[place] = run.model_copy(update=changes)
    verdict = grid.judge()
    assert [
        caution_text(each, verdict) for each in cautions(verdict) if each.kind is CautionKind.TEST
    ] == (
        []
        if told is None
        else ["on the test rows the setting to use has " + told.format("the best constant answer")]
    )


@pytest.mark.parametrize(
    ("baseline", "select_by", "note"),
    [
        (
            {"accuracy": 0.9, "log_loss": 0.3},
            None,
            "baseline, the most frequent class for every row: validation accuracy 0.9000",
        ),
        (
            {"accuracy": 0.9, "average_precision": 0.1},
            "average_precision",
            "baseline, the class shares for every row: validation average precision "
            "0.1000; the most frequent class: accuracy 0.9000",
        ),
        (
            {"accuracy": 0.9, "f1": 0.1818},
            "f1",
            "baseline, class sick for every row: validation F1 0.1818; the most frequent class: "
            "accuracy 0.9000",
        ),
        (
            {"r2": -0.01, "mae": 3123.4},
            "mae",
            "baseline, the median of the target for every row: validation mean absolute error "
            "3123; the mean of the target: R² -0.0100",
        ),
        (
            {"r2": -0.01},
            "r2",
            "baseline, the mean of the target for every row: validation R² -0.0100",
        ),
        ({}, None, None),
    ],
)
def test_what_is_to_be_beaten_is_told_of_what_ranks(
    baseline: dict[str, float], select_by: str | None, note: str | None
) -> None:
    grid = scored(baseline, baseline, select_by and f"validation.{select_by}")
    told = [each.text for each in baseline_notes(grid.judge())]
    assert told == ([] if note is None else [note])


FALLING = tuple(1 / (1 + epoch) for epoch in range(20))


@pytest.mark.parametrize(
    ("history", "changes", "expected"),
    [
        (FALLING, {}, True),
        (FALLING[::-1], {}, False),
        ((*FALLING, 0.5), {}, False),
        (FALLING[:1], {}, False),
        ((), {}, False),
        ((1.0, 0.5, 0.499, 0.4989), {}, False),
        (FALLING, {"epochs": 19}, False),
        ((None, *FALLING), {}, True),
    ],
)
def test_training_that_was_still_improving(
    history: tuple[float, ...], changes: dict[str, Any], expected: bool
) -> None:
    grid = graded(0.0, 0.0, 0.1)
    given = {"history": {"val_data_loss": history}, "epochs": 50, **changes}
    assert still_improves([grid.records[0].model_copy(update=given)]) == expected


def test_one_seed_is_enough_for_models_at_their_optimum() -> None:
    grid = graded(0.01, 0.0, 0.001, 0.01, 0.1, seeds=1)
    assert [each.kind for each in cautions(grid.judge())] == [CautionKind.SEEDS]
    optimum = Optimality(residual=0, pull=1, relative=0, settled=True, polish_steps=10, gap=1e-9)
    grid.records = [run.model_copy(update={"optimality": optimum}) for run in grid.records]
    assert cautions(grid.judge()) == ()


def test_a_run_at_its_optimum_needs_no_more_epochs() -> None:
    optimum = Optimality(residual=0, pull=1, relative=0, settled=True, polish_steps=10, gap=1e-9)
    given = {"history": {"val_data_loss": FALLING}, "optimality": optimum}
    assert not still_improves([graded(0.0, 0.0, 0.1).records[0].model_copy(update=given)])


@pytest.mark.parametrize(("reason", "expected"), [("it has no minimum", False), ("", True)])
def test_a_run_that_says_why_it_has_no_optimum_needs_none_either(
    reason: str, expected: bool
) -> None:
    far = Optimality(residual=1, pull=1, relative=1, settled=False, polish_steps=100, reason=reason)
    given = {"history": {"val_data_loss": FALLING}, "optimality": far}
    assert still_improves([graded(0.0, 0.0, 0.1).records[0].model_copy(update=given)]) == expected


@pytest.mark.parametrize(("last", "expected"), [(0.05, True), (0.9, False)])
def test_over_folds_it_is_their_mean_loss_that_still_falls(last: float, expected: bool) -> None:
    """One fold's loss rises a little at the end; the mean of both falls, or does not."""
    grid = Grid()
    for l1 in (0.0, 0.1):
        for number in range(2):
            grid.add(np.full((1, 50), 0.3 + l1) + number / 10, fold=(number, 2, 0), l1=l1)
    histories = ((*FALLING[:-1], last), (*FALLING[:-1], FALLING[-2] * 1.01))
    grid.records = [
        run.model_copy(update={"history": {"val_data_loss": histories[place % 2]}})
        for place, run in enumerate(grid.records)
    ]
    kinds = [each.kind for each in cautions(grid.judge())]
    assert (CautionKind.EPOCHS in kinds) == expected


@pytest.mark.parametrize(("task", "key"), [("multiclass", "log_loss"), ("regression", "mae")])
def test_a_finite_loss_far_above_that_of_a_constant(task: str, key: str) -> None:
    grid = Grid(task)
    for strength in (0.0, 0.001, 0.01, 0.1):
        grid.add(np.full((2, 50), 0.3 + strength % 0.01) + np.arange(50) / 1000, l1=strength)
    for place, own in enumerate((0.5, 0.5, 9e6, 9e6, 7.01, 6.99, 6.9, 6.99)):
        run = grid.records[place]
        assert run.data is not None
        grid.records[place] = run.model_copy(
            update={
                "metrics": {**run.metrics, "train": {key: own}},
                "data": run.data.model_copy(update={"baseline": {"validation": {key: 0.7}}}),
            }
        )
    verdict = grid.judge()
    found = [each for each in cautions(verdict) if each.kind is CautionKind.EXPLODED]
    assert [caution_text(each, verdict) for each in found] == [
        "l1\u00a00.001 and 1 more ended with a training error 10 or more times that of the best "
        "constant answer: try a lower learning rate"
    ]


def test_grids_to_try_are_short() -> None:
    found = cautions(graded(0.05358867312681466, 0.0, 0.01, 0.05358867312681466).judge())
    assert found[0] == Caution(CautionKind.EDGE, "l1", "0,log:0.0536:5.36:5")
