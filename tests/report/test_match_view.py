"""Two sweeps side by side, as a person and as a program reads them."""

import io
from typing import Any

import numpy as np
from judged import Grid, right
from rich.console import Console

from regcli.report.match_view import matches_view
from regcli.report.writers import terminal
from regcli.results.settings import by_setting
from regcli.results.verdict.matching import Matches, match_settings

LOSSES = np.random.default_rng(0).random((3, 1000))


def matches(**second: Any) -> Matches:
    """Two settings in two sweeps; the second sweep has more rows wrong in one."""
    grid = Grid()
    for wrong, own in (((100, 100), {}), ((100, 160), second)):
        grid.add(LOSSES, right(wrong[0]), l1=0.0, **own)
        grid.add(LOSSES, right(wrong[1]), l1=0.1, **own)
    grid.add(LOSSES, right(100), l1=0.5, **second)
    settings = by_setting(grid.records[:6]), by_setting(grid.records[6:])
    found = match_settings(*settings, grid.rows.get, 0.01)
    assert found is not None
    return found


def text(found: Matches, width: int = 80) -> str:
    console = Console(file=io.StringIO(), width=width, markup=False)
    return terminal.text(matches_view(found, ("before", "after")).report(), console)


def test_the_same_rows_give_intervals_and_words() -> None:
    shown = text(matches())
    words = [" ".join(line.split()) for line in shown.splitlines() if "─" not in line]
    assert words == [
        *("", "before after difference 95% after"),
        "l1 accuracy accuracy pt interval is",
        "0 0.9000 0.9000 +0.00 −0.28 to +0.28 practically the same",
        "0.1 0.9000 0.8400 −6.00 −7.50 to −4.50 worse",
        *("", "l2 0, method proximal"),
        "differences: second − first, by the same rows and 3 seeds",
        "practically the same: the interval is within ±1 pt",
        "left out: 1 setting of after alone",
    ]
    assert all(len(line) <= 80 for line in shown.splitlines())


def test_other_rows_give_a_difference_and_the_reason_why_it_has_no_interval() -> None:
    shown = text(matches(split=1)).splitlines()
    assert "not paired, so without an interval: the validation rows differ" in shown
    assert not any("interval is" in " ".join(line.split()) for line in shown)


def test_documents_have_every_number() -> None:
    found = matches_view(matches(), ("before", "after")).document()["comparison"]
    assert (found["first"], found["second"]) == ("before", "after")
    assert (found["score"], found["margin"]) == ("validation.accuracy", 0.01)
    assert [each["finding"] for each in found["settings"]] == ["practically the same", "worse"]
    worse = found["settings"][1]
    assert worse["low"] < worse["difference"] < worse["high"] < 0
    assert worse["unpaired"] is None
