"""Plots of a sweep as matplotlib's axes, which a notebook shows."""

from pathlib import Path
from typing import TYPE_CHECKING, cast, get_args

from regcli.report.plot_names import KindName, Role

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from regcli.report.plots.plot import Plot


class SweepPlots:
    """The plots of a stored sweep; each call draws one.

    Without `ax` it has a figure of its own with all its panels, and gives the axes of the first
    one; the others are in `axes.figure.axes`. With `ax` the first panel is drawn there.
    """

    def __init__(self, sweep: str, folder: Path) -> None:
        self._sweep, self._folder = sweep, folder

    def score(self, *, along: str | None = None, ax: "Axes | None" = None) -> "Axes":
        """Score and loss against a strength: validation with its 95% interval, and train.

        Args:
            along: the strength, where several vary; None for the first.
            ax: axes to draw into.

        Raises:
            UsageError: the sweep has no such plot, or matplotlib is not installed.
            StoreError: the store cannot be read.
        """
        return self._drawn("score", along, ax)

    def path(self, *, along: str | None = None, ax: "Axes | None" = None) -> "Axes":
        """Weights of input columns along a strength, active inputs, and the score.

        Args, raises: as `score`.
        """
        return self._drawn("path", along, ax)

    def pareto(self, *, ax: "Axes | None" = None) -> "Axes":
        """Every setting by its size and its score, with those that no other beats in both.

        Args, raises: as `score`.
        """
        return self._drawn("pareto", None, ax)

    def map(self, *, ax: "Axes | None" = None) -> "Axes":
        """A map of two strengths, the darker the better.

        Args, raises: as `score`.
        """
        return self._drawn("map", None, ax)

    def learning(self, setting: Role = "use", *, ax: "Axes | None" = None) -> "Axes":
        """The losses of a setting by epoch, with the epoch whose weights were kept.

        Args:
            setting: `use`, `best` or `reference`.
            ax: axes to draw into.

        Raises:
            UsageError, StoreError: as `score`.
        """
        from regcli.errors import UsageError
        from regcli.report.plot_names import ROLES

        if setting not in ROLES:
            raise UsageError(f"setting: must be use, best or reference, got {setting!r}")
        return self._drawn("learning", setting, ax)

    def confusion(self, *, ax: "Axes | None" = None) -> "Axes":
        """How many rows of each class the setting to use gives each class.

        Args, raises: as `score`.
        """
        return self._drawn("confusion", None, ax)

    def reliability(self, *, ax: "Axes | None" = None) -> "Axes":
        """How often the setting to use is right beside how sure it is.

        Args, raises: as `score`.
        """
        return self._drawn("reliability", None, ax)

    def roc(self, *, ax: "Axes | None" = None) -> "Axes":
        """The ROC curves of the setting to use.

        Args, raises: as `score`.
        """
        return self._drawn("roc", None, ax)

    def residuals(self, *, ax: "Axes | None" = None) -> "Axes":
        """Residuals of the setting to use beside its predictions.

        Args, raises: as `score`.
        """
        return self._drawn("residuals", None, ax)

    def coefficients(self, *, ax: "Axes | None" = None) -> "Axes":
        """The coefficients of a linear model; of several outputs those of the first.

        Args, raises: as `score`.
        """
        return self._drawn("coefficients", None, ax)

    def sparsity(self, *, along: str | None = None, ax: "Axes | None" = None) -> "Axes":
        """Zeros of each layer along a strength.

        Args, raises: as `score`.
        """
        return self._drawn("sparsity", along, ax)

    def _drawn(self, kind: KindName, which: str | None, ax: "Axes | None") -> "Axes":
        """A plot of what is stored, in axes of its own or in given ones."""
        from regcli.report.writers.by_matplotlib.matplotlib_package import require_matplotlib

        require_matplotlib()
        from regcli.report.writers.by_matplotlib.panel_figure import draw_into, drawn_figure
        from regcli.report.writers.by_matplotlib.picture_size import NOTEBOOK

        plot = self._found(kind, which)
        if ax is None:
            return drawn_figure(plot, NOTEBOOK).axes[0]
        draw_into(ax, plot.panels[0])
        return ax

    def _found(self, kind: KindName, which: str | None) -> "Plot":
        from regcli.api.runs_folder import reading
        from regcli.errors import UsageError
        from regcli.report.plot_kinds import along_strength, of_setting, plots_of
        from regcli.workflows.stored_evidence import find_evidence

        with reading(self._folder) as store:
            evidence = find_evidence([self._sweep], store)
            plots = plots_of(kind, evidence)
        try:
            if kind == "learning":
                return of_setting(plots, cast(Role, which), evidence)
            return along_strength(plots, which)
        except UsageError as error:
            argument = "setting" if kind == "learning" else "along"
            raise UsageError(f"{argument}: {error}") from None

    def __repr__(self) -> str:
        return f"<Plots of sweep {self._sweep}: {', '.join(get_args(KindName))}>"
