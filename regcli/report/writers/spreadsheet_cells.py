r"""Text in CSV cells that no spreadsheet takes for a formula.

A program that opens a CSV file runs what begins with `=`, `+`, `-` or `@`, whoever wrote it: a
class, a column or a message can be a formula. An apostrophe before it makes it text, as OWASP
recommends (https://owasp.org/www-community/attacks/CSV_Injection). A text that begins with
apostrophes and then such a character gets one more, so that nothing is lost: whoever removes one
apostrophe from each cell that begins with apostrophes and such a character has the texts again.

A number stays a number, also where it is text, such as a class `-1`. A sign alone stays as well.
Neither is a formula.
"""

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars as pl

# Both patterns mean the same to Python and to the regular expressions of polars.
_FORMULA = r"'*[=+\-@\t\r\n＝＋－＠]"  # noqa: RUF001  (full-width forms count in Asian locales)
_NUMBER = r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?|[+-]"
_APOSTROPHE = "'"


def safe_cell(value: Any) -> Any:
    """A value for a cell: text that may be a formula with an apostrophe, all else as it is."""
    if value is None or isinstance(value, bool | int | float):
        return value
    return safe_text(str(value))


def safe_text(text: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    if re.match(_FORMULA, text) and not re.fullmatch(_NUMBER, text):
        return f"{_APOSTROPHE}{text}"
    return text


def safe_csv(frame: "pl.DataFrame") -> str:
    """A frame as CSV, its text and the names of its columns safe."""
    import polars as pl

    names = [name for name, kind in frame.schema.items() if kind == pl.String]
    safe = frame.with_columns(_safe_column(name) for name in names)
    return safe.rename({name: safe_text(name) for name in frame.columns}).write_csv()


def _safe_column(name: str) -> "pl.Expr":
    import polars as pl

    text = pl.col(name)
    is_formula = text.str.contains(f"^({_FORMULA})") & ~text.str.contains(f"^({_NUMBER})$")
    return (pl.when(is_formula).then(pl.lit(_APOSTROPHE)).otherwise(pl.lit("")) + text).alias(name)
