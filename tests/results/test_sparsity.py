"""Counts of zeros, and which parts of a net can still change its output."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import precision_recall_fscore_support

from regcli.results.live_parts import in_a_row, live_parts
from regcli.results.records import Sparsity
from regcli.results.sparsity import (
    MOST_NAMED,
    NEAR_THRESHOLD,
    InputColumns,
    gzip_size,
    nonzero_of,
    recovery,
    summarize,
)

Chain = list[tuple[str, np.ndarray]]


def test_zeros_of_some_layers() -> None:
    cells = {"lstm/cell/kernel": np.ones((2, 3)), "lstm/cell/recurrent_kernel": np.eye(3)}
    found = summarize({"dense": np.array([[0.0, 1.0]]), **cells}, None)
    assert (nonzero_of(found, {"dense"}), nonzero_of(found, {"lstm"})) == (1, 6)
    assert nonzero_of(found, {"lstm/recurrent_kernel"}) == 3
    assert nonzero_of(found, {"dense/kernel", "lstm/kernel"}) == 7
    before = [layer.model_copy(update={"nonzero": None}) for layer in found.layers]
    assert nonzero_of(found.model_copy(update={"layers": before}), {"dense", "lstm"}) == 7


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


def counted(chain: Chain) -> tuple[int, dict[str, int]]:
    inputs, units = live_parts(in_a_row(chain))
    return int(inputs.sum()), units


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
    assert counted(chain) == removed_one_by_one(chain)


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
    assert counted(permuted) == counted(chain)


def test_a_dead_end_kills_what_leads_to_it() -> None:
    first = np.array([[1, 1, 0], [0, 0, 1]], bool)
    second = np.array([[0, 0], [0, 1], [1, 0]], bool)
    third = np.array([[0], [1]], bool)
    chain = [("a", first), ("b", second), ("c", third)]
    assert counted(chain) == (1, {"a": 1, "b": 1})


def test_a_net_of_zeros_has_nothing_alive() -> None:
    chain = [("a", np.zeros((3, 4), bool)), ("b", np.zeros((4, 2), bool))]
    assert counted(chain) == (0, {"a": 0})


@pytest.mark.parametrize("rows", [1, 4])
def test_one_layer_has_inputs_alone(rows: int) -> None:
    assert counted([("output", np.ones((rows, 2), bool))]) == (rows, {})


# Names, truth and size


COLUMNS = InputColumns(("age", "height", "weight"), ("age", "weight"))


def test_active_noise_columns_are_counted() -> None:
    kernel = np.array([[1.0, 0.0], [0.0, 0.0], [0.5, 2.0], [1e-4, 0.0]], np.float32)
    names = ("age", "height", "noise_0", "noise_1")
    found = summarize(
        {"output": kernel}, in_a_row([("output", kernel)]), InputColumns(names, None, noise=2)
    )
    assert (found.active_inputs, found.active_noise) == (3, 2)
    assert found.after_zeroing is not None
    assert found.after_zeroing.active_noise == 1
    without = summarize(
        {"output": kernel}, in_a_row([("output", kernel)]), InputColumns(names, None)
    )
    assert without.active_noise is None


def test_active_columns_by_name_before_and_after_zeroing() -> None:
    kernel = np.array([[0.5, 0.0], [0.0, -1e-4], [0.0, 0.0]], np.float32)
    found = summarize({"output": kernel}, in_a_row([("output", kernel)]), COLUMNS)
    assert found.active_columns == ("age", "height")
    assert (found.precision, found.recall, found.f1) == (0.5, 0.5, 0.5)
    after = found.after_zeroing
    assert after is not None
    assert (after.nonzero, after.active_inputs, after.active_columns) == (1, 1, ("age",))
    assert (after.precision, after.recall, after.f1) == (1.0, 0.5, 2 / 3)


def test_zeroing_can_kill_units() -> None:
    first = np.array([[1.0, 1e-4], [0.0, 0.0]], np.float32)
    second = np.array([[1.0], [1.0]], np.float32)
    kernels = {"hidden": first, "output": second}
    found = summarize(kernels, in_a_row(kernels.items()))
    assert (found.active_inputs, found.live_units, found.hidden_units) == (1, {"hidden": 2}, 2)
    after = found.after_zeroing
    assert after is not None
    assert (after.active_inputs, after.live_units, after.nonzero) == (1, {"hidden": 1}, 3)
    assert (found.active_columns, after.active_columns) == (None, None)


def test_without_a_chain_there_are_no_names() -> None:
    found = summarize({"conv2d": np.ones((3, 3, 1, 2), np.float32)}, None, COLUMNS)
    assert (found.active_columns, found.precision, found.recall, found.f1) == (None,) * 4


def test_more_columns_than_anyone_reads_are_counted_but_not_named() -> None:
    names = tuple(f"x_{number}" for number in range(MOST_NAMED + 1))
    kernel = np.ones((len(names), 1), np.float32)
    columns = InputColumns(names, names[:1])
    found = summarize({"output": kernel}, in_a_row([("output", kernel)]), columns)
    assert (found.active_inputs, found.active_columns) == (MOST_NAMED + 1, None)
    assert (found.precision, found.recall) == (1 / (MOST_NAMED + 1), 1.0)
    kernel[0] = 0
    fewer = summarize({"output": kernel}, in_a_row([("output", kernel)]), columns)
    assert (fewer.active_columns, fewer.recall) == (names[1:], 0.0)


@given(st.sets(st.sampled_from("abcdef"), min_size=1), st.sets(st.sampled_from("abcdef")))
def test_recovery_is_what_scikit_learn_gives(true: set[str], active: set[str]) -> None:
    is_true = [name in true for name in "abcdef"]
    is_active = [name in active for name in "abcdef"]
    precision, recall, f1 = recovery(sorted(active), sorted(true))
    theirs = precision_recall_fscore_support(
        is_true, is_active, average="binary", zero_division=0.0
    )
    assert (precision is None) == (not active)
    assert (precision or 0.0, recall, f1) == pytest.approx(theirs[:3])


def test_gzip_sizes_add_up_and_do_not_depend_on_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    kernels = {name: rng.standard_normal((20, 30)).astype(np.float32) for name in ("a", "b")}
    found = summarize(kernels, None)
    sizes = [layer.gzip_bytes for layer in found.layers]
    assert found.gzip_bytes == sum(size or 0 for size in sizes)
    monkeypatch.setattr("time.time", lambda: 0.0)
    assert [gzip_size(kernel) for kernel in kernels.values()] == sizes
    assert gzip_size(np.zeros((20, 30), np.float32)) < 50 < 2000 < gzip_size(kernels["a"])


def test_nan_is_neither_zero_nor_near() -> None:
    kernel = np.array([[np.nan], [0.0]], np.float32)
    found = summarize(
        {"output": kernel}, in_a_row([("output", kernel)]), InputColumns(("a", "b"), None)
    )
    assert (found.nonzero, found.near, found.active_columns) == (1, 0.5, ("a",))
    assert found.after_zeroing is not None
    assert found.after_zeroing.active_columns == ("a",)


def test_records_of_before_are_read() -> None:
    """A summary as version 0.1.0 first stored it, without what was added since."""
    text = """{"exact": 0.25, "near": 0.5, "threshold": 0.001, "nonzero": 480, "total": 640,
        "active_inputs": 60, "live_units": {"dense": 4},
        "layers": [{"name": "dense", "shape": [64, 10], "exact": 0.25, "near": 0.5}]}"""
    found = Sparsity.model_validate_json(text)
    assert (found.active_columns, found.gzip_bytes, found.after_zeroing) == (None, None, None)
    assert found.layers[0].nonzero is None


def test_norms_are_those_of_numpy_over_each_kernel_and_all() -> None:
    rng = np.random.default_rng(0)
    kernels = {
        "a": rng.normal(size=(7, 5)).astype(np.float32),
        "b": rng.normal(size=(3, 3, 5, 2)).astype(np.float32) * 10,
    }
    found = summarize(kernels, None)
    for layer in found.layers:
        own = kernels[layer.name].astype(np.float64)
        assert layer.norm == pytest.approx(np.sqrt((own**2).sum()), rel=1e-12)
        assert layer.largest == np.abs(own).max()
    every = np.concatenate([kernel.ravel() for kernel in kernels.values()]).astype(np.float64)
    assert found.norm == pytest.approx(np.linalg.norm(every), rel=1e-12)
    assert found.largest == np.abs(every).max()


def test_weights_that_are_not_finite_have_no_norm() -> None:
    found = summarize({"a": np.array([[1.0, np.nan]], np.float32)}, None)
    assert (found.norm, found.largest, found.layers[0].norm) == (None, None, None)
