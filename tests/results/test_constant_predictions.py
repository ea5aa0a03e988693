"""Predictions that are one class for every row are told of."""

import numpy as np
import pytest

from regcli.results.constant_predictions import one_class_note
from regcli.results.row_predictions import RowPredictions


def told(values: list[int], shares: list[list[float]] | None, classes: str) -> tuple[str, ...]:
    probabilities = None if shares is None else np.array(shares)
    names = tuple(classes.split())
    return one_class_note(RowPredictions("run", "new.csv", names, np.array(values), probabilities))


@pytest.mark.parametrize(
    ("values", "shares", "classes", "notes"),
    [
        (
            [0] * 3000,
            [[0.95, 0.05]] * 2999 + [[0.9, 0.1]],
            "no yes",
            ("all 3,000 rows are predicted 'no'; the highest probability of 'yes' is 0.10",),
        ),
        (
            [1] * 20,
            [[0.003, 0.997]] * 20,
            "no yes",
            ("all 20 rows are predicted 'yes'; the highest probability of 'no' is below 0.01",),
        ),
        (
            [1] * 25,
            [[0.2, 0.5, 0.3]] * 24 + [[0.35, 0.5, 0.15]],
            "a b c",
            (
                "all 25 rows are predicted 'b'; the highest probability of another class is 0.35 "
                "('a')",
            ),
        ),
        (
            [-1] + [0] * 20,
            [[np.nan] * 2] + [[0.75, 0.25]] * 20,
            "no yes",
            (
                "all 20 rows that have a prediction are predicted 'no'; the highest probability of "
                "'yes' is 0.25",
            ),
        ),
        ([0] * 20, None, "no yes", ("all 20 rows are predicted 'no'",)),
        ([0] * 19, [[0.9, 0.1]] * 19, "no yes", ()),
        ([-1] * 2 + [0] * 19, None, "no yes", ()),
        ([0] * 30 + [1], [[0.9, 0.1]] * 30 + [[0.4, 0.6]], "no yes", ()),
        ([-1] * 30, None, "no yes", ()),
    ],
)
def test_one_class_for_all_rows_is_told(
    values: list[int], shares: list[list[float]] | None, classes: str, notes: tuple[str, ...]
) -> None:
    assert told(values, shares, classes) == notes


def test_quantities_have_no_class() -> None:
    assert one_class_note(RowPredictions("run", "new.csv", (), np.full(30, 7.5))) == ()
