"""Lists of stored runs."""

from collections.abc import Sequence
from dataclasses import asdict

from rich.console import Console
from rich.table import Table

from regcli.one_line import shortened
from regcli.report.columns import Column, fit_table
from regcli.report.document import csv_table, markdown_table, to_json
from regcli.report.numbers import (
    NOTHING,
    loss_text,
    percent_text,
    seconds_text,
    share_text,
)
from regcli.report.setting_values import digits_for, value_text
from regcli.report.sink import Format, Sink
from regcli.results.records import SCHEMA_VERSION, RunState
from regcli.results.store_rows import RunSummary

FIELDS = tuple(name for name in RunSummary.__dataclass_fields__)


def render_summaries(sink: Sink, form: Format, summaries: Sequence[RunSummary], count: int) -> None:
    """Write a list of runs, and say how many there are where not all are shown."""
    if form == "json":
        sink.result(
            to_json({"schema_version": SCHEMA_VERSION, "runs": [asdict(s) for s in summaries]})
        )
    elif form == "csv":
        sink.result(csv_table(FIELDS, [_values(summary) for summary in summaries]))
    elif form == "md":
        sink.result(markdown_table(FIELDS, [_values(summary) for summary in summaries]))
    else:
        sink.table(_table(summaries, sink.out))
    if len(summaries) < count:
        sink.note(f"the newest {len(summaries):,} of {count:,} runs; --last 0 shows all")


def _values(summary: RunSummary) -> list[object]:
    return [getattr(summary, name) for name in FIELDS]


def _table(summaries: Sequence[RunSummary], console: Console) -> Table:
    return fit_table(_columns(summaries, console.width // 3), summaries, console, _style).table


def _style(run: RunSummary) -> str | None:
    return None if run.state is RunState.FINISHED else "red"


def _strength(digits: int, run: RunSummary, strength: float | None) -> str:
    """A strength; nothing in place of the 0 of a refitted run, whose zeros come from elsewhere."""
    is_missing = strength is None or (run.refit_of and not strength)
    return NOTHING if is_missing else value_text(strength, digits)


def _columns(summaries: Sequence[RunSummary], longest_name: int) -> list[Column[RunSummary]]:
    l1, l2 = (digits_for(getattr(run, name) for run in summaries) for name in ("l1", "l2"))

    def name(run: RunSummary) -> str:
        return shortened(run.name, longest_name)

    return [
        Column("run", lambda run: run.id, is_text=True),
        Column("name", name, is_text=True),
        Column("state", lambda run: run.state.value, is_text=True),
        Column("l1", lambda run: _strength(l1, run, run.l1), 2),
        Column("l2", lambda run: _strength(l2, run, run.l2), 3),
        Column("refit of", lambda run: (run.refit_of or "")[:8], 2, is_text=True),
        Column("seed", lambda run: NOTHING if run.seed is None else str(run.seed), 5),
        Column("val loss", lambda run: loss_text(run.data_loss), 1),
        Column("score", lambda run: share_text(run.accuracy if run.r2 is None else run.r2), 4),
        Column("zeros", lambda run: percent_text(run.exact_sparsity), 6),
        Column("time", lambda run: seconds_text(run.seconds or 0.0), 7),
    ]
