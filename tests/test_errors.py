"""Every message is one line of characters that stand where they are and look like what they are."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regcli.errors import ConfigError, DataError, ModelError, StoreError, UsageError
from regcli.one_line import printable


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a\nb\r\tc", r"a\nb\r\tc"),
        ("\x1b[31mred\x9b0m", r"\x1b[31mred\x9b0m"),
        ("\u202egpj.exe\u2066", r"\u202egpj.exe\u2066"),
        ("a\u2028b\u2029c\u0085", r"a\u2028b\u2029c\x85"),
        ("zero\u200bwidth\ufeff", r"zero\u200bwidth\ufeff"),
        ("\udc80.csv", r"\udc80.csv"),
        ("a\u00a0b", r"a\xa0b"),
        ("größe, 尺寸, ±, ☃, C:\\new", "größe, 尺寸, ±, ☃, C:\\new"),
    ],
)
def test_what_does_not_print_is_written_out(text: str, line: str) -> None:
    assert printable(text) == line
    assert str(UsageError(text)) == str(StoreError(text)) == line
    assert ConfigError([text, "second"]).problems == (line, "second")
    assert str(ModelError(("model",), text)) == f"model: {line}"


def test_columns_are_named_on_a_line_each() -> None:
    assert str(DataError("t.csv: a\x1b", "t.csv: b\n")) == "t.csv: a\\x1b\nt.csv: b\\n"


@given(st.text())
def test_one_line_whatever_is_in_it(text: str) -> None:
    line = printable(text)
    assert len(line.splitlines()) <= 1
    assert not {unicodedata.category(character) for character in line} & {"Cc", "Cf", "Cs"}
    assert printable(line) == line
