"""How wide texts are, in points, and what of them fits."""

from bisect import bisect_left

from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path

from regcli.one_line import shortened
from regcli.report.cells import harmless

LINE_HEIGHT = 1.3
"""Of a line of text, in the size of its letters."""


def width_of_text(text: str, letters: float, is_bold: bool = False) -> float:
    """The width of a text on one line.

    Args:
        letters: their size in points.
    """
    properties = FontProperties(size=letters, weight="bold" if is_bold else "normal")
    return float(text_to_path.get_text_width_height_descent(text, properties, ismath=False)[0])


def shortened_to(text: str, width: float, letters: float, is_bold: bool = False) -> str:
    """A text that is no wider: its beginning with `…` where it is."""
    text = harmless(text)

    def is_wider(length: int) -> bool:
        return width_of_text(shortened(text, length), letters, is_bold) > width

    lengths = range(1, len(text) + 1)
    return shortened(text, max(1, bisect_left(lengths, True, key=is_wider)))


def wrapped_to(text: str, width: float, letters: float) -> list[str]:
    """A text as lines that are no wider, broken at blanks; a longer word is shortened."""
    lines: list[str] = []
    for word in harmless(text).split():
        joined = f"{lines[-1]} {word}" if lines else word
        if lines and width_of_text(joined, letters) <= width:
            lines[-1] = joined
        else:
            lines.append(shortened_to(word, width, letters))
    return lines
