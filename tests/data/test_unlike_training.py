"""New rows that are unlike those of training are told of in one line."""

from datetime import date
from typing import Any

import numpy as np
import pytest

from regcli.data.features import Features, Kind
from regcli.data.preparing.training_ranges import TrainingRanges, fit_ranges
from regcli.data.unlike_training import unlike_training

DATE = Kind("date")
DAYS = [(date(2024, 1, day) - date(1970, 1, 1)).days for day in range(1, 12)]


def table(kinds: dict[str, Kind] | None = None, **columns: list[float]) -> Features:
    return Features(np.column_stack([*columns.values()]), tuple(columns), kinds or {})


def ranges_of(features: Features) -> TrainingRanges:
    found = fit_ranges(features, np.arange(len(features.x)))
    assert found is not None
    return found


TRAINED = ranges_of(
    table(
        {"when": DATE, "kind": Kind("category", ("a", "b"))},
        size=[*range(10), np.nan],
        still=[5] * 11,
        when=DAYS,
        kind=[0, 1] * 5 + [1],
    )
)


def told(kinds: dict[str, Kind] | None = None, **columns: list[float]) -> str:
    return unlike_training(table(kinds, **columns), TRAINED)


@pytest.mark.parametrize(
    ("columns", "line"),
    [
        ({"size": [-9, 18, np.nan]}, ""),
        (
            {"size": [-9.5, 18.5, 4]},
            "far outside the training rows: 'size' in 2 of 3 rows (there 0 to 9)",
        ),
        (
            {"still": [5, 5.1]},
            "far outside the training rows: 'still' in 1 of 2 rows (there 5 to 5)",
        ),
        ({"kind": [40.0, 50.0]}, ""),  # numbers of categories lie on no line
        ({"size": [np.nan] * 9}, ""),
        ({"size": [np.nan] * 2 + [1] * 8}, "more gaps than in training: 'size' 20% (there 9%)"),
        ({"size": [np.nan] * 2 + [1] * 9}, ""),
        (
            {"size": [np.nan] * 9 + [99], "still": [5] * 9 + [6]},
            "far outside the training rows: 'size' in 1 of 10 rows (there 0 to 9), 'still' in 1 of "
            "10 rows (there 5 to 5); more gaps than in training: 'size' 90% (there 9%)",
        ),
    ],
)
def test_what_is_told(columns: dict[str, Any], line: str) -> None:
    kinds = {"kind": Kind("category", ("a", "b"))} if "kind" in columns else {}
    assert told(kinds, **columns) == line


def test_a_date_is_shown_as_one() -> None:
    assert told({"when": DATE}, when=[DAYS[-1] + 11, DAYS[-1] + 10]) == (
        "far outside the training rows: 'when' in 1 of 2 rows (there 2024-01-01 to 2024-01-11)"
    )


def test_many_columns_are_counted() -> None:
    trained = ranges_of(table(**{f"x{place}": [0.0, 1.0] for place in range(6)}))
    new = table(**{f"x{place}": [9.0] * (1 + (place == 4)) + [0.0] for place in [4]})
    assert unlike_training(new, trained) == (
        "far outside the training rows: 'x4' in 2 of 3 rows (there 0 to 1)"
    )
    new = table(**{f"x{place}": [9.0, 9.0 if place == 4 else 0.0] for place in range(6)})
    assert unlike_training(new, trained) == (
        "far outside the training rows: 'x4' in 2 of 2 rows (there 0 to 1), 'x0' in 1 of 2 rows "
        "(there 0 to 1), 'x1' in 1 of 2 rows (there 0 to 1) and 3 more columns"
    )


def test_only_training_rows_count() -> None:
    features = table(size=[0.0, 1.0, 100.0])
    ranges = fit_ranges(features, np.array([0, 1]))
    assert "'size' in 1 of 3 rows (there 0 to 1)" in unlike_training(features, ranges)


def test_nothing_is_told_of_what_was_not_kept() -> None:
    assert unlike_training(table(size=[1e9]), None) == ""
    assert fit_ranges(Features(np.zeros((4, 2, 2)), tuple("abcd")), np.arange(4)) is None


def test_they_are_plain_data() -> None:
    assert TrainingRanges.from_plain(TRAINED.as_plain()) == TRAINED
    with pytest.raises(ValueError, match="version 1, not 2"):
        TrainingRanges.from_plain({**TRAINED.as_plain(), "version": 2})
