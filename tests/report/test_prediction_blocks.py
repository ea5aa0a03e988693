"""Pictures of single rows: what they show, and what is said where there are none."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.calibration import calibration_curve
from stored_examples import a_run

from regcli.report.pages.page import Block, Text
from regcli.report.pages.prediction_blocks import missing, prediction_blocks
from regcli.report.plots.confusion_map import confusion_map
from regcli.report.plots.plot import Cells, Dots, Line, Plot
from regcli.report.plots.row_plots import reliability_plot
from regcli.report.plots.scales import Steps
from regcli.report.plots.threshold_plots import MOST_POINTS, drawn_points
from regcli.report.writers.svg.drawing import drawn
from regcli.results.kept_predictions import KeptPredictions
from regcli.results.records import DataSummary


def data(task: str, *classes: str, positive: str | None = None) -> DataSummary:
    return DataSummary(
        source="made",
        fingerprint="f" * 12,
        task=task,
        rows={"train": 3, "validation": 3},
        input_shape=(4,),
        columns=(),
        classes=classes,
        positive=positive,
    )


def plots(found: list[Block]) -> dict[str, Plot]:
    return {block.key: block for block in found if isinstance(block, Plot)}


def of_classes(classes: int, rows: int = 200) -> KeptPredictions:
    random = np.random.default_rng(0)
    shares = random.dirichlet(np.ones(classes), rows)
    truth = np.array([random.choice(classes, p=own) for own in shares], np.int32)
    scores = shares.T if classes > 2 else shares.T[1:]
    sure = shares.max(axis=-1).astype(np.float32)
    predicted = shares.argmax(axis=-1).astype(np.int32)
    return KeptPredictions("validation", rows, truth, predicted, sure, scores)


def test_classes_have_a_matrix_reliability_and_a_curve_each() -> None:
    kept = of_classes(3)
    found = plots(list(prediction_blocks(kept, data("multiclass", "a", "b", "c"), 1, "", [])))
    assert list(found) == ["confusion", "reliability", "roc", "precision-recall"]
    for key, lines in (("roc", 4), ("precision-recall", 3)):
        (panel,) = found[key].panels
        names = [mark.name.split(",")[0] for mark in panel.marks if isinstance(mark, Line)]
        assert names[-3:] == ["a", "b", "c"]
        assert len(names) == lines
    wrong = int((kept.truth != kept.predicted).sum())
    assert found["confusion"].notes[0].startswith(f"{wrong} of 200 validation rows are wrong;")
    for plot in found.values():
        assert "<title" in drawn(plot, plot.key)


def test_of_two_classes_the_curve_is_that_of_the_positive_one() -> None:
    kept = of_classes(2)
    about = data("binary", "no", "yes", positive="yes")
    found = plots(list(prediction_blocks(kept, about, 1, "", [])))
    (panel,) = found["roc"].panels
    chance, own = (mark for mark in panel.marks if isinstance(mark, Line))
    assert (chance.name, own.name.split(",")[0]) == ("no better than chance", "yes")
    (panel,) = found["precision-recall"].panels
    chance = next(mark for mark in panel.marks if isinstance(mark, Line))
    assert chance.points[0][1] == pytest.approx((kept.truth == 1).mean())


def test_a_quantity_has_its_residuals() -> None:
    truth = np.arange(10.0)
    kept = KeptPredictions("test", 10, truth, truth + 1)
    (plot,) = prediction_blocks(kept, data("regression"), 1, ", in units of price", ["a note"])
    assert isinstance(plot, Plot)
    (panel,) = plot.panels
    dots = next(mark for mark in panel.marks if isinstance(mark, Dots)).dots
    assert [(dot.x, dot.y) for dot in dots] == [(value + 1, -1) for value in truth]
    assert panel.x.label == "prediction, in units of price"
    assert plot.notes == ["10 test rows", "a note"]
    assert plot.description.startswith("10 test rows: the mean residual is -1, ")


def test_a_sample_and_joined_folds_are_said_so() -> None:
    kept = replace(of_classes(3), of=9_000)
    found = plots(list(prediction_blocks(kept, data("multiclass", "a", "b", "c"), 5, "", [])))
    assert "a sample of 200 of 9,000 validation rows" in found["confusion"].notes
    pooled = "scores of all folds' models on one scale, as each model gives them"
    assert [key for key, plot in found.items() if pooled in plot.notes] == [
        "roc",
        "precision-recall",
    ]


def test_without_probabilities_there_is_no_reliability() -> None:
    kept = of_classes(7)
    bare = KeptPredictions("validation", 200, kept.truth, kept.predicted)
    found = plots(list(prediction_blocks(bare, data("multiclass", *"abcdefg"), 1, "", [])))
    assert list(found) == ["confusion"]


def test_of_many_classes_the_most_confused_are_drawn() -> None:
    counts = np.diag(np.full(20, 50))
    counts[3, 17], counts[17, 4] = 9, 5
    names = [f"class {n}" for n in range(20)]
    plot = confusion_map("validation", counts, names, [])
    (panel,) = plot.panels
    (cells,) = (mark for mark in panel.marks if isinstance(mark, Cells))
    assert len(cells.cells) == 12 * 12
    assert plot.notes[1] == (
        "the 12 most confused of 20 classes; 0 of their rows are taken for others"
    )
    assert plot.description == (
        "14 of 1,014 validation rows are wrong. Most often class 3 is taken for class 17 (9); "
        "class 17 is taken for class 4 (5)."
    )
    assert isinstance(panel.x.scale, Steps)
    assert isinstance(panel.y.scale, Steps)
    assert panel.x.scale.texts[3] == "4"
    assert panel.y.scale.texts[-4] == "4 class 3"


def test_rows_stand_from_the_top_and_columns_from_the_left() -> None:
    plot = confusion_map("validation", np.array([[8, 2], [0, 5]]), ["a", "b"], [])
    (mark,) = plot.panels[0].marks
    assert isinstance(mark, Cells)
    places = {(cell.column, cell.row): (cell.text, cell.level) for cell in mark.cells}
    assert places == {(0, 1): ("8", 6), (1, 1): ("2", 2), (0, 0): ("", 0), (1, 0): ("5", 8)}
    assert plot.panels[0].y.scale.ticks[-1].text == "a"


def test_groups_of_confidence_are_those_of_scikit_learn() -> None:
    random = np.random.default_rng(1)
    confidence = random.uniform(0.3, 1, 400)
    right = (random.random(400) < confidence).astype(float)
    (panel,) = reliability_plot("validation", confidence, right, []).panels
    dots = next(mark for mark in panel.marks if isinstance(mark, Dots)).dots
    shares, sure = calibration_curve(right, confidence, n_bins=8, strategy="quantile")
    assert_allclose([dot.y for dot in dots], shares)
    assert_allclose([dot.x for dot in dots], sure)


def test_a_drawn_curve_keeps_its_corners_and_its_ends() -> None:
    x = np.array([0, 0, 0, 0.5, 0.5, 1.0])
    y = np.array([0, 0.2, 0.4, 0.4, 1.0, 1.0])
    assert drawn_points(x, y).tolist() == [0, 2, 3, 4, 5]
    steps = np.repeat(np.linspace(0, 1, 4001), 2)
    kept = drawn_points(steps[:-1], steps[1:])
    assert len(kept) <= MOST_POINTS
    assert (kept[0], kept[-1]) == (0, len(steps) - 2)
    assert np.diff(steps[:-1][kept]).max() < 0.02


@pytest.mark.parametrize(
    ("task", "pictures"),
    [("regression", "plot of residuals"), ("binary", "confusion matrix and curves")],
)
def test_what_is_missing_is_said_with_what_gives_it(task: str, pictures: str) -> None:
    assert missing([a_run("aaaa", data=data(task))]) == Text(
        [
            f"This setting has no {pictures}: its predictions of single rows are not stored. Train "
            "it again by the command at the end of this page; stored runs are reused."
        ]
    )
