"""The command that trains settings again."""

from typing import Any

import pytest
from stored_examples import a_run

from regcli.report.sweep_command import again_command
from regcli.results.settings import SettingSummary


def settings(*given: dict[str, Any]) -> list[SettingSummary]:
    runs = [a_run(f"{n:012x}") for n, _ in enumerate(given)]
    return [SettingSummary(each, (run,)) for each, run in zip(given, runs, strict=True)]


@pytest.mark.parametrize(
    ("given", "along", "has_refits", "expected"),
    [
        (
            [{"l1": a, "l2": b} for a in (0.0, 0.01) for b in (0.0, 1.5)],
            *("", False, "regcli sweep c.yaml --l1 0,0.01 --l2 0,1.5"),
        ),
        (
            [{"l1": 0.1, "training.batch_size": size} for size in (16, 32)],
            *("", False, "regcli sweep c.yaml --vary training.batch_size=16,32"),
        ),
        (
            [{"l1": 0.1}, {"l1": 0.01}],
            *("l1", True, "regcli path c.yaml --along l1 --values 0.1,0.01 --refit"),
        ),
        ([{"l1": 0.0, "l2": 0.0}, {"l1": 1.0, "l2": 1.0}], "", False, ""),
        ([{"l1": 0.0, "x": {"a": 1}}, {"l1": 0.0, "x": {"a": 2}}], "", False, ""),
    ],
    ids=["grid", "key", "path", "no full grid", "values that no list holds"],
)
def test_the_command(
    given: list[dict[str, Any]], along: str, has_refits: bool, expected: str
) -> None:
    assert again_command(settings(*given), along, "c.yaml", has_refits) == expected


def with_seeds(key: str, seeds: list[int], along: str) -> str:
    runs = tuple(
        a_run(f"{n:012x}", config={key: {"seed": seed}, "model": {}})
        for n, seed in enumerate(seeds)
    )
    grid = [SettingSummary({"l1": value}, runs) for value in (0.1, 0.01)]
    return again_command(grid, along, "c.yaml")


@pytest.mark.parametrize(
    ("key", "seeds", "along", "expected"),
    [
        *[("training", [3, 4], *each) for each in (
            ("", "regcli sweep c.yaml --l1 0.1,0.01 --seeds 2 --set training.seed=3"),
            ("l1", "regcli path c.yaml --along l1 --values 0.1,0.01 --seeds 2 "
             "--set training.seed=3"),
        )],
        ("training", [1, 5], "", "regcli sweep c.yaml --l1 0.1,0.01 --vary training.seed=1,5"),
        ("training", [1, 5], "l1", ""),
        ("dataset", [1, 5], "", "regcli sweep c.yaml --l1 0.1,0.01 --vary dataset.seed=1,5"),
        ("dataset", [1, 5], "l1", ""),
    ],
)  # fmt: skip
def test_the_same_seeds_are_trained_again(
    key: str, seeds: list[int], along: str, expected: str
) -> None:
    """`--seeds` stands for consecutive ones alone, and a path varies no other key."""
    assert with_seeds(key, seeds, along) == expected
