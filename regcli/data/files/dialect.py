"""How a text file is written: the marks that it uses, and how each of them came to be known.

Plain values: what finds them in a file is in `layouts` (separator, comments), `text_files`
(encoding) and `number_marks` (decimal comma, thousands).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Self

from regcli.config.dataset_section import Dataset
from regcli.config.dialect_keys import SEPARATORS
from regcli.data.wording import quoted

UTF8 = "utf-8"
COMMENT = "#"
"""What comment lines begin with, unless a config says otherwise."""

_MARKS = {",": "commas", ".": "points", "'": "apostrophes", " ": "spaces", "_": "underscores"}
_SEPARATED_BY = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}


@dataclass(frozen=True)
class AskedDialect:
    """What a config says of how its text files are written; None for what the files show."""

    separator: str | None = None
    decimal: str | None = None
    thousands: str | None = None
    encoding: str | None = None
    comment: str | None = None

    @classmethod
    def of(cls, config: Dataset) -> Self:
        """The keys of a `dataset` section."""
        return cls(**{key: getattr(config, key) for key in _KEYS})

    @classmethod
    def of_new_rows(cls, config: Dataset, kept: Mapping[str, str]) -> Self:
        """The keys of a section, with the marks of numbers that its training data had.

        What a cell means must not depend on the other rows of its file.

        Args:
            kept: as `Dialect.kept` has it.
        """
        own = cls.of(config)
        return replace(
            own,
            decimal=own.decimal or kept.get("decimal"),
            thousands=own.thousands or kept.get("thousands"),
        )


_KEYS = tuple(key.name for key in fields(AskedDialect))


@dataclass(frozen=True)
class Dialect:
    """How a text file is written.

    Attributes:
        separator: the mark between columns.
        decimal: the decimal mark of its numbers.
        thousands: the mark between their thousands; None for none, and a space stands for every
            kind of space.
        encoding: the name of its encoding; UTF-8 with and without a byte-order mark are one.
        comment: what comment lines begin with; None where there are none.
        shows_points: whether its numbers, or a config, show that a point is the decimal mark.
    """

    separator: str = ","
    decimal: str = "."
    thousands: str | None = None
    encoding: str = UTF8
    comment: str | None = None
    shows_points: bool = field(default=False, compare=False)

    def asked(self) -> AskedDialect:
        """The dialect as a config asks for it that pins all of it."""
        return AskedDialect(**{key: getattr(self, key) for key in _KEYS})

    def as_keys(self) -> dict[str, str]:
        """Keys and values for the `dataset` section that pin what is not plain CSV."""
        words = {mark: word for word, mark in SEPARATORS.items() if mark == "\t"}
        values = {key: getattr(self, key) for key in _KEYS}
        plain = Dialect()
        return {
            key: words.get(value, value)
            for key, value in values.items()
            if value is not None and value != getattr(plain, key)
        }

    def kept(self) -> dict[str, str]:
        """What a run keeps of it to read new rows by: keys as in `as_keys`; none for plain CSV."""
        keys = self.as_keys()
        return {**keys, "decimal": "."} if keys and self.shows_points else keys

    def described(self, asked: AskedDialect, usual: str = ",", example: str = "") -> str:
        """What was found and not asked for, in words; empty where it is plain.

        Args:
            asked: what the config says.
            usual: the separator that goes without saying.
            example: a word that shows whether the encoding is right.
        """
        return ", ".join(self._findings(asked, usual, example))

    def _findings(self, asked: AskedDialect, usual: str, example: str) -> Iterator[str]:
        if asked.separator is None and self.separator != usual:
            yield f"separated by {separator_words(self.separator)}"
        if asked.decimal is None and self.decimal == ",":
            yield "decimal comma"
        if asked.thousands is None and self.thousands is not None:
            yield f"thousands separated by {_MARKS[self.thousands]}"
        if asked.encoding is None and self.encoding != UTF8:
            yield f"{self.encoding} as in {quoted(example)}" if example else self.encoding
        if asked.comment is None and self.comment is not None:
            yield f"lines that begin with {self.comment} left out"


def separator_words(separator: str) -> str:
    """The mark between columns in words: `semicolons`."""
    return _SEPARATED_BY[separator]
