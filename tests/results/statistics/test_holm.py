"""Holm's adjusted p values."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regcli.results.statistics.holm import holm


def test_the_example_of_wikipedia_s_article() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])


@given(st.lists(st.floats(0, 1), max_size=12), st.sampled_from([0.01, 0.05, 0.2]))
def test_rejects_what_the_sequential_procedure_rejects(given: list[float], level: float) -> None:
    adjusted = holm(given)
    left, rejected = sorted(range(len(given)), key=given.__getitem__), set()
    while left and given[left[0]] * len(left) <= level:
        rejected.add(left.pop(0))
    assert {place for place, p in enumerate(adjusted) if p <= level} == rejected
    assert all(p <= q <= 1 for p, q in zip(given, adjusted, strict=True))
