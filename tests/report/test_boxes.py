"""Many boxes are drawn as the first and the last ones."""

import pytest

from regcli.report.plots.boxes import Box, first_and_last


def chain(count: int) -> list[Box]:
    return [Box(f"b{n}", "Dense", takes=(n - 1,) if n else ()) for n in range(count)]


def test_a_few_boxes_stay_as_they_are() -> None:
    assert first_and_last(chain(6), 6) == chain(6)


@pytest.mark.parametrize("most", [6, 7])
def test_the_middle_is_one_box(most: int) -> None:
    found = first_and_last(chain(100), most)
    assert len(found) == most
    assert [box.name for box in found][:4] == ["b0", "b1", "b2", f"{101 - most} layers left out"][
        :4
    ]
    assert found[-1].name == "b99"
    assert [box.takes for box in found] == [(), *((n,) for n in range(most - 1))]
    assert [box.is_dashed for box in found].count(True) == 1


def test_arrows_into_the_middle_and_past_it_are_kept() -> None:
    given = chain(10)
    given[5] = Box("b5", "Add", takes=(4, 0))  # left out, takes the first one
    given[8] = Box("b8", "Add", takes=(7, 4, 1))  # takes two that are left out, and one before
    found = first_and_last(given, 6)
    assert [(box.name, box.takes) for box in found] == [
        *(("b0", ()), ("b1", (0,)), ("b2", (1,))),
        ("5 layers left out", (2, 0)),
        *(("b8", (3, 1)), ("b9", (4,))),
    ]
