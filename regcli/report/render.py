"""Results in the format that was asked for."""

from collections.abc import Sequence

from regcli.report.document import path_entry, sweep_document, to_csv, to_json, to_markdown
from regcli.report.path_table import path_table
from regcli.report.results_table import results_table
from regcli.report.sink import Format, Sink
from regcli.paths import PathResult
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


def render_path(sink: Sink, form: Format, result: PathResult) -> None:
    """Write a path: its points in a table of their own, or the points and then the refitted."""
    points = result.points
    records = (*points.records, *result.refitted.values())
    if form == "table" and records:
        sink.table(path_table(points.records, result.refitted, sink.out))
    elif form == "json":
        document = sweep_document(points.sweep, points.reused, records)
        sink.result(to_json({**document, "path": path_entry(result.along, result.largest)}))
    else:
        render_runs(sink, form, records)
