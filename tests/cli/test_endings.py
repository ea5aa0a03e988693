"""What a command says at its end of runs that are stored already."""

import io

import pytest
from rich.console import Console

from regcli.cli.endings import say_what_differs
from regcli.experiments import TrainResult
from regcli.output.sink import Sink
from regcli.results.records import RunRecord, RunState

STORED = {"data_loss": 0.5, "penalty": 0.0, "accuracy": 0.9}


def a_run(**scores: float | None) -> RunRecord:
    return RunRecord(
        id="3fa9c1d2e0b4",
        name="digits",
        state=RunState.FINISHED,
        settings={},
        config={},
        engine="keras",
        epochs=5,
        seconds=1.0,
        metrics={"train": {**STORED, **scores}},
        created="2026-01-01T00:00:00+00:00",
    )


@pytest.mark.parametrize(
    ("scores", "named"),
    [
        ({}, None),
        ({"data_loss": 0.5000001, "penalty": 5e-8}, None),
        ({"data_loss": 0.50001, "accuracy": 0.89}, "train.data_loss, train.accuracy"),
        ({"penalty": None}, "train.penalty"),
    ],
)
def test_a_run_differs_from_the_stored_one_beyond_rounding_alone(
    scores: dict[str, float | None], named: str | None
) -> None:
    err = Console(file=io.StringIO(), width=10_000, markup=False)
    say_what_differs(Sink(err, err), TrainResult(a_run(**scores), a_run()))
    assert isinstance(err.file, io.StringIO)
    told = (
        f"run 3fa9c1d2e0b4: differs from the stored run of the same id in {named}; "
        "the stored one is kept (regcli runs rm 3fa9c1d2e0b4 drops it)\n"
    )
    assert err.file.getvalue() == (told if named else "")
