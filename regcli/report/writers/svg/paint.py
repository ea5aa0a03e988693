"""Colors as attributes of a drawing, for readers that leave out its style sheet.

Some browsers do so with pictures from servers that allow no styles within them. The style sheet
says the same, and what is to be in the dark; where both are read, it comes first.
"""

from collections.abc import Iterator, Mapping
from xml.etree.ElementTree import Element, fromstring, register_namespace, tostring

NAMESPACE = "http://www.w3.org/2000/svg"
_INK = "currentColor"
COLORS: Mapping[str, str] = {
    "c-grey": "#767676",
    "c0": "#0072b2",
    "c1": "#d55e00",
    "c2": "#008f68",
    "c3": "#b8548f",
    "c4": "#9a6b00",
    "c5": "#444",
}
"""Of marks, by class: for eyes that see few colors too (after Okabe & Ito), as dark as text."""

SHADES: Mapping[str, tuple[str, ...]] = {
    "shade": (
        *("#f4f8fb", "#dcebf5", "#bfdcee", "#9dc9e3", "#76b2d6"),
        *("#4a93c3", "#2275ab", "#0c5a8e", "#083f66"),
    ),
    "diverging": (
        *("#a64200", "#d06a1e", "#e99c5e", "#f6cfae", "#f5f5f5"),
        *("#bfdcee", "#76b2d6", "#2275ab", "#083f66"),
    ),
}
"""Of maps, by class, from the first level to the last."""
_OUTLINED: Mapping[str, str] = {"fill": "none", "stroke-width": "2"}
_SHAPES: Mapping[str, Mapping[str, str]] = {
    "line": _OUTLINED,
    "rule": {"fill": "none", "stroke": _INK, "stroke-width": "1"},
    "grid": {"stroke-opacity": ".16"},
    "band": {"stroke": "none", "fill-opacity": ".22"},
    "bars": {"stroke": "none", "fill-opacity": ".75"},
    "dash1": {"stroke-dasharray": "6 4"},
    "dash2": {"stroke-dasharray": "2 3"},
    "dash3": {"stroke-dasharray": "9 3 2 3"},
    "framed": {"stroke": _INK, "stroke-width": "2.5"},
    "label": {"font-weight": "600"},
    "small": {"font-size": "11"},
    "snone": {"fill": "none", "stroke": _INK, "stroke-opacity": ".3"},
}
"""What else classes say."""
_FIRST_BRIGHT = 6
"""The first level on which letters are white."""


def painted(svg: str) -> str:
    """A drawing whose classes are attributes too."""
    register_namespace("", NAMESPACE)
    root = fromstring(svg)
    root.attrib |= {"font-family": "system-ui, sans-serif", "font-size": "12", "fill": _INK}
    for element, in_axis in _walk(root, False):
        own = element.get("class", "").split()
        if element.tag.endswith("}path") and in_axis:
            element.attrib |= {"stroke": _INK, "fill": "none"}
        for name, value in _attributes(own):
            element.set(name, value)
    return tostring(root, encoding="unicode")


def _walk(element: Element, in_axis: bool) -> Iterator[tuple[Element, bool]]:
    in_axis = in_axis or element.get("class") == "axis"
    for child in element:
        yield child, in_axis
        yield from _walk(child, in_axis)


def _attributes(classes: list[str]) -> Iterator[tuple[str, str]]:
    for name in classes:
        if name in COLORS:
            yield from (("stroke", COLORS[name]), ("fill", COLORS[name]))
    levels = [int(name[1:]) for name in classes if name[:1] == "s" and name[1:].isdigit()]
    for level in levels:
        for kind, shades in SHADES.items():
            if kind in classes:
                yield "fill", shades[level]
        if "on" in classes:
            yield "fill", "#fff" if level >= _FIRST_BRIGHT else "#111"
    for name in classes:
        yield from _SHAPES.get(name, {}).items()
