"""What goes into the store and what comes out of it."""

import sqlite3
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stored_examples import a_run, a_sweep

from regcli.errors import StoreError, UsageError
from regcli.results.records import RunRecord, RunState
from regcli.store.store import Store, open_store
from regcli.store.store_rows import RunSummary

FINITE = st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | FINITE | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
RECORDS = st.builds(
    RunRecord,
    id=st.text("0123456789abcdef", min_size=12, max_size=12),
    name=st.text(),
    state=st.sampled_from(RunState),
    settings=st.dictionaries(st.sampled_from(["l1", "seed", "fold", "method", "other"]), JSON),
    config=st.dictionaries(st.text(), JSON, max_size=3),
    engine=st.text(),
    epochs=st.integers(0, 10**6),
    seconds=FINITE,
    metrics=st.dictionaries(
        st.sampled_from(["train", "validation"]),
        st.dictionaries(st.sampled_from(["data_loss", "accuracy", "r2"]), FINITE | st.none()),
    ),
    sparsity=st.none(),
    history=st.dictionaries(st.text(), st.lists(FINITE | st.none()).map(tuple), max_size=3),
    data=st.none(),
    environment=st.dictionaries(st.text(), st.text(), max_size=2),
    message=st.text(),
    created=st.datetimes().map(lambda moment: f"{moment.isoformat()}+00:00"),
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "runs") as opened:
        yield opened


def test_an_empty_store_answers(store: Store) -> None:
    assert store.count() == 0
    assert store.summaries() == []
    assert store.sweeps() == []
    assert store.get("3fa9c1d2e0b4") is None
    assert store.sweep("3fa9") is None
    store.remove(["3fa9c1d2e0b4"])


@settings(max_examples=30, deadline=None)
@given(records=st.lists(RECORDS, max_size=4, unique_by=lambda record: record.id))
def test_records_come_back_equal(records: list[RunRecord]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        with open_store(Path(folder)) as store:
            store.add_many([(record, {}) for record in records])
        with open_store(Path(folder), create=False) as store:
            ids = [record.id for record in records]
            assert list(store.find(ids).values()) == records
            assert {summary.id for summary in store.summaries()} == set(ids)


@given(value=FINITE)
@settings(max_examples=200, deadline=None)
def test_floats_come_back_to_the_last_bit(value: float) -> None:
    record = a_run("aaaa", settings={"l1": value}, seconds=value, history={"loss": (value,)})
    back = RunRecord.model_validate_json(record.model_dump_json())
    assert (back.settings["l1"], back.seconds, back.history["loss"]) == (value, value, (value,))


def test_nan_and_infinities_are_stored_as_unknown(store: Store) -> None:
    store.add(
        a_run(
            "aaaa",
            "diverged",
            metrics={"validation": {"data_loss": float("nan"), "accuracy": float("inf")}},
            history={"loss": (0.1, float("nan"), float("inf"))},
        )
    )
    record = store.find(["aaaa"])["aaaa"]
    assert record.history["loss"] == (0.1, None, None)
    assert record.metrics["validation"] == {"data_loss": None, "accuracy": None}
    (summary,) = store.summaries()
    assert (summary.data_loss, summary.accuracy) == (None, None)


def test_a_record_that_could_not_be_read_back_is_refused(store: Store) -> None:
    with pytest.raises(StoreError) as caught:
        store.add_many([(a_run("aaaa"), {}), (a_run("bbbb", seconds=float("nan")), {})])
    assert str(caught.value) == (
        "The run bbbb cannot be stored: seconds: Input should be a valid number."
    )
    assert store.count() == 0


def test_a_summary_shows_the_plain_columns(store: Store) -> None:
    store.add(a_run("aaaa"))
    store.add_sweep(a_sweep("5555", ("aaaa",)))
    store.add_sweep(a_sweep("6666", ("aaaa", "bbbb")))
    assert store.summaries() == [
        RunSummary(
            id="aaaa",
            name="digits-mlp",
            state=RunState.FINISHED,
            created="2026-01-01T00:00:00+00:00",
            epochs=50,
            seconds=0.05,
            l1=0.0,
            l2=0.01,
            seed=0,
            fold=None,
            method="penalty",
            data_loss=0.1,
            accuracy=0.97,
            r2=None,
            exact_sparsity=0.25,
            refit_of=None,
            data=None,
            model="64-10",
            score=0.97,
            score_name="accuracy",
            identity=None,
            sweeps=2,
        )
    ]


def test_a_summary_of_odd_settings_leaves_out_what_no_column_holds(store: Store) -> None:
    odd = {"l1": "auto", "l2": [1, 2], "seed": 2**70, "method": 3}
    store.add(a_run("aaaa", settings=odd, metrics={}, sparsity=None))
    (summary,) = store.summaries()
    assert (summary.l1, summary.l2, summary.seed, summary.method) == (None, None, None, None)
    assert (summary.data_loss, summary.exact_sparsity) == (None, None)
    assert store.find(["aaaa"])["aaaa"].settings == odd


def test_summaries_are_newest_first(store: Store) -> None:
    moments = ["2026-01-02", "2026-01-03", "2026-01-01", "2026-01-03"]
    store.add_many(
        [(a_run(f"aaa{number}", created=moment), {}) for number, moment in enumerate(moments)]
    )
    assert [summary.id for summary in store.summaries()] == ["aaa3", "aaa1", "aaa0", "aaa2"]
    assert [summary.id for summary in store.summaries(last=2)] == ["aaa3", "aaa1"]


def test_lists_read_no_record(store: Store) -> None:
    """Which is what makes them fast: `make bench-quick` measures a list of 10,000."""
    store.add_many([(a_run(f"{number:012x}"), {}) for number in range(1_000)])
    store._connection.execute("UPDATE records SET record = 'no record at all'")
    assert len(store.summaries()) == 1_000


def test_a_batch_is_one_transaction(store: Store) -> None:
    """Each waits for the disk, so this is what makes a batch fast."""
    statements: list[str] = []
    store._connection.set_trace_callback(statements.append)
    store.add_many([(a_run(f"{number:012x}"), {"config.yaml": b"x"}) for number in range(40)])
    assert [text for text in statements if text.startswith(("BEGIN", "COMMIT", "END"))] == [
        *("BEGIN IMMEDIATE", "COMMIT"),
    ]


def test_find_takes_any_number_of_ids_and_keeps_their_order(store: Store) -> None:
    ids = [f"{number:012x}" for number in range(2_000)]
    store.add_many([(a_run(run_id), {}) for run_id in ids])
    asked = [f"{number:012x}" for number in range(100_000, -1, -1)]
    assert list(store.find([*asked, *asked])) == ids[::-1]


@pytest.mark.parametrize("state", ["finished", "diverged"])
def test_a_final_run_never_changes(store: Store, state: str) -> None:
    first = a_run("aaaa", state, seconds=1.0)
    store.add(first, {"config.yaml": b"first"})
    store.add(a_run("aaaa", seconds=2.0), {"config.yaml": b"second"})
    store.add_many([(a_run("bbbb"), {}), (a_run("aaaa", "failed"), {"other": b""})])
    assert store.get("aaaa") == first
    assert store.file("aaaa", "config.yaml").read_bytes() == b"first"
    assert store.count() == 2


@pytest.mark.parametrize("state", ["finished", "diverged"])
def test_a_final_run_is_replaced_on_demand_by_one_that_is_final_too(
    store: Store, state: str
) -> None:
    store.add(a_run("aaaa", seconds=1.0), {"config.yaml": b"first", "log.txt": b"1"}, {"w": b"1"})
    store.add_sweep(a_sweep("5555", ("aaaa",)))
    for unfinished in ("failed", "interrupted"):
        store.add_many([(a_run("aaaa", unfinished), {"other": b""})], replace=True)
    second = a_run("aaaa", state, seconds=2.0)
    store.add_many([(second, {"config.yaml": b"second"})], {"aaaa": {"w": b"2"}}, replace=True)
    assert store.get("aaaa") == second
    assert [path.name for path in (store.folder / "aaaa").iterdir()] == ["config.yaml"]
    assert store.blob("aaaa", "w") == b"2"
    assert store.sweeps()[0].run_ids == ("aaaa",)
    assert store.count() == 1


@pytest.mark.parametrize("state", ["failed", "interrupted"])
def test_a_run_that_did_not_end_is_replaced_and_stays_in_its_sweep(
    store: Store, state: str
) -> None:
    store.add(a_run("aaaa", state), {"config.yaml": b"first", "log.txt": b"why"})
    store.add_sweep(a_sweep("5555", ("aaaa",)))
    second = a_run("aaaa", seconds=2.0)
    store.add(second, {"config.yaml": b"second!"})
    assert store.get("aaaa") == second
    assert [path.name for path in (store.folder / "aaaa").iterdir()] == ["config.yaml"]
    assert store.file("aaaa", "config.yaml").read_bytes() == b"second!"
    assert store.sweeps()[0].run_ids == ("aaaa",)
    assert store.count() == 1


def test_the_same_id_twice_in_a_batch_follows_the_same_rule(store: Store) -> None:
    store.add_many(
        [
            (a_run("aaaa", "failed"), {"config.yaml": b"1"}),
            (a_run("aaaa", seconds=2.0), {"config.yaml": b"22"}),
            (a_run("aaaa", seconds=3.0), {"config.yaml": b"333"}),
        ]
    )
    assert store.find(["aaaa"])["aaaa"].seconds == 2.0
    assert store.file("aaaa", "config.yaml").read_bytes() == b"22"


def test_a_folder_without_a_run_is_replaced(store: Store) -> None:
    left = store.folder / "aaaa"
    left.mkdir()
    (left / "half.npz").write_bytes(b"half")
    store.add(a_run("aaaa"), {"config.yaml": b"whole"})
    assert [path.name for path in left.iterdir()] == ["config.yaml"]


def test_only_the_database_and_the_folders_of_runs_remain(store: Store) -> None:
    store.add(a_run("aaaa"), {"config.yaml": b""})
    store.add(a_run("bbbb"))
    store.close()
    assert sorted(path.name for path in store.folder.iterdir()) == ["aaaa", "regcli.sqlite"]


def test_removal_takes_the_run_its_folder_and_its_membership(store: Store) -> None:
    for run_id in ("aaaa", "bbbb", "cccc"):
        store.add(a_run(run_id), {"config.yaml": run_id.encode()})
    store.add_sweep(a_sweep("5555", ("cccc", "aaaa", "bbbb")))
    store.remove(["aaaa", "ffff"])
    assert store.get("aaaa") is None
    assert not (store.folder / "aaaa").exists()
    assert store.sweeps()[0].run_ids == ("cccc", "bbbb")
    assert store.file("bbbb", "config.yaml").read_bytes() == b"bbbb"


@pytest.mark.parametrize("name", ["../aaaa", "a/b", "", ".", ".pending", "a b"])
def test_names_that_could_leave_the_store_are_refused(store: Store, name: str) -> None:
    rule = "Runs and their files have plain names of letters, digits, '.', '_' and '-', got "
    with pytest.raises(StoreError) as caught:
        store.add(a_run(name))
    assert str(caught.value) == f"{rule}{name!r} in the run {name!r}."
    with pytest.raises(StoreError) as caught:
        store.add(a_run("aaaa"), {name: b""})
    assert str(caught.value) == f"{rule}{name!r} in the run 'aaaa'."
    assert store.count() == 0


def test_a_file_is_named_or_why_it_is_not_there(store: Store) -> None:
    store.add(a_run("aaaa"), {"weights.npz": b"12345", "config.yaml": b""})
    store.add(a_run("bbbb"))
    weights = store.folder / "aaaa" / "weights.npz"
    assert store.file("aaaa", "weights.npz") == weights
    damaged = (
        f"{weights} is missing or was changed after it was stored; remove the run with "
        f"'regcli runs rm aaaa', then train it again."
    )
    weights.write_bytes(b"123")
    assert _message(store, "aaaa", "weights.npz") == damaged
    weights.unlink()
    assert _message(store, "aaaa", "weights.npz") == damaged
    assert _message(store, "aaaa", "model.keras") == (
        "The run aaaa was stored without model.keras; it has config.yaml, weights.npz."
    )
    assert _message(store, "bbbb", "model.keras") == (
        "The run bbbb was stored without model.keras; it has no files."
    )
    assert _message(store, "cccc", "model.keras") == (
        f"There is no run cccc in {store.folder}; 'regcli runs list' shows the ids."
    )


def _message(store: Store, run_id: str, name: str) -> str:
    with pytest.raises(StoreError) as caught:
        store.file(run_id, name)
    return str(caught.value)


def test_a_prefix_names_one_run(store: Store) -> None:
    for run_id in ("3fa9c1d2e0b4", "3fa9d1d2e0b4", "77777"):
        store.add(a_run(run_id))
    assert store.resolve("3fa9c") == "3fa9c1d2e0b4"
    assert store.resolve("3FA9C1") == "3fa9c1d2e0b4"
    assert store.resolve("77777") == "77777"


@pytest.mark.parametrize(
    ("prefix", "message"),
    [
        (
            "3fa",
            "A run is named by its id or by at least 4 of its first hex digits, got '3fa'; "
            "'regcli runs list' shows the ids.",
        ),
        (
            "digits",
            "A run is named by its id or by at least 4 of its first hex digits, got 'digits'; "
            "'regcli runs list' shows the ids.",
        ),
        ("3fa9", "'3fa9' begins 2 ids: 3fa9c1d2e0b4, 3fa9d1d2e0b4; give more digits."),
        (
            "3fa8d1",
            "No run in {folder} has an id that begins with '3fa8d1'; did you mean 3fa9d1d2e0b4?",
        ),
        (
            "bbbb",
            "No run in {folder} has an id that begins with 'bbbb'; "
            "'regcli runs list' shows the ids.",
        ),
        (
            "aaaa",
            "'aaaa' begins 12 ids: aaaa00, aaaa01, aaaa02, aaaa03, aaaa04, aaaa05, aaaa06, "
            "aaaa07, aaaa08, aaaa09 and 2 more; give more digits.",
        ),
    ],
)
def test_a_prefix_that_names_no_single_run(store: Store, prefix: str, message: str) -> None:
    many = [f"aaaa{number:02}" for number in range(12)]
    store.add_many([(a_run(run_id), {}) for run_id in ("3fa9c1d2e0b4", "3fa9d1d2e0b4", *many)])
    with pytest.raises(UsageError) as caught:
        store.resolve(prefix)
    assert str(caught.value) == message.format(folder=store.folder)


def test_sweeps_are_newest_first_in_grid_order_and_replaced_by_id(store: Store) -> None:
    old = a_sweep("5555aa", ("cccc", "aaaa"), seconds=0.1)
    new = a_sweep("5555bb", (), created="2026-02-01T00:00:00+00:00")
    store.add_sweep(new)
    store.add_sweep(a_sweep("5555aa", ("zzzz",)))
    store.add_sweep(old)
    assert store.sweeps() == [new, old]
    assert store.sweep("5555aa") == old
    assert store.sweep("5555a") == old
    assert store.sweep("555") is None
    assert store.sweep("6666") is None
    with pytest.raises(UsageError) as caught:
        store.sweep("5555")
    assert str(caught.value) == "'5555' begins 2 ids: 5555aa, 5555bb; give more digits."


@given(first=st.dictionaries(st.text(), JSON), second=st.dictionaries(st.text(), JSON))
@settings(max_examples=20, deadline=None)
def test_findings_survive_reopening_and_the_last_one_counts(
    first: dict[str, object], second: dict[str, object]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        with open_store(Path(folder)) as store:
            store.remember("a", first)
            store.remember("b", first)
            store.remember("a", second)
        with open_store(Path(folder)) as store:
            assert (store.recall("a"), store.recall("b")) == (second, first)
            assert store.recall("c") is None


def test_threads_may_share_a_store(store: Store) -> None:
    def add_and_read(number: int) -> bool:
        run_id = f"{number:04x}"
        store.add(a_run(run_id), {"config.yaml": run_id.encode()})
        return store.file(run_id, "config.yaml").read_bytes() == run_id.encode()

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(add_and_read, range(200)))
    assert store.count() == 200


def test_records_that_cannot_be_read_are_named(store: Store) -> None:
    store.add(a_run("aaaa"))
    store.add_sweep(a_sweep("5555", ("aaaa",)))
    store._connection.execute("UPDATE records SET record = '{}'")
    store._connection.execute("UPDATE sweeps SET record = '{}'")
    with pytest.raises(StoreError) as caught:
        store.get("aaaa")
    assert str(caught.value) == (
        "The stored run aaaa cannot be read: id: Field required. Remove it with "
        "'regcli runs rm aaaa', then train it again."
    )
    with pytest.raises(StoreError) as caught:
        store.sweeps()
    assert str(caught.value) == (
        "The stored sweep 5555 cannot be read; its 1 runs can, one by one."
    )
    store._connection.execute("UPDATE runs SET state = 'asleep'")
    with pytest.raises(StoreError) as caught:
        store.summaries()
    assert str(caught.value) == (
        "The stored run aaaa has the state 'asleep', which this regcli does not know; update "
        "regcli, or remove the run with 'regcli runs rm aaaa'."
    )


def test_a_closed_store_is_a_mistake_of_ours(store: Store) -> None:
    store.close()
    store.close()
    with pytest.raises(sqlite3.ProgrammingError):
        store.count()
