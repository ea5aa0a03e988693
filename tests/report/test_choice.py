"""What is chosen of a table: columns, order, and what there is to choose from."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regcli.errors import UsageError
from regcli.report.column_choice import (
    Keys,
    Sort,
    check_keys,
    in_order,
    in_short,
    read_columns,
    read_sort,
)
from regcli.results.settings import Spread

VALUES = st.lists(
    st.none() | st.floats(allow_nan=False) | st.text(max_size=3) | st.booleans(), max_size=12
)


@given(VALUES, st.booleans())
def test_rows_are_sorted_and_those_without_a_value_come_last(
    values: list[object], descending: bool
) -> None:
    items = list(enumerate(values))
    ordered = in_order(items, Sort("x", descending), lambda item, _: item[1])
    assert sorted(place for place, _ in ordered) == list(range(len(values)))
    found = [item for item in ordered if item[1] is not None]
    assert ordered[: len(found)] == found
    texts = [value for _, value in found if isinstance(value, str)]
    numbers = [value for _, value in found if not isinstance(value, str)]
    assert texts == sorted(texts, reverse=descending)
    assert numbers == sorted(numbers, reverse=descending)
    for (place, value), (later, other) in pairwise(found):
        assert value != other or type(value) is not type(other) or place < later


def test_means_are_sorted_without_their_deviations() -> None:
    means = [Spread(2.0, 0.1), None, Spread(1.0, 9.0)]
    assert in_order(means, Sort("x"), lambda item, _: item) == [means[2], means[0], None]
    assert in_order(means, None, lambda item, _: item) == means


def test_reading() -> None:
    assert read_columns(" l1, gap ,sparsity.exact") == ("l1", "gap", "sparsity.exact")
    assert [read_sort(text) for text in ("gap", "-gap", " - gap")] == [
        Sort("gap"),
        *[Sort("gap", descending=True)] * 2,
    ]


KNOWN = Keys(
    ("l1", "gap", "train.loss", "test.loss", "validation.accuracy", "sparsity.exact"),
    ("training.batch_size",),
)


@pytest.mark.parametrize(
    ("key", "hint"),
    [
        ("acc", "; did you mean 'validation.accuracy'?"),
        ("batch_size", "; did you mean 'training.batch_size'?"),
        (
            "zzz",
            "; known: l1, gap, train.…, test.…, validation.…, sparsity.… and every key of the "
            "config",
        ),
    ],
)
def test_a_key_that_is_not_there(key: str, hint: str) -> None:
    with pytest.raises(UsageError) as refused:
        check_keys(["l1", "training.batch_size", key], KNOWN)
    assert str(refused.value) == f"there is no result or setting '{key}'{hint}"


def test_keys_in_little_room() -> None:
    assert in_short(["l1", "a.x", "a.y", "b.x.z", "c"]) == "l1, a.…, b.…, c"
