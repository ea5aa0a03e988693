"""Tables as the inputs that they become."""

import re

import numpy as np

from regcli.data.columns.column_rules import ColumnRules
from regcli.data.dataset import Table
from regcli.data.preparing.preparation import fit


def cells_of(table: Table) -> dict[str, list[float] | list[str]]:
    """The columns of a table with their values: numbers, and words where it holds categories."""
    cells: dict[str, list[float] | list[str]] = {}
    for name, values in zip(table.columns, table.x.T.tolist(), strict=True):
        words = table.kinds[name].values if name in table.kinds else ()
        cells[name] = [words[int(value)] for value in values] if words else values
    return cells


def notes_of_files(table: Table) -> list[str]:
    """What is told of how files were read, and not of what they hold."""
    return [note for note in table.notes if re.match(r"[\w*.-]+\.[a-z.]+(, [\w*.-]+)*: ", note)]


def inputs_of(table: Table) -> tuple[tuple[str, ...], list[list[float]]]:
    """Names and values of the inputs that a table's columns become, fitted on all of its rows."""
    every = np.arange(len(table.y))
    prepared = fit(table.features, every, ColumnRules(), "none")
    return prepared.inputs, prepared.apply(table.features).tolist()
