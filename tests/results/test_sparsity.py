"""Counts of zeros, and which parts of a net can still change its output."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from regcli.results.sparsity import NEAR_THRESHOLD, live_parts, summarize

Chain = list[tuple[str, np.ndarray]]


def test_zeros_are_counted_exactly_and_nearly() -> None:
    kernels = {
        "first": np.array([[0.0, -0.0, 0.5], [0.00099, -0.00099, 0.001]], np.float32),
        "second": np.array([[1e-30], [-2.0]], np.float32),
    }
    found = summarize(kernels, None)
    assert (found.total, found.nonzero) == (8, 6)
    assert found.exact == 2 / 8
    assert found.near == 5 / 8
    assert found.threshold == NEAR_THRESHOLD == 1e-3
    assert [(layer.name, layer.shape) for layer in found.layers] == [
        ("first", (2, 3)),
        ("second", (2, 1)),
    ]
    assert [(layer.exact, layer.near) for layer in found.layers] == [(2 / 6, 4 / 6), (0.0, 0.5)]
    assert (found.active_inputs, found.live_units) == (None, {})


def test_the_threshold_itself_is_not_near() -> None:
    kernels = {"one": np.array([0.25, 0.5, -0.5, -0.25, 0.75])}
    assert summarize(kernels, None, threshold=0.5).near == 2 / 5


def test_no_kernels() -> None:
    found = summarize({}, None)
    assert (found.exact, found.near, found.total, found.nonzero) == (0.0, 0.0, 0, 0)


def removed_one_by_one(chain: Chain) -> tuple[int, dict[str, int]]:
    """The definition, followed to the letter: take away a dead unit, look again, until none is."""
    alive = [np.ones(len(chain[0][1]), bool), *(np.ones(k.shape[1], bool) for _, k in chain)]
    last = len(chain)

    def is_dead(level: int, unit: int) -> bool:
        incoming = level == 0 or bool((chain[level - 1][1][:, unit] & alive[level - 1]).any())
        outgoing = level == last or bool((chain[level][1][unit] & alive[level + 1]).any())
        return not incoming or not outgoing

    while True:
        dead = [
            (level, unit)
            for level in range(last)  # outputs stay, whatever comes to them
            for unit in np.flatnonzero(alive[level])
            if is_dead(level, unit)
        ]
        if not dead:
            hidden = zip(chain[:-1], alive[1:-1], strict=True)
            return int(alive[0].sum()), {name: int(units.sum()) for (name, _), units in hidden}
        level, unit = dead[0]
        alive[level][unit] = False


@st.composite
def chains(draw: st.DrawFn) -> Chain:
    sizes = draw(st.lists(st.integers(1, 5), min_size=2, max_size=5))
    chain = []
    for number, (inputs, units) in enumerate(pairwise(sizes)):
        cells = draw(st.lists(st.booleans(), min_size=inputs * units, max_size=inputs * units))
        chain.append((f"dense_{number}", np.array(cells, bool).reshape(inputs, units)))
    return chain


@given(chains())
def test_live_parts_are_those_that_removing_dead_ones_leaves(chain: Chain) -> None:
    assert live_parts(chain) == removed_one_by_one(chain)


@given(chains(), st.randoms(use_true_random=False))
def test_names_of_units_do_not_matter(chain: Chain, random: object) -> None:
    """Permuting the units of a layer leaves every count as it is."""
    rng = np.random.default_rng(random.getrandbits(32))  # type: ignore[attr-defined]
    orders = [rng.permutation(len(kernel)) for _, kernel in chain]
    orders.append(np.arange(chain[-1][1].shape[1]))
    permuted = [
        (name, kernel[rows][:, columns])
        for (name, kernel), rows, columns in zip(chain, orders, orders[1:], strict=False)
    ]
    assert live_parts(permuted) == live_parts(chain)


def test_a_dead_end_kills_what_leads_to_it() -> None:
    first = np.array([[1, 1, 0], [0, 0, 1]], bool)
    second = np.array([[0, 0], [0, 1], [1, 0]], bool)
    third = np.array([[0], [1]], bool)
    chain = [("a", first), ("b", second), ("c", third)]
    assert live_parts(chain) == (1, {"a": 1, "b": 1})


def test_a_net_of_zeros_has_nothing_alive() -> None:
    chain = [("a", np.zeros((3, 4), bool)), ("b", np.zeros((4, 2), bool))]
    assert live_parts(chain) == (0, {"a": 0})


@pytest.mark.parametrize("rows", [1, 4])
def test_one_layer_has_inputs_alone(rows: int) -> None:
    assert live_parts([("output", np.ones((rows, 2), bool))]) == (rows, {})
