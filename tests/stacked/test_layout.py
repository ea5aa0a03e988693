"""How a population is cut into programs: everyone fits, evenly, within cache and memory."""

import math

import keras
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regcli.stacked import layout
from regcli.stacked.layout import MAX_SIZE, MIN_SIZE, Layout, even_layout, plan_layout

COUNTS = st.integers(1, 5000)
THREADS = st.integers(1, 64)


BATCH = 16


def model_of(units: int, inputs: int = 8) -> keras.Sequential:
    hidden, output = keras.layers.Dense(units), keras.layers.Dense(1)
    return keras.Sequential([keras.Input((inputs,)), hidden, output])


@given(COUNTS, st.integers(1, 400), THREADS)
def test_programs_hold_everyone_evenly_in_the_fewest_rounds(
    members: int, size: int, threads: int
) -> None:
    chosen = even_layout(members, size, threads)
    size = max(size, MIN_SIZE)
    assert MIN_SIZE <= chosen.size <= size
    assert chosen.threads == min(threads, math.ceil(members / MIN_SIZE))
    seats = chosen.size * chosen.threads
    rounds = math.ceil(members / seats)
    assert rounds == math.ceil(members / (size * chosen.threads))
    assert members <= seats * rounds
    if chosen.size > MIN_SIZE:  # with one seat less in each program it would take another round
        assert (chosen.size - 1) * chosen.threads * rounds < members


@pytest.mark.parametrize(
    ("members", "size", "threads", "expected"),
    [
        (1, 16, 2, Layout(2, 1)),
        (2, 16, 2, Layout(2, 1)),
        (3, 16, 2, Layout(2, 2)),
        (9, 1, 2, Layout(2, 2)),
        (108, 16, 2, Layout(14, 2)),
        (32, 16, 2, Layout(16, 2)),
        (33, 16, 2, Layout(9, 2)),
        (5, 256, 1, Layout(5, 1)),
    ],
)
def test_even_layouts(members: int, size: int, threads: int, expected: Layout) -> None:
    assert even_layout(members, size, threads) == expected


SMALL, WIDE = model_of(4), model_of(512, 512)


@settings(deadline=None)
@given(
    members=COUNTS,
    threads=THREADS,
    cache=st.integers(2**15, 2**27),
    memory=st.integers(2**10, 2**40),
    wide=st.booleans(),
)
def test_plans_stay_within_cache_and_memory(
    members: int, threads: int, cache: int, memory: int, wide: bool
) -> None:
    model = WIDE if wide else SMALL
    weights = model.count_params()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(layout, "_second_level_cache", lambda: cache)
        chosen = plan_layout(members, model, BATCH, threads, memory)
        more = plan_layout(members + 1, model, BATCH, threads, memory)
    assert MIN_SIZE <= chosen.size <= MAX_SIZE
    assert chosen.threads <= min(threads, members)
    assert more.threads * MAX_SIZE >= more.size  # a plan for any number of members
    if chosen.size > MIN_SIZE:  # so many must be tried, whatever there is
        # weights, gradients, two slots
        assert chosen.size * weights * 4 * 4 <= 2.5 * cache + weights * 4 * 4
        assert chosen.size * chosen.threads * weights * 4 * 8 <= memory / 4


def test_more_memory_or_cache_never_makes_programs_smaller() -> None:
    sizes = []
    for memory in (2**20, 2**25, 2**30, 2**35):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(layout, "_second_level_cache", lambda: 2**30)
            sizes.append(plan_layout(1000, WIDE, BATCH, 2, memory).size)
    assert sizes == sorted(sizes)
    assert sizes[0] < sizes[-1]


def test_convolutions_count_with_their_patches() -> None:
    """A convolution's patches take more than its outputs: fewer members fit into memory."""

    def size(kernel: int) -> int:
        convolution = keras.layers.Conv2D(2, kernel, padding="same")
        layers = [convolution, keras.layers.Flatten(), keras.layers.Dense(1)]
        model = keras.Sequential([keras.Input((32, 32, 8)), *layers])
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(layout, "_second_level_cache", lambda: 2**40)
            return plan_layout(1000, model, BATCH, 1, 2**32).size

    assert size(5) < size(1) / 5
