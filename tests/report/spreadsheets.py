"""What a spreadsheet makes of a cell, and how a program reads the text that it was written from."""

import re

LIVE = "=+-@\t\r\n＝＋－＠"  # noqa: RUF001
"""What a cell that is run begins with."""


def is_run(cell: str) -> bool:
    """Whether a spreadsheet may take a cell for a formula: neither text, a number, nor a sign."""
    try:
        float(cell)
    except ValueError:
        return cell.startswith(tuple(LIVE)) and cell not in ("+", "-")
    return False


def without_apostrophe(cell: str) -> str:
    """The text that a cell was written from, by the rule in `docs/results-and-ci.md`."""
    return re.sub(rf"\A'(?='*[{re.escape(LIVE)}])", "", cell)
