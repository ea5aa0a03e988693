"""Values of rows as they are kept."""

import numpy as np
import pytest

from regcli.results.row_values import BLOCKS, MOST_ROWS, in_blocks, kept_rows


def test_few_rows_keep_their_values() -> None:
    values = np.random.default_rng(0).normal(0, 1, 359)
    assert kept_rows({"data_loss": values})["data_loss"].tolist() == [
        float(np.float32(value)) for value in values
    ]


@pytest.mark.parametrize("count", [MOST_ROWS + 1, 123_457])
def test_many_rows_are_kept_as_the_means_of_blocks_that_are_alike_in_size(count: int) -> None:
    values = np.random.default_rng(1).normal(5, 1, count)
    found = kept_rows({"data_loss": values})["data_loss"]
    assert found.shape == (BLOCKS,)
    assert found.mean() == pytest.approx(values.mean(), rel=1e-4)
    assert found[0] == pytest.approx(values[: count // BLOCKS].mean(), rel=1e-6)


@pytest.mark.parametrize("count", [1, 7, 10, 11, 99])
def test_blocks_hold_every_row_once(count: int) -> None:
    values = np.arange(count, dtype=float)
    found = in_blocks(values, 10)
    expected = [part.mean() for part in np.array_split(values, min(10, count))]
    assert len(found) == min(10, count)
    assert abs(found.mean() - np.mean(expected)) < 1


def test_members_have_the_blocks_that_each_has_alone() -> None:
    values = np.random.default_rng(1).standard_normal((3, MOST_ROWS + 7)).astype(np.float32)
    together = kept_rows({"data_loss": values})["data_loss"]
    alone = [kept_rows({"data_loss": own})["data_loss"] for own in values]
    assert together.shape == (3, BLOCKS)
    np.testing.assert_array_equal(together, alone)
