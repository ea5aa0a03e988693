"""Excel files, through polars and fastexcel. Importing this imports polars."""

import logging
import zipfile
from collections.abc import Mapping
from pathlib import Path

import polars as pl

from regcli.config.problems import composed
from regcli.data.columns.roles import Roles
from regcli.data.columns.tables import UNREADABLE, composed_names, require_distinct, unreadable
from regcli.data.free_memory import require_memory
from regcli.data.wording import listed, quoted
from regcli.errors import DataError

_NAMELESS = "__UNNAMED__"
"""What the reader calls a column without a name, with its number behind."""


def read_excel(path: Path, roles: Roles) -> pl.DataFrame:
    """The columns of the sheet that has the target, under their composed names.

    Of rows to predict it is the sheet that has a column of training.

    Raises:
        DataError: fastexcel is not installed, the file cannot be read, or several sheets have that
            column.
    """
    try:
        import fastexcel
    except ModuleNotFoundError:
        raise DataError(
            f"{path}: Excel files need the package fastexcel; install it with pip install "
            "'regcli[excel]', or save the sheet as CSV"
        ) from None
    _require_memory(path)
    # It logs what it makes of a column without values, which nobody asked for.
    logging.getLogger("fastexcel").addHandler(logging.NullHandler())
    try:
        sheets = pl.read_excel(
            path, sheet_id=0, engine="calamine", infer_schema_length=None, raise_if_empty=False
        )
        sheet = _with_landmark(sheets, roles, path)
        _require_names_that_differ(path, sheet)
    except (*UNREADABLE, fastexcel.FastExcelError) as error:
        raise unreadable(path, "Excel", error) from None
    frame = sheets[sheet]
    names = ["" if name.startswith(_NAMELESS) else name.strip() for name in frame.columns]
    frame.columns = composed_names(names, roles, path)
    return frame


def _with_landmark(sheets: Mapping[str, pl.DataFrame], roles: Roles, path: Path) -> str:
    """The name of the sheet with a column; of the first where none has it, which is told then.

    Raises:
        DataError: several have it.
    """
    having = [
        name
        for name, sheet in sheets.items()
        if roles.landmark in (composed(column.strip()) for column in sheet.columns)
    ]
    if len(having) > 1:
        which = "the target" if roles.of_training is None else f"column {quoted(roles.landmark)}"
        raise DataError(
            f"{path}: must have {which} in one sheet, it is in {listed(having)}; save the "
            "sheet that is meant as a file of its own"
        )
    return next(iter(having or sheets))


def _require_names_that_differ(path: Path, sheet: str) -> None:
    """The names as the file has them; one that appears twice would be renamed."""
    header = pl.read_excel(
        path,
        sheet_name=sheet,
        engine="calamine",
        has_header=False,
        read_options={"n_rows": 1, "dtypes": "string"},
        raise_if_empty=False,
    )
    names = [str(name).strip() for name in (header.row(0) if len(header) else ()) if name]
    require_distinct([composed(name) for name in names], path, names)


def _require_memory(path: Path) -> None:
    """The sheets as XML are about twice what is made of them.

    Raises:
        DataError: there is less memory, or the file is no Excel file.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(member.file_size for member in archive.infolist())
            archive.getinfo("xl/workbook.xml")
    except (OSError, KeyError, zipfile.BadZipFile) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else None
        raise DataError(
            f"{path}: cannot be read as Excel: {reason or 'it is not an .xlsx file'}"
        ) from None
    require_memory(2 * size, f"{path}: ")
