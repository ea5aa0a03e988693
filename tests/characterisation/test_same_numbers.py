"""`make same-numbers` tells every number that differs between two sides, and no other."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from benchmarks.numbers.cases import CASES
from benchmarks.numbers.compare import compare

RUN: Mapping[str, Any] = {
    "state": "finished",
    "metrics": {"train": {"data_loss": 0.1, "accuracy": None}},
    "history": {"loss": [1.0, 2.0]},
}
TOLD: Mapping[str, Any] = {"exit code": 0, "runs": [RUN, RUN]}
KERNEL = np.array([[1.0, 2.0, np.nan]], np.float32)
ARRAYS = {"1/weights dense/kernel": KERNEL}


def told(**changes: Any) -> Mapping[str, Any]:
    """As `TOLD`, with another second run."""
    return {**TOLD, "runs": [RUN, {**RUN, **changes}]}


def test_the_same_numbers_are_the_same() -> None:
    found = compare((TOLD, ARRAYS), (TOLD, {"1/weights dense/kernel": KERNEL.copy()}))
    assert (found.differences, found.removed, found.added) == ((), (), ())
    assert (found.runs, found.numbers) == (2, 17)


@pytest.mark.parametrize(
    ("other", "line"),
    [
        (told(state="diverged"), "run 2: state: 'finished' before, 'diverged' now"),
        (
            told(metrics={"train": {"data_loss": math.nextafter(0.1, 1), "accuracy": None}}),
            "run 2: metrics.train.data_loss: 0.1 before, 0.10000000000000002 now",
        ),
        (
            told(metrics={"train": {"data_loss": 0.1, "accuracy": 0.5}}),
            "run 2: metrics.train.accuracy: None before, 0.5 now",
        ),
        (told(history={"loss": [1.0]}), "run 2: history.loss length: 2 before, 1 now"),
        ({**TOLD, "runs": [RUN]}, "number of runs: 2 before, 1 now"),
        ({**TOLD, "exit code": 1}, "exit code: 0 before, 1 now"),
        ({"failed": ["no such key"]}, "was not trained now: no such key"),
    ],
)
def test_a_number_that_differs_is_told_with_both_values(
    other: Mapping[str, Any], line: str
) -> None:
    assert compare((TOLD, {}), (other, {})).differences == (line,)


@pytest.mark.parametrize(
    ("values", "text"),
    [
        (
            np.nextafter(KERNEL, np.float32(9)),
            "np.float32(1.0) before, np.float32(1.0000001) now at [0, 0], 2 places",
        ),
        (KERNEL.astype(np.float64), "float32(1, 3) before, float64(1, 3) now"),
        (KERNEL[:, :2], "float32(1, 3) before, float32(1, 2) now"),
    ],
)
def test_an_array_that_differs_is_told_with_its_first_place(values: Any, text: str) -> None:
    found = compare((TOLD, ARRAYS), (TOLD, {"1/weights dense/kernel": values}))
    assert found.differences == (f"run 2: weights dense/kernel: {text}",)


def test_a_sign_of_zero_counts() -> None:
    zeros = [{"0/weights a": np.array([sign * 0.0])} for sign in (1, -1)]
    found = compare((TOLD, zeros[0]), (TOLD, zeros[1]))
    assert found.differences == ("run 1: weights a: signs of zeros, or bits of NaN",)


def test_what_one_side_alone_has_is_no_difference() -> None:
    base, now = (
        told(metrics={"train": {"data_loss": 0.1, "accuracy": None, name: 1.0}})
        for name in ("old", "new")
    )
    found = compare((base, ARRAYS), (now, {}))
    assert found.differences == ()
    assert found.removed == ("metrics.train.old", "weights dense/kernel")
    assert found.added == ("metrics.train.new",)


def test_cases_are_told_by_their_names() -> None:
    assert len({case.name for case in CASES}) == len(CASES)
