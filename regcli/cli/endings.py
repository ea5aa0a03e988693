"""How a command that trains ends: its last messages, and its exit code."""

import math
from collections.abc import Sequence

from regcli.errors import ExitCode
from regcli.report.counts import count_runs
from regcli.report.sink import Sink
from regcli.results.conditions import KEYS, Condition, failures, metric_of, read_number
from regcli.results.records import RunRecord, RunState
from regcli.results.shown_metrics import as_asked
from regcli.workflows.graph_training import SweepResult
from regcli.workflows.grid_sweep import TrainResult


def exit_code(
    sink: Sink, records: Sequence[RunRecord], conditions: Sequence[Condition]
) -> ExitCode:
    """Report failures and give the exit code; an interrupt takes precedence."""
    unfinished = [record for record in records if record.state is not RunState.FINISHED]
    for record in unfinished:
        sink.problem(f"run {record.id}: {record.state.value}, {record.message}")
    finished = [record for record in records if record.state is RunState.FINISHED]
    held = failures(finished, conditions)
    for condition, record in held:
        rule = f"--fail-if '{condition}' counts this as a failure"
        sink.problem(f"{condition.explain(record)}; {rule}")
    if any(record.state is RunState.INTERRUPTED for record in records):
        return ExitCode.INTERRUPTED
    return ExitCode.RUN_FAILED if unfinished or held else ExitCode.OK


def say_what_is_kept(sink: Sink, result: SweepResult) -> None:
    """Say how many runs of an interrupted command are stored, and how many remain at most."""
    kept = sum(record.state.is_final for record in result.records)
    to_do = len(result.records) - kept + result.missing
    sink.problem(f"{count_runs(kept)} completed, {to_do:,} remaining")


def _is_near(one: float | None, other: float | None) -> bool:
    """Whether two numbers are the same up to the rounding in which engines and cores differ."""
    if one is None or other is None:
        return one is other
    return math.isclose(one, other, rel_tol=1e-5, abs_tol=1e-7)


def _is_newer(key: str, stored: RunRecord) -> bool:
    """Whether a result is a metric that was not measured yet when a run was stored."""
    if metric_of(key) is None:
        return False
    *after, part, name = key.split(".")
    zeroed = stored.sparsity and stored.sparsity.after_zeroing
    metrics = stored.metrics if not after else zeroed.metrics if zeroed else {}
    return name not in metrics.get(part, {})


def record_to_show(sink: Sink, result: TrainResult) -> RunRecord:
    """The record to show for a run; says so where the store keeps a different one.

    A run that was stored before is kept. Its numbers are shown where the new ones are the same up
    to rounding, so that `runs show` gives them again.
    """
    stored, record = result.stored, result.record
    if stored is None or not stored.state.is_final:
        return record
    differing = [
        key
        for key in KEYS
        if key != "seconds"
        and not _is_newer(key, stored)
        and not _is_near(read_number(record, key), read_number(stored, key))
    ]
    if stored.state is not record.state:
        differing = ["state"]
    if not differing:
        sink.note(f"run {record.id}: same results as the stored run, which is kept and shown")
        asked = as_asked(stored, record.config.get("metrics"), record.config.get("select_by"))
        return asked.model_copy(update={"settings": record.settings})
    sink.problem(
        f"run {record.id}: differs from the stored run with this id in {', '.join(differing)}; "
        "the results shown here are not stored; to replace the stored run, remove it with "
        f"'regcli runs rm {record.id}' and train again"
    )
    return record
