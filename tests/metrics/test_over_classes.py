"""What rows have over their classes is to the last digit what NumPy has of their last axis."""

import numpy as np
import pytest

from regcli.metrics.over_classes import FEW, all_hold, largest, total


@pytest.mark.parametrize("classes", [1, 2, 3, FEW, FEW + 1, 20])
def test_few_and_many_classes_are_as_numpy_has_them(classes: int) -> None:
    numbers = np.random.default_rng(classes).standard_normal((5, 40, classes)) * 1e3
    numbers[1, 2, 0], numbers[1, 3, -1] = np.nan, np.inf
    facts = numbers > -500
    np.testing.assert_array_equal(largest(numbers), numbers.max(axis=-1))
    np.testing.assert_array_equal(total(numbers), numbers.sum(axis=-1))
    np.testing.assert_array_equal(all_hold(facts), facts.all(axis=-1))
