"""How large a picture is, and its letters with it."""

import math
import re
from dataclasses import dataclass

from regcli.errors import UsageError

_SIZE = re.compile(r"(\d+(?:\.\d+)?)x(\d+(?:\.\d+)?)")
_LEAST, _MOST = 1.0, 50.0
"""Inches of a side."""
_LEAST_LETTERS, _MOST_LETTERS = 6.0, 20.0
_NARROWEST_WITH_TITLE = 5.0


@dataclass(frozen=True)
class PictureSize:
    """The size of a picture.

    Attributes:
        width: in inches.
        height: in inches; None for what its panels need at this width.
        dots: per inch, where it is one of dots.
    """

    width: float
    height: float | None
    dots: int

    @property
    def letters(self) -> float:
        """Their size in points: 8 in a column, 18 on a slide."""
        most = self.width + 4.6
        if self.height is not None:
            most = min(most, 2.4 * self.height)
        return min(max(most, _LEAST_LETTERS), _MOST_LETTERS)

    @property
    def has_title(self) -> bool:
        """Whether title and notes stand in it; those of a narrow one belong into its caption."""
        return self.width >= _NARROWEST_WITH_TITLE


NAMED = {"slide": PictureSize(40 / 3, 7.5, 144), "column": PictureSize(3.4, None, 300)}
"""16:9 with 1920 × 1080 dots; a column of a paper."""
NOTEBOOK = PictureSize(7.0, None, 144)
_DOTS = 200


def read_size(text: str) -> PictureSize:
    """A size by its name, or as `6x4`: width and height in inches.

    Raises:
        UsageError: it is neither.
    """
    if text in NAMED:
        return NAMED[text]
    found = _SIZE.fullmatch(text)
    if found is None:
        names = ", ".join(NAMED)
        raise UsageError(f"must be {names} or WIDTHxHEIGHT in inches, like 6x4; got {text!r}")
    width, height = (float(each) for each in found.groups())
    if not all(_LEAST <= side <= _MOST and math.isfinite(side) for side in (width, height)):
        raise UsageError(f"sides must be from {_LEAST:g} to {_MOST:g} inches, got {text!r}")
    return PictureSize(width, height, _DOTS)
