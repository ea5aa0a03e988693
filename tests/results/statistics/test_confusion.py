"""Counts of which classes are taken for which, beside scikit-learn's."""

import numpy as np
from numpy.testing import assert_array_equal
from sklearn.metrics import confusion_matrix

from regcli.results.statistics.confusion import confusion, mistakes, most_confused


def test_counts_are_those_of_scikit_learn() -> None:
    random = np.random.default_rng(0)
    truth, predicted = random.integers(0, 5, (2, 400), dtype=np.int32)
    truth[truth == 3] = 2  # a class without rows
    expected = confusion_matrix(truth, predicted, labels=range(6))
    assert_array_equal(confusion(truth, predicted, 6), expected)


def test_the_most_confused_classes_are_those_in_most_mistakes() -> None:
    counts = np.array([[90, 1, 0, 0], [0, 9, 0, 7], [0, 0, 99, 0], [0, 2, 0, 5]])
    assert most_confused(counts, 2).tolist() == [1, 3]
    assert most_confused(counts, 9).tolist() == [0, 1, 2, 3]
    assert list(mistakes(counts)) == [(1, 3, 7), (3, 1, 2), (0, 1, 1)]
    assert list(mistakes(np.diag([3, 4]))) == []
