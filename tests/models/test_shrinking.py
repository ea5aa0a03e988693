"""The arithmetic of dead and constant units, on arrays small enough to see through."""

import numpy as np
import pytest

from regcli.models import shrinking

NAN = np.nan


def a_kernel(*rows: list[float]) -> np.ndarray:
    return np.array(rows, np.float32)


def mask(*values: int) -> np.ndarray:
    return np.array(values, bool)


def test_a_unit_without_incoming_weights_is_its_bias() -> None:
    kernel = a_kernel([1, 0, 0], [2, 0, -0.0])
    sums = shrinking.constant_units(kernel, np.float32([5, 6, 7]), shrinking.varying(2))
    np.testing.assert_array_equal(sums, [NAN, 6, 7])
    without = shrinking.constant_units(kernel, None, shrinking.varying(2))
    np.testing.assert_array_equal(without, [NAN, 0, 0])


def test_a_unit_that_only_constants_come_to_is_constant() -> None:
    kernel = a_kernel([1, 0], [2, 3])
    sums = shrinking.constant_units(kernel, np.float32([10, 20]), np.array([NAN, 0.5]))
    np.testing.assert_array_equal(sums, [NAN, 21.5])


def test_the_taps_of_a_convolution_add_up() -> None:
    kernel = np.arange(12, dtype=np.float32).reshape(3, 2, 2)
    added = shrinking.contribution(kernel, np.array([NAN, 2.0]))
    np.testing.assert_array_equal(added, 2 * (kernel[0, 1] + kernel[1, 1] + kernel[2, 1]))
    kernel[:, 0, 1] = 0
    np.testing.assert_array_equal(shrinking.connections(kernel), [[True, False], [True, True]])


def test_under_zero_padding_only_zero_is_constant() -> None:
    found = shrinking.constant_under_zero_padding(np.array([0.0, 1.0, NAN, -0.0]))
    np.testing.assert_array_equal(found, [0, NAN, NAN, 0])


def test_an_input_is_needed_if_it_varies_and_leads_to_a_living_unit() -> None:
    kernel = a_kernel([1, 0], [0, 1], [1, 1], [0, 0])
    constants = np.array([NAN, NAN, 3.0, NAN])
    live = mask(1, 0)
    np.testing.assert_array_equal(
        shrinking.needed_inputs(kernel, constants, live), mask(1, 0, 0, 0)
    )


def test_what_goes_is_held_by_the_bias() -> None:
    kernel = a_kernel([1, 2], [3, 4], [5, 6])
    constants = np.array([NAN, 2.0, NAN])
    live = mask(1, 0, 0), mask(1, 1)
    kept = mask(1, 0, 1), mask(1, 1)
    np.testing.assert_array_equal(shrinking.cut_kernel(kernel, live, kept), [[1, 2], [0, 0]])
    bias = shrinking.cut_bias(kernel, np.float32([10, 20]), constants, live, kept[1])
    np.testing.assert_array_equal(bias, [16, 28])
    without = shrinking.cut_bias(kernel, None, constants, live, kept[1])
    np.testing.assert_array_equal(without, [6, 8])


def test_a_layer_without_bias_gets_none_that_it_does_not_need() -> None:
    kernel = a_kernel([1, 0], [0, 4])
    constants = np.array([NAN, 2.0])
    live = mask(1, 0), mask(1, 0)
    assert shrinking.cut_bias(kernel, None, constants, live, mask(1, 0)) is None
    assert shrinking.cut_bias(kernel, None, shrinking.varying(2), live, mask(1, 1)) is None


def test_one_unit_stays_of_a_layer_of_dead_ones() -> None:
    np.testing.assert_array_equal(shrinking.at_least_one(mask(0, 0)), mask(1, 0))
    np.testing.assert_array_equal(shrinking.at_least_one(mask(0, 1)), mask(0, 1))
    kept = mask(1, 0), mask(1, 0)
    none = mask(0, 0), mask(0, 0)
    np.testing.assert_array_equal(shrinking.cut_kernel(a_kernel([1, 2], [3, 4]), none, kept), [[0]])


@pytest.mark.parametrize(("columns", "channels"), [((0, 0, 1, 0), (1, 0)), ((0, 1, 0, 1), (0, 1))])
def test_a_channel_lives_if_one_of_its_columns_does(
    columns: tuple[int, ...], channels: tuple[int, ...]
) -> None:
    np.testing.assert_array_equal(shrinking.channels_of(mask(*columns), 2), mask(*channels))
