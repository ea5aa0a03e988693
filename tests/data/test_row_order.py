"""The order of rows: shuffled as a whole, or in windows of blocks where they are many."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from regcli.data import row_order
from regcli.data.row_order import batch_order, order_in_pieces, order_in_windows

SMALL = 64
"""Numbers of a window in these tests: 16 blocks of 4 rows of one number, or of 1 row of four."""


@pytest.fixture
def small_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(row_order, "WINDOW_NUMBERS", SMALL)


@given(st.integers(1, 200), st.integers(0, 9), st.integers(0, 9))
def test_few_rows_are_shuffled_as_a_whole(rows: int, seed: int, epoch: int) -> None:
    expected = np.random.default_rng((seed, epoch, 3)).permutation(rows)
    assert_array_equal(batch_order(seed, epoch, rows, 1000), expected)


@pytest.mark.parametrize(("rows", "width"), [(64, 1), (65, 1), (1000, 1), (1003, 4), (70, 100)])
def test_every_row_is_used_once(small_windows: None, rows: int, width: int) -> None:
    found = batch_order(0, 0, rows, width)
    assert_array_equal(np.sort(found), np.arange(rows))
    assert (found != np.arange(rows)).any()


def test_windows_lie_in_a_few_blocks_and_mix_their_rows(small_windows: None) -> None:
    windows = list(order_in_windows(0, 0, 1000))
    assert [len(window) for window in windows] == [64] * 15 + [40]
    for window in windows:
        blocks = window // 4
        assert len(set(blocks)) == len(window) / 4
        assert (np.diff(blocks) != 0).mean() > 0.7
    # The blocks of a window are from all over the rows.
    assert np.ptp(windows[0]) > 500


def test_seeds_and_epochs_have_orders_of_their_own(small_windows: None) -> None:
    orders = {tuple(batch_order(seed, epoch, 200)) for seed in range(5) for epoch in range(5)}
    assert len(orders) == 25
    assert_array_equal(batch_order(1, 2, 200), batch_order(1, 2, 200))


@pytest.mark.parametrize("size", [1, 7, 64, 100, 2000])
def test_pieces_are_the_same_order(small_windows: None, size: int) -> None:
    pieces = list(order_in_pieces(3, 1, 1003, 1, size))
    assert_array_equal(np.concatenate(pieces), batch_order(3, 1, 1003))
    assert {len(piece) for piece in pieces[:-1]} <= {size}
