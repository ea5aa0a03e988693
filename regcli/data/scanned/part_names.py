"""Names of prepared rows in a cache."""

import hashlib
import json

import numpy as np
from numpy.typing import NDArray

from regcli.data.fingerprint import DIGITS
from regcli.data.preparing.preparation import Preparation
from regcli.data.preparing.scaling import Scaling

_VERSION = 1
"""Counted up where the same rows come to other values."""


def part_name(
    fingerprint: str, preparation: Preparation, scaling: Scaling, numbers: NDArray[np.int64]
) -> str:
    """A name that follows from all that the values of a part's rows follow from.

    Args:
        fingerprint: of the table.
        numbers: of the rows in it.
    """
    head = json.dumps([_VERSION, preparation.as_plain()], sort_keys=True)
    digest = hashlib.sha256(head.encode())
    for values in (scaling.center, scaling.width, numbers):
        digest.update(np.ascontiguousarray(values).data)
    return f"{fingerprint}-{digest.hexdigest()[:DIGITS]}"
