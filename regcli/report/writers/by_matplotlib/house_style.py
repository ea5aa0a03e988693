"""How pictures look, whatever style a person has set for matplotlib."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl

TYPEFACE = "DejaVu Sans"
"""It comes with matplotlib: texts are as wide on every machine."""
_OTHERS = (
    *("Noto Sans CJK SC", "Noto Sans CJK JP", "PingFang SC", "Hiragino Sans", "Microsoft YaHei"),
    *("Malgun Gothic", "Noto Sans Devanagari", "Noto Sans Thai", "Arial Unicode MS"),
)
"""Typefaces with letters that it lacks, each used where it is installed."""

_LITERAL: dict[Any, Any] = {"text.parse_math": False, "text.usetex": False}
"""Names are shown as they are: `$x$` is no formula."""


@contextmanager
def house_style(letters: float = 10.0) -> Iterator[None]:
    """Draw and write pictures in the block in one style, with texts that stay texts.

    Args:
        letters: their size in points, where something is drawn.
    """
    with mpl.rc_context(), _quiet_about_letters():
        mpl.rcdefaults()
        mpl.rcParams.update({**_LITERAL, **_style(letters)})
        yield


def _style(letters: float) -> dict[Any, Any]:
    """What is set, by matplotlib's names."""
    return {
        "font.family": typefaces(),
        "font.size": letters,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.linewidth": letters / 14,
        "xtick.major.width": letters / 14,
        "ytick.major.width": letters / 14,
        # As wide in dots as in the files of lines, by which places are found.
        "text.hinting": "none",
        "figure.constrained_layout.w_pad": letters / 144,
        "figure.constrained_layout.h_pad": letters / 216,
        "svg.fonttype": "none",
        "svg.hashsalt": "regcli",
        "pdf.fonttype": 42,
    }


@contextmanager
def as_given() -> Iterator[None]:
    """Draw in the block in the style that is set, with names as they are."""
    with mpl.rc_context(_LITERAL), _quiet_about_letters():
        yield


@contextmanager
def _quiet_about_letters() -> Iterator[None]:
    """Say nothing in the block of each letter that no typeface has; it is shown as a box."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"Glyph \d+ ")
        yield


def typefaces() -> list[str]:
    """The typefaces that texts are drawn in, each for letters that those before it lack."""
    from matplotlib.font_manager import fontManager

    installed = {font.name for font in fontManager.ttflist}
    return [TYPEFACE, *(name for name in _OTHERS if name in installed)]
