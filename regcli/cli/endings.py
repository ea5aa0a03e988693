"""The last messages of a command that trains."""

from regcli.report.counts import count_runs
from regcli.report.sink import Sink
from regcli.results.library_versions import (
    installed_versions,
    other_versions,
    with_other_versions,
)
from regcli.results.records import RunRecord
from regcli.results.repeated_runs import differing
from regcli.results.shown_metrics import as_asked
from regcli.workflows.graph_training import SweepResult
from regcli.workflows.grid_sweep import TrainResult


def say_what_is_kept(sink: Sink, result: SweepResult) -> None:
    """Say how many runs of an interrupted command are stored, and how many remain at most."""
    kept = sum(record.state.is_final for record in result.records)
    to_do = len(result.records) - kept + result.missing
    sink.problem(f"{count_runs(kept)} completed, {to_do:,} remaining")


def say_what_was_reused(sink: Sink, result: SweepResult) -> None:
    """Say how many of the reused runs were trained with other versions of the libraries."""
    others = with_other_versions(result.records) if result.reused else []
    if not others:
        return
    installed = installed_versions()
    versions = ", ".join(
        f"{name} {own} (now {installed[name]})" for name, own in other_versions(others)
    )
    sink.note(
        f"{count_runs(len(others))} of the {result.reused:,} reused: trained with {versions}; "
        "--fresh trains again"
    )


def say_what_was_replaced(sink: Sink, result: SweepResult) -> None:
    """Say how many stored runs were trained again, and in what those differ that do."""
    if not result.replaced:
        return
    new = {record.id: record for record in result.records}
    pairs = [(new[stored.id], stored) for stored in result.replaced if stored.id in new]
    found = {record.id: differing(record, stored) for record, stored in pairs}
    others = {key: keys for key, keys in found.items() if keys}
    text = f"{count_runs(len(result.replaced))} trained again, in place of those stored before"
    if others:
        (identity, keys), *more = others.items()
        and_more = f", and {count_runs(len(more))} more" if more else ""
        text += f"; run {identity} differs in {', '.join(keys)}{and_more}"
    sink.note(text if others else f"{text}: same results")


def record_to_show(sink: Sink, result: TrainResult) -> RunRecord:
    """The record to show for a run; says so where the store keeps a different one.

    A run that was stored before is kept. Its numbers are shown where the new ones are the same up
    to rounding, so that `runs show` gives them again.
    """
    stored, record = result.stored, result.record
    if stored is None or not stored.state.is_final:
        return record
    keys = differing(record, stored)
    if not keys:
        sink.note(f"run {record.id}: same results as the stored run, which is kept and shown")
        asked = as_asked(stored, record.config.get("metrics"), record.config.get("select_by"))
        return asked.model_copy(update={"settings": record.settings})
    sink.problem(
        f"run {record.id}: differs from the stored run with this id in {', '.join(keys)}; "
        "the results shown here are not stored; to replace the stored run, remove it with "
        f"'regcli runs rm {record.id}' and train again"
    )
    return record
