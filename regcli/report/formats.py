"""The formats that results are written in.

To add one: a module in `writers/` with a function `write`, its test, and a line here.
"""

from collections.abc import Callable
from enum import StrEnum
from importlib import import_module
from typing import TYPE_CHECKING, Self, cast

if TYPE_CHECKING:
    from rich.console import Console

    from regcli.report.contents import View

    Writer = Callable[[View, Console], str]
    """Text of a view for a console; all but the one for terminals ask nothing of the console."""


class Format(StrEnum):
    """A format of results, by name.

    Attributes:
        module: which of `writers/` writes it; loaded at its first use.
        suffix: of its files; None where it is only for screens.
    """

    module: str
    suffix: str | None

    def __new__(cls, name: str, module: str, suffix: str | None = None) -> Self:
        """A format, its module in `writers/`, and the suffix of its files."""
        member = str.__new__(cls, name)
        member._value_ = name
        member.module, member.suffix = module, suffix
        return member

    TABLE = "table", "terminal"
    JSON = "json", "json_document", ".json"
    CSV = "csv", "csv_rows", ".csv"
    MD = "md", "markdown", ".md"
    LATEX = "latex", "latex", ".tex"

    @property
    def writer(self) -> "Writer":
        """The function that writes it."""
        return cast("Writer", import_module(f"regcli.report.writers.{self.module}").write)


def format_named(name: str) -> Format:
    """The format of this name, which there has to be."""
    return next(form for form in Format if form == name)


def format_of_file(suffix: str) -> Format | None:
    """The format of files with this suffix, or None."""
    return next((form for form in Format if form.suffix and form.suffix == suffix), None)


def file_suffixes() -> list[str]:
    """The suffixes of all formats that have files."""
    return [form.suffix for form in Format if form.suffix is not None]
