"""Labels of classes as a file holds them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from regcli.data.columns.gaps import GAP_MARKS
from regcli.data.target.targets import class_names


def stored_labels(labels: NDArray[Any]) -> NDArray[Any]:
    """What a file holds for each label, in the same order: numbers and truths as they are, or text.

    Where a label is text that a file holds for a gap, like `NA`, all begin with `class`. Labels
    that have no text of their own, or another order as text, are called by their numbers.

    Args:
        labels: different ones in rising order, (classes,).
    """
    if labels.dtype.kind in "biuf":
        return labels
    names = class_names(labels)
    if any(name.strip().lower() in GAP_MARKS for name in names):
        names = tuple(f"class {name}" for name in names)
    text = np.array(names)
    # NumPy's text loses zero characters at its end.
    return text if np.array_equal(np.unique(text), text) else np.arange(len(labels))
