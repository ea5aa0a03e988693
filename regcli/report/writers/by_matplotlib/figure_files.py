"""Figures as files: the same figure is the same bytes."""

import io
from collections.abc import Mapping

from matplotlib.figure import Figure

from regcli.report.cells import harmless
from regcli.report.plots.plot import Plot
from regcli.report.writers.by_matplotlib.house_style import house_style

_ABOUT: Mapping[str, tuple[str, str]] = {
    ".png": ("Title", "Description"),
    ".svg": ("Title", "Description"),
    ".pdf": ("Title", "Subject"),
}
"""What a file says of itself: what it shows, and what is to be seen in it."""
_LEFT_OUT: Mapping[str, tuple[str, ...]] = {
    ".png": ("Software",),
    ".svg": ("Date", "Creator"),
    ".pdf": ("CreationDate", "Creator", "Producer"),
}
"""What matplotlib would say of the time and of itself."""


def figure_bytes(figure: Figure, ending: str, plot: Plot | None = None) -> bytes:
    """A figure as a file.

    Args:
        ending: of the file's name, one of `picture_endings.ENDINGS`.
        plot: what the figure is of, which the file says.
    """
    metadata: dict[str, str | None] = dict.fromkeys(_LEFT_OUT[ending])
    if plot is not None:
        texts = map(harmless, (plot.title, plot.description))
        metadata |= dict(zip(_ABOUT[ending], texts, strict=True))
    written = io.BytesIO()
    with house_style():
        figure.savefig(written, format=ending[1:], metadata=metadata, dpi="figure")
    return written.getvalue()
