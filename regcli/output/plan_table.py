"""The table of a sweep that is still to be trained."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich import box
from rich.table import Table

from regcli.output.numbers import strength_text


def plan_table(runs: Sequence[tuple[str, Mapping[str, Any], str | None]]) -> Table:
    """A row a run: id, the settings that differ, and its state where it is stored."""
    names = list(dict.fromkeys(key for _, settings, _ in runs for key in settings))
    differing = [
        name for name in names if len({repr(settings.get(name)) for _, settings, _ in runs}) > 1
    ]
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("run", no_wrap=True)
    for name in differing:
        table.add_column(name.rsplit(".", 1)[-1], justify="right", no_wrap=True)
    table.add_column("stored", no_wrap=True)
    for identity, settings, state in runs:
        cells = (strength_text(settings.get(name)) for name in differing)
        table.add_row(identity, *cells, state or "to train")
    return table
