"""Excel files, through polars and fastexcel. Importing this imports polars."""

import zipfile
from pathlib import Path

import polars as pl

from regcli.config.problems import composed
from regcli.data.free_memory import require_memory
from regcli.data.roles import Roles
from regcli.data.tables import UNREADABLE, composed_names, unreadable
from regcli.data.wording import listed
from regcli.errors import DataError

_NAMELESS = "__UNNAMED__"
"""What the reader calls a column without a name, with its number behind."""


def read_excel(path: Path, roles: Roles) -> pl.DataFrame:
    """The columns of the sheet that has the target, under their composed names.

    Raises:
        DataError: fastexcel is not installed, the file cannot be read, or the target is in no sheet
            or in several.
    """
    try:
        import fastexcel
    except ModuleNotFoundError:
        raise DataError(
            f"{path}: Excel files need the package fastexcel; install it with pip install "
            "'regcli[excel]', or save the sheet as CSV"
        ) from None
    _require_memory(path)
    try:
        sheets = pl.read_excel(path, sheet_id=0, engine="calamine", infer_schema_length=None)
    except (*UNREADABLE, fastexcel.FastExcelError) as error:
        raise unreadable(path, "Excel", error) from None
    frame = _sheet(sheets, roles.target, path)
    names = ["" if name.startswith(_NAMELESS) else name.strip() for name in frame.columns]
    frame.columns = composed_names(names, roles, path)
    return frame


def _sheet(sheets: dict[str, pl.DataFrame], target: str, path: Path) -> pl.DataFrame:
    """The sheet with the target; the only one where none has it, whose names are then told."""
    having = {
        name: sheet
        for name, sheet in sheets.items()
        if target in (composed(column.strip()) for column in sheet.columns)
    }
    if len(having) > 1:
        raise DataError(
            f"{path}: must have the target in one sheet, it is in {listed([*having])}; save the "
            "sheet that is meant as a file of its own"
        )
    return next(iter((having or sheets).values()), pl.DataFrame())


def _require_memory(path: Path) -> None:
    """The sheets as XML are about twice what is made of them.

    Raises:
        DataError: there is less memory, or the file is no Excel file.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(member.file_size for member in archive.infolist())
    except (OSError, zipfile.BadZipFile, NotImplementedError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else None
        raise DataError(
            f"{path}: cannot be read as Excel: {reason or 'it is not an .xlsx file'}"
        ) from None
    require_memory(2 * size, f"{path}: ")
