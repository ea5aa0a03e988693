"""Lists of stored runs."""

import csv
import io
from collections.abc import Sequence
from dataclasses import asdict

from rich import box
from rich.table import Table

from regcli.output.document import markdown_table, to_json
from regcli.output.numbers import loss_text, percent_text, seconds_text, share_text, strength_text
from regcli.output.sink import Format, Sink
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
        sink.result(_csv(summaries))
    elif form == "md":
        sink.result(markdown_table(FIELDS, [_values(summary) for summary in summaries]))
    else:
        sink.table(_table(summaries))
    if len(summaries) < count:
        sink.note(f"the newest {len(summaries):,} of {count:,} runs; --last 0 shows all")


def _values(summary: RunSummary) -> list[object]:
    return [getattr(summary, name) for name in FIELDS]


def _csv(summaries: Sequence[RunSummary]) -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(FIELDS)
    writer.writerows(_values(summary) for summary in summaries)
    return buffer.getvalue()


def _table(summaries: Sequence[RunSummary]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for header in ("run", "name", "state"):
        table.add_column(header, no_wrap=True)
    for header in ("l1", "l2", "seed", "val loss", "score", "zeros", "time"):
        table.add_column(header, justify="right", no_wrap=True)
    for run in summaries:
        score = run.accuracy if run.r2 is None else run.r2
        table.add_row(
            run.id,
            run.name,
            run.state.value,
            strength_text(run.l1),
            strength_text(run.l2),
            strength_text(run.seed),
            loss_text(run.data_loss),
            share_text(score),
            percent_text(run.exact_sparsity),
            seconds_text(run.seconds or 0.0),
            style=None if run.state is RunState.FINISHED else "red",
        )
    return table
