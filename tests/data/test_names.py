"""Names that look the same, and names and values that a terminal would obey."""

import re
import unicodedata

import polars as pl
import pytest

from regcli.config.dataset_section import Dataset
from regcli.data.features import Kind
from regcli.data.sources import load_table
from regcli.errors import DataError

COMPOSED = "größe"
DECOMPOSED = unicodedata.normalize("NFD", COMPOSED)


def refusal(load, *given, **options) -> str:
    with pytest.raises(DataError) as refused:
        load(*given, **options)
    return re.sub(r"^\S*/", "", str(refused.value))


@pytest.fixture(params=["csv", "parquet"])
def load(request, load_csv, load_parquet):
    def as_csv(columns, **options):
        return load_csv(pl.DataFrame(columns).write_csv(), **options)

    return as_csv if request.param == "csv" else load_parquet


@pytest.mark.parametrize(("stored", "asked"), [(COMPOSED, DECOMPOSED), (DECOMPOSED, COMPOSED)])
def test_a_target_is_found_in_either_unicode_form(load, stored, asked):
    table = load({"a": [1, 2, 3], stored: ["u", "v", "u"]}, target=asked)
    same = load({"a": [1, 2, 3], asked: ["u", "v", "u"]}, target=asked)
    assert table.classes == ("u", "v")
    assert table.fingerprint == same.fingerprint


def test_true_columns_are_found_in_either_unicode_form(load):
    columns = {DECOMPOSED: [1, 2, 3], "b": [4, 5, 7], "y": [0, 1, 0]}
    for form in (COMPOSED, DECOMPOSED):
        assert load(columns, true_columns=(form,)).true_columns == (COMPOSED,)


def test_categories_that_differ_in_their_unicode_form_only_are_one(load):
    table = load({"a": [COMPOSED, DECOMPOSED, "x", "x"], "y": [0, 1, 0, 1]})
    assert table.kinds == {"a": Kind("category", (COMPOSED, "x"))}
    assert table.x.tolist() == [[0], [0], [1], [1]]


def test_columns_that_differ_in_their_unicode_form_only_are_refused(load):
    message = refusal(load, {COMPOSED: [1, 2], DECOMPOSED: [3, 4], "y": [0, 1]})
    assert message.partition(": ")[2] == (
        "column names must differ in more than their Unicode form, 'gro\\u0308\\xdfe' and "
        "'gr\\xf6\\xdfe' both are 'größe'"
    )


@pytest.mark.parametrize("twin", ["ta\u200brget", "target\ufeff", "\uff54arget"])
def test_a_name_that_only_looks_the_same_is_shown_in_escapes(load_parquet, twin):
    assert refusal(load_parquet, {"a": [1, 2], twin: [0, 1]}, target="target") == (
        f"data.parquet: must have the target column 'target'; it has {twin!a}, which only "
        "looks the same: it is made of other characters"
    )


HOSTILE = "\x1b[31m\u202e\u2028\r\n"


def test_what_a_terminal_would_obey_is_escaped_in_names_and_values(load_parquet):
    name = f"a{HOSTILE}"
    shown = r"a\x1b[31m\u202e\u2028\r\n"
    columns = {name: ["u", "NA", "u"], "b": [f"$5{HOSTILE}u", "$5", "$6"], "y": [0, 1, 0]}
    assert refusal(load_parquet, columns).splitlines()[0] == (
        f"data.parquet: column '{shown}' must have a value in every row, row 2 of 3 has 'NA'; fill "
        "the gap, leave the row out, or set dataset.missing"
    )
    for options in ({"target": "c"}, {"true_columns": ("zz",)}):
        columns = {name: [1, 2, 3], "y": [0, 1, 0]}
        message = refusal(load_parquet, columns, **options)
        assert message.isprintable()
        assert shown in message


def test_a_path_is_escaped_and_long_values_are_cut(tmp_path):
    file = f"x{HOSTILE}.csv"
    (tmp_path / file).write_text(f"a,y\n1,0\n2,1\n{'w' * 10_000},1\n3,0\n4,1\n")
    message = refusal(load_table, Dataset(file=file, target="y"), tmp_path)
    assert message == (
        r"x\x1b[31m\u202e\u2028\r\n.csv: column 'a' must be all numbers or all text, 1 of 5 "
        f"rows hold no number, the first of them row 3 with '{'w' * 59}…'; write a number in "
        "every row, or leave the other rows out; if they are categories, say so with "
        "dataset.types"
    )
    assert refusal(load_table, Dataset(file=f"y{HOSTILE}.csv", target="y"), tmp_path).isprintable()


def test_many_long_names_are_cut(load_csv):
    message = refusal(load_csv, f"{'n' * 1000},y,y\n1,2,3\n")
    assert message == "data.csv: column names must differ, 'y' appears more than once"
    message = refusal(load_csv, f"{'n' * 1000},b\n1,2\n")
    assert message == (f"data.csv: must have the target column 'y'; it has '{'n' * 59}…', 'b'")
