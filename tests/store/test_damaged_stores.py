"""Rows and files that regcli did not write so: each is said by name, and the others are served."""

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stored_examples import VERSION_1, a_run, a_sweep

from regcli.errors import StoreError, UsageError
from regcli.store.store import Store, open_store
from regcli.store.store_errors import Damage
from regcli.store.store_rows import checksum, decode, encode
from regcli.store.store_weights import read_weights

IDS = ["aaaa", "bbbb", "cccc"]
WEIGHTS = {"dense/kernel": np.arange(12.0).reshape(4, 3), "input/center": np.zeros(4)}
UPDATE = "update regcli, or remove the run with 'regcli runs rm aaaa'."


def weights_file() -> bytes:
    buffer = BytesIO()
    np.savez(buffer, **WEIGHTS)
    return buffer.getvalue()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "runs") as opened:
        opened.add_many([(a_run(run_id), {"weights.npz": weights_file()}) for run_id in IDS])
        opened.add_sweep(a_sweep("5555", tuple(IDS)))
        yield opened


def change(store: Store, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(store.folder / "regcli.sqlite")) as connection:
        connection.execute(statement, values)
        connection.commit()


def message(act: Callable[[], object]) -> str:
    with pytest.raises(StoreError) as caught:
        act()
    return str(caught.value)


# Columns

INFINITE = float("inf")


@pytest.mark.parametrize(
    ("column", "value", "what"),
    [
        ("state", "asleep", "has the state 'asleep', which this regcli does not know"),
        ("state", b"\xff", r"has the state b'\xff', which this regcli does not know"),
        ("name", b"digits", "has b'digits' as its name, which must be text"),
        ("created", b"", "has b'' as its created, which must be text"),
        ("epochs", "many", "has 'many' as its epochs, which must be a whole number"),
        ("epochs", 0.5, "has 0.5 as its epochs, which must be a whole number"),
        ("epochs", INFINITE, "has inf as its epochs, which must be a whole number"),
        ("seconds", INFINITE, "has inf as its seconds, which must be a number"),
        ("l1", -INFINITE, "has -inf as its l1, which must be a number"),
        ("l2", "a\nb", r"has 'a\nb' as its l2, which must be a number"),
        ("seed", 0.5, "has 0.5 as its seed, which must be a whole number"),
        ("fold", "x", "has 'x' as its fold, which must be a whole number"),
        ("method", b"x", "has b'x' as its method, which must be text"),
        ("data_loss", "x" * 99, f"has '{'x' * 58}… as its data_loss, which must be a number"),
        ("exact_sparsity", b"", "has b'' as its exact_sparsity, which must be a number"),
        ("refit_of", b"", "has b'' as its refit_of, which must be text"),
    ],
)
def test_a_column_that_does_not_hold_what_it_should(
    store: Store, column: str, value: object, what: str
) -> None:
    change(store, f"UPDATE runs SET {column} = ? WHERE id = 'aaaa'", value)
    summaries, damaged = store.readable_summaries()
    assert {summary.id for summary in summaries} == {"bbbb", "cccc"}
    assert damaged == [Damage("aaaa", f"The stored run aaaa {what}; {UPDATE}")]
    assert message(store.summaries) == damaged[0].sentence
    store.remove(["aaaa"])
    assert len(store.summaries()) == 2


@pytest.mark.parametrize("column", ["seconds", "l1", "seed", "fold", "accuracy", "refit_of"])
def test_what_is_unknown_is_no_damage(store: Store, column: str) -> None:
    change(store, f"UPDATE runs SET {column} = NULL")
    assert len(store.summaries()) == 3


def test_text_that_is_not_utf_8_can_be_read(store: Store) -> None:
    change(store, "UPDATE runs SET name = CAST(x'ff61' AS TEXT) WHERE id = 'aaaa'")
    assert {summary.name for summary in store.summaries()} == {"\ufffda", "digits-mlp"}


def test_several_damaged_runs_are_one_line(store: Store) -> None:
    change(store, "UPDATE records SET record = '' WHERE number < 3")
    assert message(lambda: store.find(IDS)) == (
        "2 stored runs cannot be read: aaaa bbbb. Remove them with 'regcli runs rm aaaa bbbb', "
        "then train them again."
    )
    found, damaged = store.find_readable([*IDS, "dddd"])
    assert (list(found), [damage.run_id for damage in damaged]) == (["cccc"], ["aaaa", "bbbb"])


def test_several_odd_ids_are_one_line(store: Store) -> None:
    for old, new in (("aaaa", "-f"), ("bbbb", "a\nb"), ("cccc", "x y")):
        change(store, "UPDATE runs SET id = ? WHERE id = ?", new, old)
    sentence = message(store.summaries)
    assert sentence == (
        r"3 stored runs cannot be read: 'x y' 'a\nb' '-f'. Remove them with 'regcli runs rm -- "
        "'x y' -f', then train them again."
    )


def test_a_run_that_is_removed_meanwhile(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    resolve = store.resolve

    def removed_then(prefix: str) -> str:
        found = resolve(prefix)
        store.remove([found])
        return found

    monkeypatch.setattr(store, "resolve", removed_then)
    with pytest.raises(UsageError, match=r"No run in .* has an id that begins with 'aaaa'"):
        store.pick(["aaaa"])


# Ids


@pytest.mark.parametrize(
    "name", ["../precious", "../runs/bbbb", ".", "..", "", "regcli.sqlite", ".pending", "/", "-f"]
)
def test_an_id_that_is_a_path_leads_nowhere(store: Store, name: str) -> None:
    outside = store.folder.parent / "precious"
    outside.mkdir()
    (outside / "weights.npz").write_bytes(b"precious")
    change(store, "UPDATE runs SET id = ? WHERE id = 'aaaa'", name)
    (damage,) = store.readable_summaries()[1]
    assert damage.run_id == name
    assert damage.sentence.startswith(f"The stored run {name!r} has no id of 4 to 64 hex digits;")
    changed = " is missing or was changed after it was stored; "
    assert changed in message(lambda: store.file(name, "weights.npz"))
    store.remove([store.resolve(name)])
    assert (outside / "weights.npz").read_bytes() == b"precious"
    assert sorted(path.name for path in store.folder.iterdir() if path.is_dir()) == IDS
    assert {summary.id for summary in store.summaries()} == {"bbbb", "cccc"}


@pytest.mark.parametrize("name", ["../precious", "..", "../../runs", "aaaa/../bbbb", "", "*"])
def test_a_path_that_is_no_id_names_no_run(store: Store, name: str) -> None:
    with pytest.raises(UsageError, match="A run is named by its id"):
        store.resolve(name)


@pytest.mark.parametrize("value", [b"aaaa", b"\xff", "aaaa\n", "\x1b[31m"])
def test_an_id_that_nobody_can_type(store: Store, value: object) -> None:
    change(store, "UPDATE runs SET id = ? WHERE id = 'aaaa'", value)
    (damage,) = store.readable_summaries()[1]
    assert damage.sentence == (
        f"The stored run {value!r} has no id of 4 to 64 hex digits; update regcli, or delete that "
        f"row of the table runs with another program."
    )
    assert store.resolve("bbbb") == "bbbb"


# Records


def test_a_record_that_is_missing(store: Store) -> None:
    change(store, "DELETE FROM records WHERE number = 1")
    assert message(lambda: store.pick(["bbbb", "aaaa"])) == (
        "The stored run aaaa cannot be read: its record is missing. Remove it with "
        "'regcli runs rm aaaa', then train it again."
    )
    store.remove(["aaaa"])
    store.add(a_run("aaaa"))
    assert list(store.find(IDS)) == IDS


def test_records_that_are_mixed_up(store: Store) -> None:
    for old, new in ((1, 13), (3, 1), (13, 3)):
        change(store, "UPDATE records SET number = ? WHERE number = ?", new, old)
    assert "its record is that of another run." in message(lambda: store.get("aaaa"))
    change(store, "UPDATE records SET record = x'00'")
    assert "its record is not text." in message(lambda: store.get("aaaa"))
    store.remove(IDS)
    change(store, "INSERT INTO records VALUES (4, 'of nobody, and in the way', 0)")
    store.add_many([(a_run(run_id), {}) for run_id in IDS])
    assert list(store.find(IDS)) == IDS


RECORD = a_run("aaaa")
TEXT = encode(RECORD)


@given(st.integers(0, len(TEXT) - 1), st.integers(1, 255))
@settings(max_examples=300, deadline=None)
def test_one_flipped_byte_in_a_record_is_noticed(place: int, bits: int) -> None:
    raw = bytearray(TEXT.encode())
    raw[place] ^= bits
    text = raw.decode("utf-8", "replace")
    found = decode("aaaa", text, checksum(TEXT))
    assert isinstance(found, Damage)
    assert found.sentence.startswith("The stored run aaaa cannot be read: ")
    assert found.sentence.isprintable()
    # Records of before there were checksums are read, or refused in the same words.
    old = decode("aaaa", text, None)
    assert isinstance(old, type(RECORD)) or old.sentence.startswith(found.sentence[:36])


def test_numbers_that_regcli_does_not_write_are_refused_in_old_records() -> None:
    assert decode("aaaa", TEXT, None) == RECORD
    for number, what in (
        ("NaN", "NaN in place of a number."),
        ("-Infinity", "-Infinity in place of a number."),
        ("1e999", "1e999 as a number, which is too large."),
    ):
        found = decode("aaaa", TEXT.replace('"seconds":0.05', f'"seconds":{number}'), None)
        assert isinstance(found, Damage)
        assert found.sentence == (
            f"The stored run aaaa cannot be read: its record has {what} Remove it with "
            "'regcli runs rm aaaa', then train it again."
        )
    for text in ("[" * 100_000, "", "null", '{"id": "aaaa"'):
        assert isinstance(decode("aaaa", text, None), Damage)


# Sweeps and findings


@pytest.mark.parametrize("text", ["", "[]", "null", "{", b"\x00", '{"seconds": "x"}'])
def test_a_sweep_that_cannot_be_read(store: Store, text: object) -> None:
    change(store, "UPDATE sweeps SET record = ?", text)
    assert message(store.sweeps) == (
        "The stored sweep 5555 cannot be read; its 3 runs can, one by one."
    )


@pytest.mark.parametrize("text", ["", "[]", "null", "{", b"\x00", "3", "[" * 100_000])
def test_a_finding_that_cannot_be_read_is_none(store: Store, text: object) -> None:
    store.remember("key", {"strength": 1.0})
    change(store, "UPDATE findings SET finding = ?", text)
    assert store.recall("key") is None


# Files of runs


def damaged_weights(store: Store, content: bytes) -> str:
    """What is said of weights that are as long as they were, and hold something else."""
    path = store.file("aaaa", "weights.npz")
    assert len(content) == path.stat().st_size
    path.write_bytes(content)
    return message(lambda: read_weights(store, "aaaa"))


CHANGED = (
    "{path} is missing or was changed after it was stored; remove the run with "
    "'regcli runs rm aaaa', then train it again."
)


def test_weights_of_zeros(store: Store) -> None:
    path = store.file("aaaa", "weights.npz")
    assert read_weights(store, "aaaa").keys() == WEIGHTS.keys()
    assert damaged_weights(store, bytes(path.stat().st_size)) == CHANGED.format(path=path)
    assert read_weights(store, "bbbb")["dense/kernel"].tolist() == WEIGHTS["dense/kernel"].tolist()


def test_weights_with_one_flipped_byte_are_as_they_were_or_refused(store: Store) -> None:
    whole, path = weights_file(), store.file("aaaa", "weights.npz")
    for place in range(len(whole)):
        content = bytearray(whole)
        content[place] ^= 0x20
        path.write_bytes(content)
        said, found = None, WEIGHTS
        try:
            found = read_weights(store, "aaaa")
        except StoreError as error:
            said = str(error)
        assert said in {None, CHANGED.format(path=path)}
        # Moments and attributes of the archive's members do not count.
        assert found.keys() == WEIGHTS.keys(), place
        assert all((found[name] == WEIGHTS[name]).all() for name in WEIGHTS)


@pytest.mark.parametrize("files", ["", "{", "[]", b"\x00", '{"weights.npz": "x"}', '{"../x": 1}'])
def test_names_and_sizes_of_files_that_cannot_be_read(store: Store, files: object) -> None:
    change(store, "UPDATE runs SET files = ? WHERE id = 'aaaa'", files)
    path = store.folder / "aaaa" / "weights.npz"
    assert message(lambda: store.file("aaaa", "weights.npz")) == CHANGED.format(path=path)


def test_a_file_in_place_of_a_runs_folder(store: Store) -> None:
    shutil.rmtree(store.folder / "aaaa")
    (store.folder / "aaaa").write_text("mine")
    path = store.folder / "aaaa" / "weights.npz"
    assert message(lambda: read_weights(store, "aaaa")) == CHANGED.format(path=path)
    store.remove(["aaaa"])
    assert not (store.folder / "aaaa").exists()


# Links out of the store


@pytest.fixture
def outside(tmp_path: Path) -> Iterator[Path]:
    """A folder that must stay as it is."""
    folder = tmp_path / "outside"
    (folder / "1-abc" / "old" / "1-aaaa").mkdir(parents=True)
    (folder / "1-abc" / "old" / "1-aaaa" / "file").write_text("precious")
    (folder / "lock").write_text("precious")
    before = sorted(folder.rglob("*"))
    yield folder
    assert sorted(folder.rglob("*")) == before
    assert (folder / "lock").read_text() == "precious"


def test_removing_a_run_whose_folder_is_a_link(store: Store, outside: Path) -> None:
    shutil.rmtree(store.folder / "aaaa")
    (store.folder / "aaaa").symlink_to(outside)
    (store.folder / "bbbb" / "link").symlink_to(outside)
    store.remove(["aaaa", "bbbb"])
    assert [path.name for path in store.folder.iterdir() if path.is_dir()] == ["cccc"]


def test_a_pending_folder_that_is_a_link(store: Store, outside: Path) -> None:
    (store.folder / ".pending").symlink_to(outside)
    open_store(store.folder).close()
    assert message(lambda: store.add(a_run("dddd"), {"config.yaml": b""})) == (
        f"{store.folder / '.pending'} must be a folder of the store, but is a link to "
        "another place. Nothing was changed; remove the link, or use another folder."
    )
    assert len(store.summaries()) == 3


def test_odd_names_and_links_among_what_is_pending(store: Store, outside: Path) -> None:
    pending = store.folder / ".pending"
    for odd in ("1-x/old/7-", "1-x/old/x-aaaa", "1-x/old/1-.pending", "1-x/old/1-regcli.sqlite"):
        (pending / odd).mkdir(parents=True)
    for odd in ("1-x/old/aaaa", "1-x/old/-1-aaaa", "1-x/old/²-aaaa", "mine/old/1-aaaa"):
        (pending / odd).mkdir(parents=True)
    (pending / "a file").write_text("mine")
    (pending / "2-link").symlink_to(outside)
    (pending / "3-link").mkdir()
    (pending / "3-link" / "old").symlink_to(outside / "1-abc" / "old")
    (pending / "4-link").mkdir()
    (pending / "4-link" / "lock").symlink_to(outside / "lock")
    open_store(store.folder).close()
    kept = sorted(path.name for path in pending.iterdir())
    assert kept == ["2-link", "4-link", "a file", "mine"]
    assert len(store.summaries()) == 3
    assert read_weights(store, "aaaa").keys() == WEIGHTS.keys()


# Other databases


@pytest.mark.parametrize("found", [-1, -(2**31), 1, 2, 3])
def test_a_version_that_the_tables_do_not_have(tmp_path: Path, found: int) -> None:
    database = tmp_path / "regcli.sqlite"
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("CREATE TABLE notes (text)")
        connection.execute(f"PRAGMA user_version = {found}")
    before = database.read_bytes()
    reason = "another program made it" if found < 0 else "no such table: runs"
    for create in (True, False):
        assert message(lambda create=create: open_store(tmp_path, create)) == (
            f"{database} cannot be read as a store of runs ({reason}). Nothing was changed; "
            "move it away to start an empty store there, or use another folder."
        )
    assert database.read_bytes() == before


def test_another_programs_database_without_a_version(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "regcli.sqlite")) as connection:
        connection.execute("CREATE TABLE notes (text)")
    assert "(another program made it). Nothing was changed" in message(lambda: open_store(tmp_path))


def test_a_pipe_in_place_of_the_database_is_not_waited_for(tmp_path: Path) -> None:
    for name in ("regcli.sqlite-wal", "regcli.sqlite"):
        folder = tmp_path / name
        folder.mkdir()
        if name != "regcli.sqlite":
            open_store(folder).close()
        os.mkfifo(folder / name)
        assert message(lambda folder=folder: open_store(folder)) == (
            f"{folder / name} must be a plain file. Nothing was changed; remove it, or use "
            "another folder."
        )


def test_records_of_before_checksums_get_them_when_they_are_stored_again(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "regcli.sqlite")) as connection:
        connection.executescript(VERSION_1)
    with open_store(tmp_path) as store:
        assert store.get("3fa9c1d2e0b4") is not None
        store.remove(["3fa9c1d2e0b4"])
        store.add(a_run("3fa9c1d2e0b4"))
        change(store, "UPDATE records SET record = replace(record, '0.97', '0.98')")
        assert message(lambda: store.get("3fa9c1d2e0b4")) == (
            "The stored run 3fa9c1d2e0b4 cannot be read: its record was changed after it was "
            "stored. Remove it with 'regcli runs rm 3fa9c1d2e0b4', then train it again."
        )
