"""Tables in any dialect come back as they were written; dialects as values."""

import csv
import gzip
import io
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from regcli.config.dataset_section import Dataset
from regcli.data.columns.column_rules import ColumnRules
from regcli.data.columns.roles import Roles
from regcli.data.files.csv_files import open_csv
from regcli.data.files.csv_numbers import read_alike
from regcli.data.files.dialect import AskedDialect, Dialect
from regcli.data.sources import load_table
from regcli.errors import DataError
from tests.prepared import cells_of, notes_of_files

ROLES = Roles("y", None)
NAMES = ("a", "größe", "b, c", "d;e", "f|g", "h\ti", 'j "k"')


@dataclass(frozen=True)
class Written:
    """A random table in a random dialect.

    Attributes:
        dialect: how it is written.
        content: the bytes.
        columns: its columns but for the target, with their values.
    """

    dialect: Dialect
    content: bytes
    columns: dict[str, list[float] | list[str]]


@st.composite
def numbers(draw: st.DrawFn, rows: int, marks: tuple[str, str | None]) -> tuple[list[str], list]:
    """Cells with these marks, and their values."""
    digits = draw(st.integers(0, 4))
    whole = draw(st.lists(st.integers(-(10**9), 10**9), min_size=rows, max_size=rows))
    plain = [f"{number / 10**digits:.{digits}f}" for number in whole]
    decimal, thousands = marks
    is_grouped = thousands is not None and draw(st.booleans())

    def cell(text: str) -> str:
        before, _, behind = text.partition(".")
        grouped = f"{int(before):,}".replace(",", str(thousands)) if is_grouped else before
        signed = f"-{grouped}" if before == "-0" and is_grouped else grouped
        return f"{signed}{decimal}{behind}" if behind else signed

    return [cell(text) for text in plain], [float(text) for text in plain]


@st.composite
def tables(draw: st.DrawFn) -> Written:
    decimal = draw(st.sampled_from(".,"))
    marks = [mark for mark in (None, ",", ".", " ", "'", "_") if mark != decimal]
    dialect = Dialect(
        separator=draw(st.sampled_from(",;\t|")),
        decimal=decimal,
        thousands=draw(st.sampled_from(marks)),
        encoding=draw(st.sampled_from(["utf-8", "utf-16", "cp1252", "latin-1"])),
        comment=draw(st.sampled_from([None, None, "#", "#", "//"])),
    )
    rows = draw(st.integers(3, 8))
    words = st.text("abü ,;|\t\n\"'.#", max_size=5).map(lambda text: f"wort {text}".strip())
    cells: dict[str, list[str]] = {}
    columns: dict[str, list[float] | list[str]] = {}
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=4, unique=True))
    for name in names:
        kind = draw(st.sampled_from(["number", "text", "flag"]))
        if kind == "number":
            cells[name], columns[name] = draw(numbers(rows, (decimal, dialect.thousands)))
        elif kind == "flag":
            flags = draw(st.lists(st.booleans(), min_size=rows, max_size=rows))
            cells[name], columns[name] = [str(flag).lower() for flag in flags], [*map(float, flags)]
        else:
            two = draw(st.lists(words, min_size=2, max_size=2, unique=True))
            chosen = draw(st.lists(st.sampled_from(two), min_size=rows, max_size=rows))
            cells[name] = chosen
            columns[name] = chosen
    text = io.StringIO()
    quoting = draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
    end = draw(st.sampled_from(["\n", "\r\n"]))
    if dialect.comment is not None:
        text.write(f"{dialect.comment} made for a test{end}")
    writer = csv.writer(text, delimiter=dialect.separator, quoting=quoting, lineterminator=end)
    writer.writerow([*names, "y"])
    writer.writerows(zip(*cells.values(), ["no", "yes"] * rows, strict=False))
    content = text.getvalue().encode(dialect.encoding)
    if dialect.encoding == "utf-8" and draw(st.booleans()):
        content = b"\xef\xbb\xbf" + content
    return Written(dialect, content, columns)


def loaded(
    folder: Path, written: Written, name: str, **keys: str
) -> dict[str, list[float] | list[str]]:
    packed = gzip.compress(written.content) if name.endswith(".gz") else written.content
    (folder / name).write_bytes(packed)
    return cells_of(load_table(Dataset(file=name, target="y", **keys), folder))


@given(tables(), st.sampled_from(["t.csv", "t.csv.gz"]))
def test_a_table_comes_back_by_the_keys_of_its_dialect(tmp_path_factory, written, name):
    folder = tmp_path_factory.mktemp("dialect")
    keys = {"decimal": written.dialect.decimal, **written.dialect.as_keys()}
    assert loaded(folder, written, name, **keys) == written.columns


NO_TARGET = Roles("", None)
NOTHING_ASKED = AskedDialect()


def sniff(path: Path, roles: Roles, asked: AskedDialect = NOTHING_ASKED) -> Dialect:
    """How a file is written, found as whoever reads it finds it."""
    file = open_csv(path, roles, asked)
    return file.dialect(read_alike([file], roles, ColumnRules(), asked)[1])


@given(tables())
def test_without_keys_a_table_comes_back_or_is_refused(tmp_path_factory, written):
    # Without a semicolon that makes one doubt it, 1.234 is a little more than one, as in plain CSV.
    assume(written.dialect.thousands != "." or written.dialect.separator == ";")
    folder = tmp_path_factory.mktemp("dialect")
    path = folder / "t.csv"
    path.write_bytes(written.content)
    try:
        table = load_table(Dataset(file="t.csv", target="y"), folder)
        before_a_target = sniff(path, NO_TARGET)
    except DataError:
        return
    assert cells_of(table) == written.columns
    dialect = sniff(path, ROLES)
    assert dialect.separator == written.dialect.separator
    assert before_a_target == dialect
    pinned = load_table(Dataset(file="t.csv", target="y", **dialect.as_keys()), folder)
    assert (pinned.fingerprint, notes_of_files(pinned)) == (table.fingerprint, [])


def test_what_is_sniffed_is_read_by_its_dialect(tmp_path):
    path = tmp_path / "t.csv"
    path.write_bytes("# made\na;ö;y\n1.234,5;u;no\n2,5;v;yes\n".encode("cp1252"))
    dialect = sniff(path, ROLES)
    assert dialect == Dialect(";", ",", ".", "cp1252", "#")
    assert dialect.as_keys() == {
        "separator": ";",
        "decimal": ",",
        "thousands": ".",
        "encoding": "cp1252",
        "comment": "#",
    }
    assert Dialect("\t").as_keys() == {"separator": "tab"}
    assert sniff(path, ROLES, dialect.asked()) == dialect
    file = open_csv(path, ROLES, dialect.asked())
    (frame,), _ = read_alike([file], ROLES, ColumnRules(), dialect.asked())
    assert frame.to_dict(as_series=False) == {
        "a": [1234.5, 2.5],
        "ö": ["u", "v"],
        "y": ["no", "yes"],
    }


@pytest.mark.parametrize(
    ("text", "separator"),
    [
        ("a;b\n1,5;2\n2,5;3\n", ";"),
        ("a,b;c\n1,5\n2,6\n", ","),
        ("# made\na\tb\n1\t2\n", "\t"),
        ("a b\n1 2\n", ","),
    ],
)
def test_a_separator_without_a_target(tmp_path, text, separator):
    (tmp_path / "t.csv").write_text(text)
    assert sniff(tmp_path / "t.csv", NO_TARGET).separator == separator


def test_two_separators_without_a_target_are_refused(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("a;b,c\n1;2,3\n4;5,6\n")
    with pytest.raises(DataError) as refused:
        sniff(path, NO_TARGET)
    assert str(refused.value) == (
        f"{path}: must be separated by one mark, header and rows can be read with commas or "
        "semicolons; write dataset.separator"
    )
