"""The check that inputs are what an Embedding can look up: whole numbers within its table."""

import numpy as np

from regcli.config.input_columns import chosen_columns
from regcli.config.tokens import TokenLayer
from regcli.data.dataset import Splits
from regcli.errors import DataError


def require_tokens(splits: Splits, layer: TokenLayer) -> None:
    """Refuse inputs that a layer cannot take, in any part.

    Raises:
        DataError: names the first such row, counted from 1, and its column.
    """
    if layer.count is None:
        return
    x, names = splits.preparation.apply(splits.table.features), splits.preparation.inputs
    rows = len(x)
    flat = x.reshape(rows, -1)
    if layer.columns is not None:
        chosen = chosen_columns(layer.columns, names)
        flat, names = flat[:, chosen], tuple(names[place] for place in chosen)
    outside = (flat != np.floor(flat)) | (flat < 0) | (flat >= layer.count)
    if not outside.any():
        return
    row, column = divmod(int(outside.argmax()), flat.shape[1])
    name = names[column]
    raise DataError(
        f"{splits.table.source}: column {name!r} must hold whole numbers from 0 to "
        f"{layer.count - 1} for {layer.kind} with {layer.argument} {layer.count}, row {row + 1} "
        f"of {rows} has {flat[row, column]:.15g}"
    )
