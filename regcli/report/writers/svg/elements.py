"""Elements of SVG as trees of the standard library, which escapes what they hold."""

import unicodedata
from xml.etree.ElementTree import Element, SubElement, tostring

from regcli.one_line import shortened
from regcli.report.cells import harmless

SIZE = 12.0
"""Letters of texts, in the unit of the drawing."""
_WIDE, _USUAL, _NARROW = 1.05, 0.6, 0.34
"""Widths of letters, in letters' sizes, that no usual typeface goes beyond by much."""
_NARROW_LETTERS = frozenset("iljtfr.,:;'|!()[]I ")


def element(parent: Element, tag: str, **attributes: object) -> Element:
    """A new element in a parent; of an attribute's name `_` stands for `-`, at its end for none."""
    return SubElement(parent, tag, _written(attributes))


def root(width: float, height: float, title: str, description: str, identity: str) -> Element:
    """The outermost element of a drawing, with its title and description."""
    svg = Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "viewBox": f"0 0 {number(width)} {number(height)}",
            "class": "plot",
            "role": "img",
            "aria-labelledby": f"{identity}-t {identity}-d",
        },
    )
    element(svg, "title", id=f"{identity}-t").text = harmless(title)
    element(svg, "desc", id=f"{identity}-d").text = harmless(description)
    return svg


def text(
    parent: Element, x: float, y: float, content: str, anchor: str = "start", kind: str = ""
) -> Element:
    """A text on one line.

    Args:
        anchor: which of its points stands at x: start, middle or end.
        kind: its class.
    """
    attributes = {} if anchor == "start" else {"text_anchor": anchor}
    attributes |= {"class_": kind} if kind else {}
    made = element(parent, "text", x=x, y=y, **attributes)
    made.text = harmless(content)
    return made


def titled(parent: Element, title: str) -> None:
    """Say what an element is, where a pointer rests on it."""
    if title:
        element(parent, "title").text = harmless(title)


def written(svg: Element) -> str:
    """A drawing as text."""
    return tostring(svg, encoding="unicode")


def number(value: float) -> str:
    """A coordinate with at most one decimal."""
    return (
        f"{value:.1f}".removesuffix(".0").replace("-0", "0")
        if abs(value) < 0.05
        else (f"{value:.1f}".removesuffix(".0"))
    )


def width_of(content: str, size: float = SIZE) -> float:
    """How wide a text is at most, in usual typefaces."""
    return size * sum(map(_letter_width, content))


def fitting(content: str, width: float, size: float = SIZE) -> str:
    """A text that is no wider: its beginning with `…` where it is."""
    content = harmless(content)
    length = len(content)
    while length > 1 and width_of(shortened(content, length), size) > width:
        length -= 1
    return shortened(content, length)


def _letter_width(letter: str) -> float:
    if letter in _NARROW_LETTERS:
        return _NARROW
    is_wide = unicodedata.east_asian_width(letter) in "WF" or letter in "MWmw@%—★"
    return _WIDE if is_wide else _USUAL


def _written(attributes: dict[str, object]) -> dict[str, str]:
    return {
        name.removesuffix("_").replace("_", "-"): number(value)
        if isinstance(value, int | float)
        else str(value)
        for name, value in attributes.items()
    }
