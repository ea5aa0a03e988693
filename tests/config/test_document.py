"""YAML as regcli reads it: the types, the places, and what is refused."""

import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from loading import Load, Problems

from regcli.config.document import MAX_KEY, parse_path, read_scalar, read_yaml, write_yaml
from regcli.config.load import load_config
from regcli.errors import ConfigError, UsageError

DATASET = "dataset: {name: digits}\n"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-3", 0.001),
        ("1E5", 100000.0),
        ("+.5", 0.5),
        ("5.", 5.0),
        ("-12", -12),
        ("007", 7),
        ("0o17", 15),
        ("0xfF", 255),
        (".inf", math.inf),
        ("-.INF", -math.inf),
        ("1e999", math.inf),
        ("9" * 400, math.inf),
        ("0x" + "f" * 5000, math.inf),
        ("~", None),
        ("", None),
        ("null", None),
        ("true", True),
        ("FALSE", False),
        ("off", "off"),
        ("yes", "yes"),
        ("nUlL", "nUlL"),
        ("1_000", "1_000"),
        ("1:30", "1:30"),
        ("0b1", "0b1"),
        ("2020-01-01", "2020-01-01"),
        ("inf", "inf"),
        (".", "."),
        ("1e", "1e"),
        ("٣", "٣"),
    ],
)
def test_plain_scalars_follow_yaml_1_2(text: str, value: object) -> None:
    read = read_scalar(text)
    assert read == value
    assert type(read) is type(value)


def test_nan_is_a_number() -> None:
    assert math.isnan(read_scalar(".nan"))


def test_quoted_scalars_are_text() -> None:
    read = read_yaml("- '1'\n- \"~\"\n- 'true'\n- |\n  5\n", "f").data
    assert read == ["1", "~", "true", "5\n"]


def test_keys_are_texts_as_they_are_written() -> None:
    assert read_yaml("{1: a, true: b, ~: c, 1e-3: d, '2': e}", "f").data == {
        "1": "a",
        "true": "b",
        "~": "c",
        "1e-3": "d",
        "2": "e",
    }


def test_places_of_keys_and_values() -> None:
    document = read_yaml("a:\n  b: [x, {c: 1}]\n  long key:   5\n", "f")
    assert str(document.place(("a",), at_key=True)) == "f:1:1"
    assert str(document.place(("a",))) == "f:2:3"
    assert str(document.place(("a", "b"), at_key=True)) == "f:2:3"
    assert str(document.place(("a", "b"))) == "f:2:6"
    assert str(document.place(("a", "b", 0))) == "f:2:7"
    assert str(document.place(("a", "b", 1, "c"))) == "f:2:14"
    assert str(document.place(("a", "long key"), at_key=True)) == "f:3:3"
    assert str(document.place(("a", "long key"))) == "f:3:15"


def test_the_place_of_what_is_missing_is_that_around_it() -> None:
    document = read_yaml("a:\n  b: 1\n", "f")
    assert str(document.place(("a", "z", 3))) == "f:2:3"
    assert str(document.place(("z",))) == "f:1:1"


def test_what_an_alias_stands_for_is_placed_at_the_alias() -> None:
    document = read_yaml("a: &x {b: 1}\nc: *x\n", "f")
    assert document.data == {"a": {"b": 1}, "c": {"b": 1}}
    assert str(document.place(("c", "b"))) == "f:2:4"


def test_copies_by_alias_are_apart() -> None:
    data = read_yaml("a: &x {b: [1]}\nc: *x\n", "f").data
    data["c"]["b"].append(2)
    assert data["a"] == {"b": [1]}


def test_small_aliases_are_fine(load: Load) -> None:
    text = DATASET + "model: {layers: [&d {Dense: {units: 4}}, *d]}\n"
    assert len(load(text).config.model.layers) == 2


BOMB = "a: &a0 [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"b{level}: &a{level + 1} [{','.join([f'*a{level}'] * 9)}]\n" for level in range(9)
)
VALID = "must be valid YAML"
MAPPING = "a config must be a mapping with the key 'dataset'; this file"


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"", f"c.yaml:1:1: {MAPPING} is empty"),
        (b"# only a remark\n", f"c.yaml:1:1: {MAPPING} is empty"),
        (b"---\n...\n", f"c.yaml:2:1: {MAPPING} is empty"),
        (b"\n- a\n", f"c.yaml:2:1: {MAPPING} holds a list"),
        (b"5", f"c.yaml:1:1: {MAPPING} holds 5"),
        (b"just words", f"c.yaml:1:1: {MAPPING} holds the text 'just words'"),
        (BOMB.encode(), "c.yaml:5:30: must not hold more than 50,000 values, aliases included"),
        (b"a: &a [1, *a]", "c.yaml:1:11: must not contain itself, got *a"),
        (b"a: *b", "c.yaml:1:4: refers to an undefined anchor, got *b"),
        (b"[" * 100, "c.yaml:1:33: must not nest deeper than 32 levels"),
        (b"- " * 100, "c.yaml:1:65: must not nest deeper than 32 levels"),
        (b"a: 1\n---\nb: 1\n", "c.yaml:2:1: must be one YAML document, got a second one"),
        (b"a: !x 1", "c.yaml:1:4: must not have a tag, got !x"),
        (b"a: ! 1", "c.yaml:1:4: must not have a tag, got !"),
        (b"a: !!map {}", "c.yaml:1:4: must not have a tag, got tag:yaml.org,2002:map"),
        (b"a: !!seq []", "c.yaml:1:4: must not have a tag, got tag:yaml.org,2002:seq"),
        (
            b"a: !!python/object/apply:os.system [x]",
            "c.yaml:1:4: must not have a tag, got tag:yaml.org,2002:python/object/apply:os.system",
        ),
        (b"a: 1\nb: \xff", "c.yaml:2:4: must be UTF-8 text, got the byte 0xff"),
        (b"\xef\xbb\xbfa: \xfe", "c.yaml:1:4: must be UTF-8 text, got the byte 0xfe"),
        ("a: 1".encode("utf-16"), "c.yaml:1:1: must be UTF-8 text, got the byte 0xff"),
        (b"\x89PNG\r\n\x1a\n\x00", "c.yaml:1:1: must be UTF-8 text, got the byte 0x89"),
        (b"a: 1\nb: \x00", "c.yaml:2:4: must be plain text, got the character U+0000"),
        (b"\x7fELF", "c.yaml:1:1: must be plain text, got the character U+007F"),
        (b'a: "\\0"', "c.yaml:1:4: must be plain text, got the character U+0000"),
        (b'a: "\\e[31m"', "c.yaml:1:4: must be plain text, got the character U+001B"),
        (b'a: "\\ud800"', "c.yaml:1:4: must be plain text, got the character U+D800"),
        (
            b'a: "\\U00110000"',
            f"c.yaml:1:7: {VALID}: a number or an escape is out of range",
        ),
        (
            b"%YAML " + b"9" * 5000 + b".1\n---\na: 1",
            f"c.yaml:1:7: {VALID}: a number or an escape is out of range",
        ),
        (
            b"\ta: 1",
            f"c.yaml:1:1: {VALID}: while scanning for the next token, "
            "found character '\\t' that cannot start any token",
        ),
        (
            b"a:\n\tb: 1",
            f"c.yaml:2:1: {VALID}: while scanning for the next token, "
            "found character '\\t' that cannot start any token",
        ),
        (
            b"a: [1",
            f"c.yaml:1:6: {VALID}: while parsing a flow sequence, "
            "expected ',' or ']', but got '<stream end>'",
        ),
        (b"a: b: c", f"c.yaml:1:5: {VALID}: mapping values are not allowed here"),
        (b"? [a]\n: 1", "c.yaml:1:3: a key must be a plain word, got an empty list"),
        (b"x: &a true\ny: {*a : 1}", "c.yaml:2:5: a key must be a plain word, got *a"),
        (b"'': 1", "c.yaml:1:1: a key must be a plain word, got the text ''"),
        (
            b"? " + b"k" * 201 + b"\n: 1",
            "c.yaml:1:3: a key must have at most 200 characters, got 201",
        ),
        (
            b"# " + b"x" * 50_000_000,
            "c.yaml:1:1: a config must have at most 1,000,000 bytes, this file has more",
        ),
    ],
    ids=lambda value: ascii(value[:30]) if isinstance(value, bytes) else "",
)
def test_what_is_no_config_gets_one_line(content: bytes, line: str, problems: Problems) -> None:
    assert problems(content) == [line]


def test_a_byte_order_mark_and_windows_line_ends_are_fine(load: Load) -> None:
    text = "\ufeff" + (DATASET + "name: ü\n").replace("\n", "\r\n")
    assert load(text).config.name == "ü"


def test_duplicate_keys_are_reported_with_the_other_problems(problems: Problems) -> None:
    text = DATASET + "name: 5\ntraining: {epochs: 1, epochs: 2}\nname: six\nnome: x\n"
    assert problems(text) == [
        "c.yaml:3:23: training.epochs: must not be given twice; it is first given on line 3",
        "c.yaml:4:1: name: must not be given twice; it is first given on line 2",
        "c.yaml:5:1: nome: unknown key; did you mean 'name'?",
    ]


def test_a_folder_is_no_config(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        load_config(str(tmp_path))
    assert str(caught.value) == f"{tmp_path}: a config must be a file, got a folder"


def test_a_name_too_long_for_the_file_system() -> None:
    with pytest.raises(UsageError) as caught:
        load_config("x" * 5000)
    assert str(caught.value) == "x" * 5000 + ": cannot be read: File name too long"


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("training.epochs", ("training", "epochs")),
        ("model.layers.0.Dense.units", ("model", "layers", 0, "Dense", "units")),
        ("a.-1.²." + "9" * 5000, ("a", "-1", "²", "9" * 5000)),
    ],
)
def test_dotted_paths(text: str, path: tuple[Any, ...]) -> None:
    assert parse_path(text) == path


TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]))
TRICKY = st.sampled_from(["1e-3", "0o17", "off", "~", "", ".inf", "0x1F", "007", "- a", "a: b"])
DATA = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**200), 10**200)
    | st.floats(allow_nan=False)
    | TEXTS
    | TRICKY,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            (TEXTS | TRICKY).filter(lambda key: 0 < len(key) <= MAX_KEY), inner, max_size=4
        )
    ),
    max_leaves=12,
)


@given(DATA)
def test_what_is_written_reads_back_the_same(data: Any) -> None:
    read = read_yaml(write_yaml(data), "f")
    assert read.data == data
    assert repr(read.data) == repr(data)  # 1 and 1.0 and true are told apart
    assert not read.problems


@given(st.lists(st.sampled_from("abc"), min_size=1, max_size=12))
def test_each_key_that_comes_again_is_noted_once(keys: list[str]) -> None:
    document = read_yaml("".join(f"{key}: 1\n" for key in keys), "f")
    again = [line for line, key in enumerate(keys, start=1) if key in keys[: line - 1]]
    assert [place.line for place, _ in document.problems] == again


@given(st.text() | st.text("[]{}&*a!:,-?|>'\"#% \n\t0e.~"))
def test_any_text_is_data_or_a_placed_error(text: str) -> None:
    try:
        document = read_yaml(text, "f")
    except ConfigError as error:
        (line,) = error.problems
        name, row, column, _ = line.split(":", 3)
        assert name == "f"
        assert int(row) >= 1
        assert int(column) >= 1
    else:
        assert document.place(()).line >= 1
