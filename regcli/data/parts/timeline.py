"""Parts and folds in the order of time: what is held out came after what is trained on."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from regcli.data.parts.partition import Integers, Partition, Sizes
from regcli.errors import DataError

Times = NDArray[Any]
"""Numbers in the order of time, (rows,)."""


def divide_by_time(times: Times, sizes: Sizes) -> Partition:
    """Training rows first, then validation rows, and the latest for the test.

    Rows of one time stay together, so that parts may have some rows more or less.

    Raises:
        DataError: there are too few different times.
    """
    order = np.argsort(times, kind="stable")
    last = len(times) - sizes.test if sizes.test else len(times)
    wanted = [last - sizes.validation] if sizes.validation else []
    wanted += [last] if sizes.test else []
    cuts = _cuts(times[order], wanted)
    begin_of_test = cuts[-1] if sizes.test else len(times)
    begin_of_validation = cuts[0] if sizes.validation else begin_of_test
    train, validation, test = np.split(order, [begin_of_validation, begin_of_test])
    return Partition(np.sort(train), np.sort(validation), np.sort(test))


def rolling_origin(rows: Integers, times: Times, count: int) -> list[tuple[Integers, Integers]]:
    """For each fold its training rows, and the later rows that are held out.

    The rows are cut into one block more than there are folds. Fold k trains on the first k + 1
    blocks and holds out the next one.

    Source: Tashman, L. J. (2000), Out-of-sample tests of forecasting accuracy, International
    Journal of Forecasting 16.

    Args:
        rows: numbers of the rows to deal.
        times: of these rows, (rows,).

    Raises:
        DataError: there are too few different times.
    """
    order = np.argsort(times, kind="stable")
    ends = [round(len(rows) * block / (count + 1)) for block in range(1, count + 1)]
    blocks = np.split(rows[order], _cuts(times[order], ends))
    return [
        (np.sort(np.concatenate(blocks[: fold + 1])), np.sort(blocks[fold + 1]))
        for fold in range(count)
    ]


def _cuts(times: Times, wanted: list[int]) -> list[int]:
    """Where to cut, as near to what is wanted as the times differ from one row to the next.

    Each cut takes the nearest place after the one before that leaves a place for every later cut.

    Args:
        times: in order.
        wanted: rows before each cut, in rising order.

    Raises:
        DataError: there are fewer places than cuts.
    """
    allowed = np.flatnonzero(times[1:] != times[:-1]) + 1
    if len(allowed) < len(wanted):
        raise DataError(
            f"time must have more different values to cut it {len(wanted)} times, rows have "
            f"{len(allowed) + 1}; use fewer folds or smaller parts"
        )
    cuts: list[int] = []
    begin = 0
    for number, cut in enumerate(wanted, 1):
        free = allowed[begin : len(allowed) - len(wanted) + number]
        begin += int(np.argmin(np.abs(free - cut))) + 1
        cuts.append(int(allowed[begin - 1]))
    return cuts
