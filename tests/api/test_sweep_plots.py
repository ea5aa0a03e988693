"""Plots of a sweep are axes of matplotlib with its values, which nothing but the caller holds."""

from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from matplotlib.figure import Figure

import regcli
from regcli.report.plot_names import KindName


@pytest.fixture(scope="module")
def sweep(tmp_path_factory: pytest.TempPathFactory) -> regcli.Sweep:
    runs = tmp_path_factory.mktemp("plots")
    quick = {"epochs": 2, "engine": "keras", "progress": False}
    return regcli.sweep("smoke", l1=[0, 0.01], seeds=2, runs=runs, **quick)


def test_a_plot_has_the_values_of_the_runs(sweep: regcli.Sweep) -> None:
    import matplotlib.pyplot as plt

    ax = sweep.plot.score()
    assert (ax.get_ylabel(), ax.get_xscale()) == ("accuracy", "symlog")
    for part in ("train", "validation"):
        means = [
            np.mean([r.metrics[part]["accuracy"] for r in sweep.runs if r.settings["l1"] == l1])  # type: ignore[arg-type]
            for l1 in (0.0, 0.01)
        ]
        assert any(
            np.array_equal(line.get_xdata(), [0.0, 0.01]) and np.allclose(line.get_ydata(), means)
            for line in ax.lines
        )
    figure = ax.get_figure(root=True)
    assert isinstance(figure, Figure)
    assert [each.get_ylabel() for each in figure.axes] == ["accuracy", "loss"]
    assert plt.get_fignums() == []
    assert ax._repr_png_().startswith(b"\x89PNG")  # type: ignore[attr-defined]


def test_a_plot_is_drawn_into_axes(sweep: regcli.Sweep) -> None:
    own = Figure().subplots()
    assert sweep.plot.learning("best", ax=own) is own
    assert (own.get_xlabel(), own.get_ylabel()) == ("epoch", "loss")
    assert regcli.open(sweep._folder).sweep(sweep.id).plot.score(along="l1", ax=own) is own


@pytest.mark.parametrize("kind", ["confusion", "reliability"])
def test_predictions_of_the_setting_to_use_are_drawn(kind: str, sweep: regcli.Sweep) -> None:
    own = Figure().subplots()
    assert getattr(sweep.plot, kind)(ax=own) is own
    assert (
        own.get_xlabel()
        == {
            "confusion": "predicted class",
            "reliability": "how sure the prediction was",
        }[kind]
    )


def test_every_kind_has_a_method(sweep: regcli.Sweep) -> None:
    assert [kind for kind in get_args(KindName) if not hasattr(sweep.plot, kind)] == []


def test_refusals_name_the_argument(sweep: regcli.Sweep, tmp_path: Path) -> None:
    with pytest.raises(regcli.UsageError) as caught:
        sweep.plot.map()
    assert str(caught.value) == (
        "these runs have no map plot: it needs two strengths that vary together, like l1 and l2"
    )
    with pytest.raises(regcli.UsageError, match=r"^along: must be l1, got 'l2'$"):
        sweep.plot.score(along="l2")
    with pytest.raises(
        regcli.UsageError, match=r"^setting: must be use, best or reference, got 'worst'$"
    ):
        sweep.plot.learning("worst")  # type: ignore[arg-type]
