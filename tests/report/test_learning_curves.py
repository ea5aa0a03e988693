"""Learning curves: the mean over runs that stop at different epochs."""

from regcli.report.plots.learning_curves import History, learning_plot
from regcli.report.plots.plot import Line, Plot

GOOD = History([0.5, 0.4, 0.3], [0.6, 0.5, 0.4], 3)
BAD = History([1.0, 0.9, 0.9, 0.8, 0.8], [1.0, 0.9, 1.0, 0.9, 0.9], 5)


def validation(plot: Plot) -> list[float]:
    (line,) = [m for m in plot.panels[0].marks if isinstance(m, Line) and m.name == "validation"]
    return [value for _, value in line.points]


def test_the_mean_ends_where_the_first_run_stops() -> None:
    """The good run alone stops at epoch 3: a mean over the other one would jump up."""
    plot = learning_plot("k", "use", "loss", [GOOD, BAD])
    assert validation(plot) == [0.8, 0.7, 0.7]
    assert plot.notes == [
        "the mean of 2 runs; grey: validation of each",
        "the mean ends at epoch 3, after which not all runs go on",
    ]


def test_runs_of_one_length_have_a_mean_of_all_epochs() -> None:
    plot = learning_plot("k", "use", "loss", [BAD, BAD])
    assert validation(plot) == list(BAD.validation)
    assert plot.notes == ["the mean of 2 runs; grey: validation of each"]


def test_losses_that_differ_much_have_an_axis_that_says_so() -> None:
    plot = learning_plot("k", "use", "loss", [History([100.0, 1.0], [100.0, 1.0], 2)])
    assert plot.panels[0].y.label == "loss, logarithmic"
