"""Axes that a notebook shows by themselves."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from regcli.report.writers.by_matplotlib.figure_files import figure_bytes


class ShownAxes(Axes):
    """Axes whose figure is the picture that a notebook shows of them."""

    def _repr_png_(self) -> bytes:
        figure = self.get_figure(root=True)
        assert isinstance(figure, Figure)
        return figure_bytes(figure, ".png")
