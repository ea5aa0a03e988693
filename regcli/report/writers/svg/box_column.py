"""Boxes in one column: an arrow to the next one is straight, others run down lanes at the right.

So any graph can be read on a narrow screen, and no line runs through a text.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from regcli.report.plots.boxes import Box, Boxes, sentence
from regcli.report.writers.svg.elements import (
    SIZE,
    element,
    fitting,
    number,
    text,
    titled,
    width_of,
)
from regcli.report.writers.svg.places import stroke
from regcli.report.writers.svg.shapes import color_class

_EDGE, _INSIDE = 2.0, 8.0
_FIRST_LINE, _SECOND_LINE, _BELOW = 16.0, 15.0, 8.0
_BETWEEN = 18.0
"""Room between two boxes, for an arrow."""
_HEAD, _HALF_HEAD = 6.0, 3.5
_PORT = 2 * _HALF_HEAD + 1
"""From one arrow's head to the next one's at the right side of a box."""
_LANE, _MOST_LANES = 9.0, 126.0
"""Room of a lane, and of all of them."""
_SMALL, _BOLD = 11.0, 1.15 * SIZE
"""Letters of second lines; what names, which are bold, are as wide as."""
_Ends = tuple[str, str]
"""What stands on a line at the left of a box, and at its right."""


@dataclass(frozen=True)
class _Column:
    """Where boxes and lanes stand.

    Attributes:
        lanes: by the place of a box that others further below take.
        arrivals: for each box the places of those boxes, by their lanes.
        tops, heights: of the boxes.
        right: of all boxes.
        lane_width: from one lane to the next.
    """

    lanes: Mapping[int, int]
    arrivals: Sequence[Sequence[int]]
    tops: Sequence[float]
    heights: Sequence[float]
    right: float
    lane_width: float

    def lane(self, source: int) -> float:
        """The x of the lane that begins at a box."""
        return self.right + _HEAD + (self.lanes[source] + 0.7) * self.lane_width

    def arrival(self, place: int, source: int) -> float:
        """The y at which a lane comes into a box."""
        return self.tops[place] + _HALF_HEAD + 2 + self.arrivals[place].index(source) * _PORT

    def bottom(self, place: int) -> float:
        """The y of a box's lower edge."""
        return self.tops[place] + self.heights[place]


def height_of_boxes(boxes: Boxes, width: float) -> float:
    """The height of a drawing with all of them."""
    return _column(boxes.boxes, width).bottom(-1) + _EDGE


def draw_boxes(svg: Element, boxes: Boxes, width: float) -> None:
    """Draw them from top to bottom, and what each takes."""
    column = _column(boxes.boxes, width)
    for place, box in enumerate(boxes.boxes):
        group = element(svg, "g", class_="box")
        titled(group, sentence(box, boxes.boxes))
        _draw_box(group, box, column.tops[place], column.heights[place], column.right)
    for place, box in enumerate(boxes.boxes):
        if place - 1 in box.takes:
            _draw_straight(svg, column, place)
    for source in column.lanes:
        _draw_lane(svg, column, source)


def _column(boxes: Sequence[Box], width: float) -> _Column:
    lanes = _lanes(boxes)
    arrivals = [
        sorted((s for s in box.takes if s != place - 1), key=lanes.__getitem__)
        for place, box in enumerate(boxes)
    ]
    count = max(lanes.values(), default=-1) + 1
    lane_width = min(_LANE, _MOST_LANES / max(count, 1))
    right = width - _EDGE - (_HEAD + (count + 0.2) * lane_width if count else 0.0)
    heights = [
        max(
            _FIRST_LINE + _BELOW + (_SECOND_LINE if any(_lines(box, _room(right))[1]) else 0.0),
            # Lanes leave below those that arrive.
            (len(own) + 1) * _PORT + 4,
        )
        for box, own in zip(boxes, arrivals, strict=True)
    ]
    tops = [_EDGE]
    for height in heights[:-1]:
        tops.append(tops[-1] + height + _BETWEEN)
    return _Column(lanes, arrivals, tops, heights, right, lane_width)


def _lanes(boxes: Sequence[Box]) -> dict[int, int]:
    """A lane for each box that boxes take which do not follow it: short ones beside the boxes."""
    ends: dict[int, int] = {}
    for place, box in enumerate(boxes):
        for source in box.takes:
            if source != place - 1:
                ends[source] = place
    lanes: dict[int, int] = {}
    for source, end in sorted(ends.items(), key=lambda each: (each[1] - each[0], each[0])):
        taken = {lanes[s] for s in lanes if s < end and source < ends[s]}
        lanes[source] = next(lane for lane in range(len(ends)) if lane not in taken)
    return lanes


def _draw_box(group: Element, box: Box, top: float, height: float, right: float) -> None:
    dashes = " dash1" if box.is_dashed else ""
    size = {"width": right - _EDGE, "height": height}
    element(group, "rect", class_=f"rule{dashes}", x=_EDGE, y=top, rx=4, **size)
    room = _room(right)
    first, second = _lines(box, room)
    _write_ends(group, first, top + _FIRST_LINE, room, (_BOLD, SIZE), ("label", ""))
    below = top + _FIRST_LINE + _SECOND_LINE
    _write_ends(group, second, below, room, (_SMALL, _SMALL), ("small", "small"))


def _room(right: float) -> float:
    """How wide the texts of boxes may be."""
    return right - _EDGE - 2 * _INSIDE


def _lines(box: Box, room: float) -> tuple[_Ends, _Ends]:
    """The texts of a box: its kind on the first line where there is room beside the name."""
    if width_of(box.name, _BOLD) + _INSIDE + width_of(box.kind) <= room:
        return (box.name, box.kind), (box.detail, box.size)
    return (box.name, ""), (", ".join(filter(None, (box.kind, box.detail))), box.size)


def _write_ends(
    group: Element,
    texts: _Ends,
    y: float,
    room: float,
    sizes: tuple[float, float],
    kinds: tuple[str, str],
) -> None:
    """Write a text at the left of a box and one at its right, which is shortened last."""
    right = fitting(texts[1], room * (0.6 if texts[0] else 1.0), sizes[1])
    taken = width_of(right, sizes[1]) + _INSIDE if right else 0.0
    left = fitting(texts[0], room - taken, sizes[0])
    if left:
        text(group, _EDGE + _INSIDE, y, left, kind=kinds[0])
    if right:
        text(group, _EDGE + _INSIDE + room, y, right, "end", kinds[1])


def _draw_straight(svg: Element, column: _Column, place: int) -> None:
    x, begin, end = (_EDGE + column.right) / 2, column.bottom(place - 1), column.tops[place]
    element(svg, "path", class_="rule", d=stroke((x, begin), (x, end - _HEAD)))
    corners = ((x, end), (x - _HALF_HEAD, end - _HEAD), (x + _HALF_HEAD, end - _HEAD))
    _draw_head(svg, corners, "head")


def _draw_lane(svg: Element, column: _Column, source: int) -> None:
    """From the right side of a box down its lane, into each box that takes it further below."""
    color = color_class(column.lanes[source])
    x, right = column.lane(source), column.right
    begin = column.bottom(source) - _HALF_HEAD - 2
    takers = [place for place, own in enumerate(column.arrivals) if source in own]
    path = f"M{number(right)} {number(begin)}H{number(x)}V"
    path += number(column.arrival(takers[-1], source))
    for place in takers:
        y = column.arrival(place, source)
        path += f"M{number(x)} {number(y)}H{number(right + _HEAD)}"
        corners = ((right, y), (right + _HEAD, y - _HALF_HEAD), (right + _HEAD, y + _HALF_HEAD))
        _draw_head(svg, corners, f"head {color}")
    element(svg, "path", class_=f"line {color}", d=path)


def _draw_head(svg: Element, corners: Sequence[tuple[float, float]], kind: str) -> None:
    points = " ".join(f"{number(x)},{number(y)}" for x, y in corners)
    element(svg, "polygon", class_=kind, points=points)
