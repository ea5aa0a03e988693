"""Bars in a line: how much of a whole something is."""

import math

from regcli.report.writers.characters.ink import Ink

BAR_WIDTH = 8


def bar_text(share: float | None, ink: Ink, width: int = BAR_WIDTH) -> str:
    """A bar of a share between 0 and 1; blanks for none.

    Nothing but 0 is empty, and nothing but 1 is full.
    """
    if share is None or not math.isfinite(share):
        return " " * width
    fine = len(ink.shares)
    parts = round(min(max(share, 0.0), 1.0) * width * fine)
    if 0 < share < 1:
        parts = min(max(parts, 1), width * fine - 1)
    whole, rest = divmod(parts, fine)
    drawn = ink.shares[-1] * whole + (ink.shares[rest - 1] if rest else "")
    return drawn.ljust(width, ink.empty)
