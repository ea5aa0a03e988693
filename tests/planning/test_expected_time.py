"""Seconds that training is expected to take."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from planned import sweep_runs

from regcli.config.load import load_config
from regcli.data.references import Datasets
from regcli.planning.expected_time import Cost, Expectation, Seen, cost_of_stored
from regcli.planning.workload import Workload, workloads

COST = Cost("population", 3.0, 0.25, 0.002, None, "measured", 2)


def smoke(seeds: int) -> Workload:
    """The smoke config's population: 2 runs a seed, 15 epochs of 6 steps."""
    data = Datasets()
    (work,) = workloads(
        sweep_runs(load_config("smoke").with_values({"sweep.seeds": seeds}), data), (), data
    )
    return work


def test_seconds_add_up() -> None:
    work = smoke(5)
    expected = Expectation((work, work), (COST, replace(COST, start=1.0)), 7.0)
    own = 10 * (0.25 + 0.002 * 15 * 6)
    assert expected.population_seconds() == pytest.approx((3.0 + own, 1.0 + own))
    assert expected.seconds() == pytest.approx(7.0 + 4.0 + 2 * own)
    assert (expected.pending, expected.model_steps) == (20, 20 * 15 * 6)


@given(workers=st.integers(1, 30))
def test_workers_share_runs_but_not_the_start(workers: int) -> None:
    expected = Expectation((smoke(5),), (COST,), 7.0)
    most = -(-10 // workers)
    assert expected.seconds(workers) == pytest.approx(10.0 + most * (0.25 + 0.002 * 90))


def test_what_is_stored_takes_no_time() -> None:
    work = replace(smoke(1), pending=())
    assert Expectation((work,), (None,), 7.0).seconds() == 0.0


def test_one_unknown_population_makes_the_sum_unknown() -> None:
    expected = Expectation((smoke(1), smoke(2)), (COST, None), 7.0)
    assert expected.seconds() is None
    assert expected.population_seconds()[0] is not None


def test_runs_that_stop_early_take_the_epochs_that_they_took_before() -> None:
    cost = replace(COST, epochs=5.0)
    assert cost.seconds(smoke(1), 2) == pytest.approx(3.0 + 2 * (0.25 + 0.002 * 5 * 6))
    longer = replace(COST, epochs=50.0)
    assert longer.seconds(smoke(1), 2) == COST.seconds(smoke(1), 2)


@given(
    step=st.floats(1e-6, 1e-3),
    joining=st.integers(20, 60),
    there=st.integers(2, 16),
    threads=st.integers(1, 4),
)
def test_later_members_of_a_population_tell_its_steps(
    step: float, joining: int, there: int, threads: int
) -> None:
    """Those that were there while a program was compiled have 2 seconds of that among them."""
    steps = 1000
    compiling = 2.0 / there * threads
    early = Seen("population", threads * step * steps + compiling, steps)
    late = Seen("population", threads * step * steps, steps)
    cost = cost_of_stored([early] * there + [late] * joining, threads)
    if early.seconds > 1.6 * late.seconds:  # else it cannot be told from the rest
        assert (cost.per_step, cost.start) == pytest.approx((step, 2.0))
    whole = cost.start + cost.per_step * steps * (there + joining)
    assert whole == pytest.approx(step * steps * (there + joining) + 2.0)


@pytest.mark.parametrize(("seconds", "start"), [(40.0, 3.0), (1.0, 0.95)])
def test_a_population_that_was_all_there_took_a_usual_time_to_compile(
    seconds: float, start: float
) -> None:
    cost = cost_of_stored([Seen("population", seconds / 10, 100)] * 10, 1)
    assert cost == replace(
        cost, engine="population", start=pytest.approx(start), per_run=0.0, runs=10
    )
    assert cost.per_step == pytest.approx((seconds - start) / 1000)


def test_runs_one_by_one_take_what_they_took() -> None:
    cost = cost_of_stored([Seen("keras", 2.0, 100), Seen("keras", 1.2, 100)], 1, epochs=4.0)
    assert cost == Cost("keras", 0.0, 0.6, pytest.approx(0.01), 4.0, "stored", 2)
    cost = cost_of_stored([Seen("solver", 0.2, 0), Seen("solver", 0.4, 0)], 1)
    assert cost == Cost("solver", 0.0, pytest.approx(0.3), 0.0, None, "stored", 2)
