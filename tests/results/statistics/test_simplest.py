"""The one-standard-error choice and the Pareto set."""

import math

from hypothesis import given
from hypothesis import strategies as st

from regcli.results.statistics.simplest import Simplicity, not_dominated, within_one_error


def sparse(*pairs: tuple[float, float]) -> list[Simplicity]:
    """Settings of non-zero weights and one strength."""
    return [Simplicity(nonzero, None, (strength,)) for nonzero, strength in pairs]


def test_the_fewest_weights_within_one_error() -> None:
    simplicity = sparse((100, 0), (60, 0.001), (20, 0.01), (5, 0.1))
    losses = [0.30, 0.29, 0.31, 0.40]
    assert within_one_error(losses, 0.03, simplicity) == 2
    assert within_one_error(losses, 0.01, simplicity) == 1
    assert within_one_error(losses, 1.0, simplicity) == 3
    assert within_one_error(losses, 0.0, simplicity) == 1


def test_of_dense_settings_the_strongest() -> None:
    assert within_one_error([0.3, 0.29, 0.31], 0.05, sparse((9, 0), (9, 0.1), (9, 1))) == 2


def test_of_as_many_weights_the_fewest_inputs() -> None:
    simplicity = [Simplicity(9, inputs, (0.1,)) for inputs in (4.0, 2.0, 3.0)]
    assert within_one_error([0.3, 0.31, 0.31], 0.05, simplicity) == 1


def test_a_weaker_setting_is_not_chosen_though_its_models_are_smaller() -> None:
    assert within_one_error([0.31, 0.3], 0.05, sparse((10, 0.001), (20, 0.01))) == 1


def test_settings_without_a_score_are_not_chosen() -> None:
    assert within_one_error([math.nan, 0.3], 0.05, sparse((1, 1), (20, 0.01))) == 1


Settings = st.lists(
    st.tuples(st.floats(0, 1), st.integers(0, 9), st.floats(0, 1), st.floats(0, 1)), min_size=1
)


@given(Settings, st.floats(0, 1))
def test_never_weaker_than_the_best(
    settings: list[tuple[float, int, float, float]], error: float
) -> None:
    losses = [setting[0] for setting in settings]
    simplicity = [Simplicity(size, None, strengths) for _, size, *strengths in settings]
    chosen, best = within_one_error(losses, error, simplicity), losses.index(min(losses))
    assert losses[chosen] <= losses[best] + error
    assert simplicity[chosen].nonzero <= simplicity[best].nonzero
    assert all(
        own >= others
        for own, others in zip(
            simplicity[chosen].strengths, simplicity[best].strengths, strict=True
        )
    )


@given(Settings)
def test_the_pareto_set_is_what_no_other_setting_beats(
    settings: list[tuple[float, int, float, float]],
) -> None:
    points = [(loss, size) for loss, size, *_ in settings]
    found = not_dominated([loss for loss, _ in points], [size for _, size in points])
    beaten = {
        place
        for place, (loss, size) in enumerate(points)
        for other in points
        if other != (loss, size) and other[0] <= loss and other[1] <= size
    }
    assert {points[place] for place in found} == {
        point for place, point in enumerate(points) if place not in beaten
    }
    sizes = [points[place][1] for place in found]
    assert sizes == sorted(set(sizes))
