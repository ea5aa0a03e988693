"""Boxes joined by arrows as plain data: each takes what earlier ones give."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Box:
    """A box.

    Attributes:
        detail, size: what is written below its name, at the left and at the right.
        takes: the boxes that arrows lead from, by their places among all boxes; earlier ones.
        is_dashed: whether it stands for what is drawn, or would be, in other boxes.
    """

    name: str
    kind: str
    detail: str = ""
    size: str = ""
    takes: tuple[int, ...] = ()
    is_dashed: bool = False


@dataclass(frozen=True)
class Boxes:
    """Boxes below each other, in an order in which each takes earlier ones.

    Attributes:
        key, title, description, notes: as those of a plot.
    """

    key: str
    title: str
    description: str
    boxes: Sequence[Box]
    notes: Sequence[str] = ()


def sentence(box: Box, boxes: Sequence[Box]) -> str:
    """What a box says, and the names of those that it takes."""
    takes = " and ".join(boxes[place].name for place in box.takes)
    known = (box.name, box.kind, box.detail, box.size, f"takes {takes}" if takes else "")
    return ", ".join(filter(None, known))


def first_and_last(boxes: Sequence[Box], most: int) -> list[Box]:
    """Boxes with at most so many of them: one box stands for those in the middle.

    It takes what they take of the boxes before it, and whatever takes one of them takes it.
    """
    if len(boxes) <= most:
        return list(boxes)
    begin = most // 2
    end = len(boxes) - (most - begin - 1)

    def place_of(old: int) -> int:
        return old if old < begin else max(begin, old - (end - begin) + 1)

    middle = [old for box in boxes[begin:end] for old in box.takes if old < begin]
    name = f"{end - begin} layers left out"
    gap = Box(name, "", takes=_once(middle), is_dashed=True)
    last = [replace(box, takes=_once(map(place_of, box.takes))) for box in boxes[end:]]
    return [*boxes[:begin], gap, *last]


def _once(places: Iterable[int]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(places))
