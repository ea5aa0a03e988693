"""What a command says at its end of runs that are stored already."""

import io

import pytest
from rich.console import Console

from regcli.cli.endings import record_to_show, say_what_was_replaced, say_what_was_reused
from regcli.report.sink import Sink
from regcli.results.library_versions import installed_versions
from regcli.results.records import RunRecord, RunState, SweepRecord
from regcli.workflows.graph_training import SweepResult
from regcli.workflows.grid_sweep import TrainResult

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


def shown(new: RunRecord, stored: RunRecord | None) -> tuple[RunRecord, str]:
    """The record that is shown, and what is said beside it."""
    err = Console(file=io.StringIO(), width=10_000, markup=False)
    record = record_to_show(Sink(err, err), TrainResult(new, stored))
    assert isinstance(err.file, io.StringIO)
    return record, err.file.getvalue()


@pytest.mark.parametrize("scores", [{}, {"data_loss": 0.5000001, "penalty": 5e-8}], ids=str)
def test_the_stored_run_is_shown_where_numbers_are_the_same_up_to_rounding(
    scores: dict[str, float | None],
) -> None:
    record, said = shown(a_run(**scores), a_run())
    assert record == a_run()
    assert said == ("run 3fa9c1d2e0b4: same results as the stored run, which is kept and shown\n")


@pytest.mark.parametrize(
    ("new", "named"),
    [
        (a_run(data_loss=0.50001, accuracy=0.89), "train.data_loss, train.accuracy"),
        (a_run(penalty=None), "train.penalty"),
        (a_run().model_copy(update={"epochs": 4}), "epochs"),
        (a_run().model_copy(update={"state": RunState.DIVERGED}), "state"),
        (a_run().model_copy(update={"state": RunState.FAILED, "metrics": {}}), "state"),
    ],
)
def test_a_run_that_differs_is_shown_and_said_not_to_be_stored(new: RunRecord, named: str) -> None:
    record, said = shown(new, a_run())
    assert record is new
    assert said == (
        f"run 3fa9c1d2e0b4: differs from the stored run with this id in {named}; the results "
        "shown here are not stored; to replace the stored run, remove it with 'regcli runs rm "
        "3fa9c1d2e0b4' and train again\n"
    )


def test_a_run_that_is_stored_now_needs_no_words() -> None:
    interrupted = a_run().model_copy(update={"state": RunState.INTERRUPTED})
    for stored in (None, interrupted):
        assert shown(a_run(), stored) == (a_run(), "")


def test_a_metric_that_was_not_measured_yet_is_no_difference() -> None:
    record, said = shown(a_run(roc_auc=0.75), a_run())
    assert "roc_auc" not in record.metrics["train"]
    assert said == "run 3fa9c1d2e0b4: same results as the stored run, which is kept and shown\n"
    changed, said = shown(a_run(roc_auc=0.75), a_run(roc_auc=None))
    assert changed.metrics["train"]["roc_auc"] == 0.75
    assert "with this id in train.roc_auc; " in said


def test_a_stored_run_is_shown_as_the_config_asks_now() -> None:
    asked = {"metrics": ["f1"], "select_by": "validation.f1"}
    record, _ = shown(a_run().model_copy(update={"config": asked}), a_run())
    assert record.config == asked


def a_sweep(records: list[RunRecord], reused: int, replaced: list[RunRecord]) -> SweepResult:
    sweep = SweepRecord(
        id="5" * 12, name="s", engine="keras", seconds=1.0, run_ids=(), created="2026-01-01"
    )
    return SweepResult(sweep, tuple(records), 0, reused, False, tuple(replaced))


def said_of(result: SweepResult) -> str:
    err = Console(file=io.StringIO(), width=10_000, markup=False)
    sink = Sink(err, err)
    say_what_was_reused(sink, result)
    say_what_was_replaced(sink, result)
    assert isinstance(err.file, io.StringIO)
    return err.file.getvalue()


def by(**versions: str) -> RunRecord:
    return a_run().model_copy(update={"environment": {**installed_versions(), **versions}})


def test_reused_runs_of_other_versions_are_counted() -> None:
    now = installed_versions()
    older = by(tensorflow="2.9.0", python="3.8", regcli="0.0.1")
    records = [by(), older, older, by(tensorflow="2.9.0", keras="3.0.0"), a_run()]
    assert said_of(a_sweep(records, 5, [])) == (
        f"3 runs of the 5 reused: trained with tensorflow 2.9.0 (now {now['tensorflow']}), "
        f"keras 3.0.0 (now {now['keras']}); --fresh trains again\n"
    )
    assert said_of(a_sweep([by(), a_run(), by(python="3.8")], 3, [])) == ""


def test_runs_that_were_trained_again_say_in_what_they_differ() -> None:
    other = a_run(data_loss=0.6, accuracy=0.8)
    assert said_of(a_sweep([a_run()], 0, [a_run()])) == (
        "1 run trained again, in place of those stored before: same results\n"
    )
    assert said_of(a_sweep([other], 0, [a_run()])) == (
        "1 run trained again, in place of those stored before; run 3fa9c1d2e0b4 differs in "
        "train.data_loss, train.accuracy\n"
    )
