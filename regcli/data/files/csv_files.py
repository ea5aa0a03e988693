"""Files of text with their header, before their rows are read."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from regcli.data.columns.roles import Roles
from regcli.data.columns.tables import composed_names, unreadable
from regcli.data.files.dialect import AskedDialect, Dialect
from regcli.data.files.layouts import TextLayout, UnclosedQuoteError, find_layout
from regcli.data.files.number_marks import NumberMarks
from regcli.data.files.text_files import TextFile, open_text
from regcli.errors import DataError


@dataclass(frozen=True)
class CsvFile:
    """A file of text that is ready to be read.

    Attributes:
        text: the file.
        layout: where its columns are.
        names: the names of its columns, composed; that of the first may be empty. Behind them may
            be columns without a name, which must be empty.
    """

    text: TextFile
    layout: TextLayout
    names: tuple[str, ...]

    @property
    def path(self) -> Path:
        """The file's path."""
        return self.text.path

    def dialect(self, marks: NumberMarks) -> Dialect:
        """How the file is written, with the marks of its numbers."""
        layout = self.layout
        return Dialect(
            layout.separator,
            marks.decimal,
            marks.thousands,
            self.text.encoding,
            layout.comment,
            marks.shows_points,
        )


def open_csv(path: Path, roles: Roles, asked: AskedDialect) -> CsvFile:
    """A file of text with its header.

    Raises:
        DataError: on any fault that shows before the rows are read.
    """
    try:
        text = open_text(path, asked.encoding)
        layout = find_layout(text, roles.landmark, asked)
    except UnclosedQuoteError:
        raise unclosed(path) from None
    except (csv.Error, OSError, UnicodeError) as error:
        raise unreadable(path, "CSV", error) from None
    width = max((place for place, name in enumerate(layout.names, 1) if name), default=0)
    names = layout.names[:width]
    if not all(names[1:]):  # of the first its values tell whether it is an index
        require_names(layout.names, path)
    return CsvFile(text, layout, tuple(composed_names(names, roles, path)))


def unclosed(path: Path) -> DataError:
    """The error for a quotation mark without its second."""
    return DataError(
        f"{path}: cannot be read as CSV: a quotation mark is not closed; write a mark inside a "
        "cell twice, and put the cell in quotation marks"
    )


def require_names(names: Sequence[str], path: Path) -> None:
    """Refuse columns without a name."""
    nameless = [str(number) for number, name in enumerate(names, 1) if not name]
    if nameless:
        which = (
            f"column {nameless[0]} has none"
            if len(nameless) == 1
            else f"columns {', '.join(nameless[:24])} have none"
        )
        way = "write the file with index=False"
        if nameless == ["1"]:
            way += ", or leave it out with dataset.drop: ['']"
        raise DataError(
            f"{path}: every column must have a name, {which}; if it is an index that pandas "
            f"wrote, {way}"
        )
