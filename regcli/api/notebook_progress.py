"""Progress of a call: on a terminal, in a notebook, or none."""

import importlib.util
import sys

from rich.console import Console

from regcli.report.progress import LiveProgress, PlainProgress, make_progress
from regcli.report.sink import Sink, make_sink


def call_progress(progress: bool | None) -> PlainProgress:
    """The progress that suits where the call is made.

    Args:
        progress: whether it is shown; None shows it where it does not fill the screen: on a
            terminal, and in a notebook with ipywidgets, by which rich draws a bar there.
    """
    if progress is False:
        return PlainProgress(make_sink(quiet=True))
    console = Console()
    if console.is_jupyter and importlib.util.find_spec("ipywidgets") is not None:
        return LiveProgress(Sink(console, console))
    return make_progress(make_sink(quiet=not progress and not sys.stderr.isatty()))
