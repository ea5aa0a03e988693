"""Keys of the `dataset` section that say how a text file is written, and the files that have them.

Each of them is found in the file where exactly one reading is possible; a key names the reading
where more are, or pins it.
"""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator

from regcli.config.problems import did_you_mean, shown

SEPARATORS: Mapping[str, str] = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|"}
"""Marks between columns, by the words that may stand for them."""
_THOUSANDS = {"space": " "}
_ENCODINGS = ("utf-8", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "latin-1", "cp1250", "cp1251")
"""Names to suggest where one is not known; any text encoding of Python's may be used."""

COMPRESSIONS = (".gz", ".zst")
_TEXTS = (".csv", ".tsv", ".tab", ".txt")
TEXT_ENDINGS = tuple(f"{text}{packed}" for packed in ("", *COMPRESSIONS) for text in _TEXTS)
"""Endings of files that hold a table as text."""
TABLE_ENDINGS = (*TEXT_ENDINGS, ".parquet", ".xlsx")
"""Endings of files that hold columns with names."""


def is_text_file(file: str) -> bool:
    """Whether a file, or a pattern of files, holds a table as text."""
    return file.lower().endswith(TEXT_ENDINGS)


def usual_separator(file: str) -> str:
    """The mark between columns that the ending of a text file stands for."""
    text = file.lower().removesuffix(".gz").removesuffix(".zst")
    return "\t" if text.endswith((".tsv", ".tab")) else ","


def _by_word(words: Mapping[str, str]) -> BeforeValidator:
    """Takes a word for the mark that it stands for."""
    return BeforeValidator(
        lambda given: words.get(given, given) if isinstance(given, str) else given
    )


def _known_encoding(name: str) -> str:
    try:
        "a".encode(name)
    except (LookupError, ValueError):  # ValueError: it holds a NUL character
        rule = "must be a text encoding that Python knows, such as cp1252"
        near = did_you_mean(name, _ENCODINGS)
        raise ValueError(f"{rule}, got {shown(name)}{near}") from None
    return name


def _beginning_of_lines(mark: str) -> str:
    if mark and mark == mark.strip() and mark.isprintable() and '"' not in mark:
        return mark
    raise ValueError(f"must be what comment lines begin with, such as '#', got {shown(mark)}")


def _as_cell(value: object) -> object:
    """A cell as the file has it; YAML may have read it as a number or a boolean."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value) if isinstance(value, int | float) else value


Separator = Annotated[Literal[",", ";", "\t", "|"], _by_word({**SEPARATORS, r"\t": "\t"})]
Decimal = Literal[".", ","]
Thousands = Annotated[Literal[",", ".", "'", " ", "_"], _by_word(_THOUSANDS)]
Encoding = Annotated[str, AfterValidator(_known_encoding)]
Comment = Annotated[str, AfterValidator(_beginning_of_lines)]
Cell = Annotated[str, BeforeValidator(_as_cell)]

SEPARATOR_WORDS = (*SEPARATORS.values(), *SEPARATORS, None)
THOUSANDS_WORDS = (",", ".", "'", " ", "_", *_THOUSANDS, None)
