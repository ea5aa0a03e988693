"""Results in the format that was asked for."""

from collections.abc import Sequence

from regcli.output.document import sweep_document, to_csv, to_json, to_markdown
from regcli.output.results_table import results_table
from regcli.output.sink import Format, Sink
from regcli.results.records import RunRecord, SweepRecord


def render_runs(
    sink: Sink,
    form: Format,
    records: Sequence[RunRecord],
    sweep: SweepRecord | None = None,
    reused: int = 0,
) -> None:
    """Write runs to stdout: the results table, the JSON document, CSV or Markdown."""
    if form == "json":
        sink.result(to_json(sweep_document(sweep, reused, records)))
    elif form == "csv":
        sink.result(to_csv(records))
    elif form == "md":
        sink.result(to_markdown(records))
    elif records:
        sink.table(results_table(records, sink.out))
