"""Tables as the inputs that they become."""

import numpy as np

from regcli.data.column_rules import ColumnRules
from regcli.data.dataset import Table
from regcli.data.preparation import fit


def inputs_of(table: Table) -> tuple[tuple[str, ...], list[list[float]]]:
    """Names and values of the inputs that a table's columns become, fitted on all of its rows."""
    every = np.arange(len(table.y))
    prepared = fit(table.features, every, ColumnRules(), "none")
    return prepared.inputs, prepared.apply(table.features).tolist()
