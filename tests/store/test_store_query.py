"""Which stored runs a query lists, against the same question asked of their records."""

import math
import operator
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stored_examples import a_run

from regcli.config.result_keys import KEYS
from regcli.errors import UsageError
from regcli.report.run_values import value_of
from regcli.results.records import RunRecord, RunState
from regcli.store.store import Store, open_store
from regcli.store.store_query import Filter, RunQuery, parse_filter

COMPARISONS = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}


METHODS = ("penalty", "proximal")
SCORES = ("data_loss", "penalty", "objective", "accuracy", "r2", "mae", "roc_auc")


def a_varied_run(number: int) -> RunRecord:
    """A run of which number 4 has no validation rows, and number 5 no results at all."""
    scores = {name: (number + place) / 8 for place, name in enumerate(SCORES)}
    parts = {"train": scores, "validation": {} if number == 4 else scores, "test": scores}
    changes: dict[str, Any] = {"metrics": {}, "sparsity": None} if number == 5 else {}
    return a_run(
        f"aaa{number}",
        "diverged" if number == 5 else "finished",
        **{
            "name": f"name{number % 3}",
            "metrics": parts,
            "settings": {"l1": number / 4, "seed": number % 2, "method": METHODS[number % 2]},
            "config": {
                "training": {"batch_size": 16 * number},
                "model": {"layers": [{"Dense": {"units": number}}]},
            },
            "created": f"2026-01-0{1 + number}",
            "seconds": float(number),
            **changes,
        },
    )


RUNS = list(map(a_varied_run, range(6)))
ASKED = (
    *KEYS, "gap", "l1", "seed", "method", "name", "state", "engine", "message", "id", "created",
    "training.batch_size", "model.layers.0.Dense.units", "no.such.key", "fold",
)  # fmt: skip


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with open_store(tmp_path_factory.mktemp("queries")) as opened:
        opened.add_many([(run, {}) for run in RUNS])
        yield opened


def test_every_value_is_that_of_the_record(store: Store) -> None:
    found, damaged = store.listed(RunQuery(values=ASKED))
    assert [run.id for run, _ in found] == [run.id for run in RUNS[::-1]]
    assert damaged == []
    for run, values in found:
        record = next(each for each in RUNS if each.id == run.id)
        expected = [value_of(record, key) for key in ASKED]
        assert list(values) == pytest.approx(expected)
        assert all(store.has_value(key) for key in ("gap", "training.batch_size", "score"))
    assert not store.has_value("no.such.key")


NUMBERS = [key for key in ASKED if any(isinstance(value_of(r, key), int | float) for r in RUNS)]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(NUMBERS),
            st.sampled_from(sorted(COMPARISONS)),
            st.sampled_from([0.0, 0.25, 0.5, 1.0, 3.0]),
        ),
        max_size=3,
    ),
    st.sampled_from([None, "name1", "name*", "n?me2", "none"]),
    st.sampled_from([None, *RunState]),
    st.sampled_from([None, *NUMBERS]),
    st.booleans(),
)
def test_a_query_lists_what_meets_it(
    store: Store,
    filters: list[tuple[str, Any, float]],
    name: str | None,
    state: RunState | None,
    sort: str | None,
    descending: bool,
) -> None:
    query = RunQuery(name, state, tuple(Filter(*each) for each in filters), sort, descending)

    def meets(run: RunRecord) -> bool:
        values = [(value_of(run, key), COMPARISONS[sign], bound) for key, sign, bound in filters]
        named = {None: True, "name*": True, "n?me2": run.name == "name2"}.get(
            name, run.name == name
        )
        is_state = state in {None, run.state}
        return named and is_state and all(v is not None and test(v, b) for v, test, b in values)

    expected = [run for run in RUNS[::-1] if meets(run)]
    if sort is not None:
        sign = -1 if descending else 1
        keyed = {run.id: value_of(run, sort) for run in expected}
        expected.sort(key=lambda r: math.inf if keyed[r.id] is None else sign * keyed[r.id])
    assert [run.id for run, _ in store.listed(query)[0]] == [run.id for run in expected]
    assert store.count(query) == len(expected)


def test_texts_are_equal_or_not(store: Store) -> None:
    for text, expected in (
        ("method==proximal", 3),
        ("method != 'proximal'", 3),
        ("l1==proximal", 0),
    ):
        query = RunQuery(filters=(parse_filter(text),))
        assert len(store.listed(query)[0]) == expected


def test_a_damaged_record_is_in_a_list_and_meets_nothing(tmp_path: Path) -> None:
    with open_store(tmp_path) as opened:
        opened.add_many([(run, {}) for run in RUNS[:2]])
        opened._connection.execute("UPDATE records SET record = '{' WHERE number = 1")
        assert len(opened.listed(RunQuery(values=("gap",)))[0]) == 2
        assert opened.count(RunQuery(filters=(Filter("test.mae", ">=", 0.0),))) == 1


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("l1>0", Filter("l1", ">", 0.0)),
        (" test.accuracy >= 0.9 ", Filter("test.accuracy", ">=", 0.9)),
        ("name==a b", Filter("name", "==", "a b")),
        ("training.optimizer.name!='sgd'", Filter("training.optimizer.name", "!=", "sgd")),
    ],
)
def test_filters(text: str, found: Filter) -> None:
    assert parse_filter(text) == found


FORM = "must be a key, one of < <= > >= == !=, and a value, like 'l1>0' or 'method==proximal', got "


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", f"{FORM}''"),
        ("l1", f"{FORM}'l1'"),
        ("l1=0", f"{FORM}'l1=0'"),
        ("l1>", f"{FORM}'l1>'"),
        ("l1>high", "> must be followed by a finite number, got 'high'"),
        ("l1<nan", "< must be followed by a finite number, got 'nan'"),
    ],
)
def test_what_is_no_filter(text: str, message: str) -> None:
    with pytest.raises(UsageError) as refused:
        parse_filter(text)
    assert str(refused.value) == message
