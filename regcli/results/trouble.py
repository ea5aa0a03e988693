"""What a checkup finds wrong, graded by what it means for a person's work."""

from dataclasses import dataclass
from enum import StrEnum


class Grade(StrEnum):
    """How bad it is."""

    BROKEN = "broken"
    """Something is lost or does not work."""
    LEFT_OVER = "left over"
    """Nothing is lost; something takes up room."""
    NOTE = "note"
    """Works, but a person may want it otherwise."""


@dataclass(frozen=True)
class Trouble:
    """One thing that is wrong.

    Attributes:
        sentence: what is wrong and, except where a repair does it, what to do.
        is_mendable: whether repairing the store does away with it.
    """

    grade: Grade
    sentence: str
    is_mendable: bool = False
