"""A run's numbers by their dotted keys."""

import math

import pytest
from stored_examples import a_run

from regcli.config.check_grammar import parse_condition
from regcli.config.result_keys import KEYS
from regcli.results.conditions import read_number


@pytest.mark.parametrize("key", KEYS)
def test_every_key_can_be_read_from_a_run(key: str) -> None:
    part, _, name = key.partition(".")
    metrics = {part: {name: 0.75}} if part in {"train", "validation", "test"} else {}
    value = read_number(a_run("aaaa", metrics=metrics), key)
    expected = {"epochs": 50, "seconds": 0.05, "sparsity.exact": 0.25, "sparsity.near": 0.5}
    expected |= {"sparsity.nonzero": 480, "sparsity.total": 640, "sparsity.active_inputs": 60}
    expected |= {"sparsity.live_units": 4, "sparsity.gzip_bytes": 1200}
    expected |= {"sparsity.norm": 5.0, "sparsity.largest": 3.0}
    expected |= {"sparsity.precision": 0.05, "sparsity.recall": 1, "sparsity.f1": 0.1}
    expected |= {"after_zeroing.nonzero": 320, "after_zeroing.active_inputs": 4}
    expected |= {"after_zeroing.precision": 0.75, "after_zeroing.recall": 1}
    expected |= {"sparsity.active_noise": 57, "after_zeroing.active_noise": 1}
    expected |= {"after_zeroing.f1": 6 / 7, "after_zeroing.live_units": 3}
    assert value == expected.get(key, None if "after_zeroing.t" in key else 0.75)


def test_the_gap_is_that_of_the_losses() -> None:
    run = a_run("aaaa", metrics={"train": {"data_loss": 0.25}, "validation": {"data_loss": 0.75}})
    assert read_number(run, "gap") == 0.5
    assert read_number(a_run("aaaa", metrics={"train": {"data_loss": 0.25}}), "gap") is None
    assert "gap" not in KEYS


@pytest.mark.parametrize("missing", [None, math.nan, math.inf])
def test_a_number_that_is_not_there_meets_every_condition(missing: float | None) -> None:
    run = a_run("aaaa", metrics={"test": {"r2": missing}}, sparsity=None)
    for text in ("test.r2<0", "test.r2>=0", "sparsity.exact>0.5", "train.mae==1"):
        condition = parse_condition(text)
        assert read_number(run, condition.key) is None
        assert condition.is_met_by(None)
