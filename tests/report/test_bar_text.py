"""Bars: as long as the share, and never full or empty by rounding."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regcli.report.writers.characters.bar_text import bar_text
from regcli.report.writers.characters.ink import ASCII, BLOCKS, Ink, ink_for

INKS = pytest.mark.parametrize("ink", [BLOCKS, ASCII], ids=["blocks", "ascii"])


@pytest.mark.parametrize(
    ("share", "blocks", "in_ascii"),
    [
        (0.0, "········", "........"),
        (1e-9, "▏·······", "#......."),
        (0.25, "██······", "##......"),
        (0.3, "██▍·····", "##......"),
        (0.999999, "███████▉", "#######."),
        (1.0, "████████", "########"),
        (None, "        ", "        "),
        (math.nan, "        ", "        "),
    ],
)
def test_bars(share: float | None, blocks: str, in_ascii: str) -> None:
    assert bar_text(share, BLOCKS) == blocks
    assert bar_text(share, ASCII) == in_ascii


@INKS
@given(shares=st.tuples(st.floats(0, 1), st.floats(0, 1)), width=st.integers(1, 30))
def test_a_larger_share_has_no_shorter_bar(
    ink: Ink, shares: tuple[float, float], width: int
) -> None:
    low, high = (bar_text(share, ink, width) for share in sorted(shares))
    assert len(low) == len(high) == width
    assert length(low, ink) <= length(high, ink)


def length(bar: str, ink: Ink) -> int:
    return sum(ink.shares.index(character) + 1 for character in bar.rstrip(ink.empty))


@pytest.mark.parametrize(
    ("encoding", "ink"),
    [("utf-8", BLOCKS), ("utf-16", BLOCKS), (None, BLOCKS), ("ascii", ASCII), ("cp1252", ASCII)],
)
def test_a_screen_that_lacks_a_block_has_none(encoding: str | None, ink: Ink) -> None:
    assert ink_for(encoding) is ink
