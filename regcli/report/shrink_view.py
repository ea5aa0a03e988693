"""What shrinking a model saved: before and after, side by side."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from rich.table import Table

from regcli.report.columns import plain_table
from regcli.report.document import csv_table, markdown_table, to_json
from regcli.report.numbers import count_text, percent_text
from regcli.report.sink import Format, Sink
from regcli.results.records import SCHEMA_VERSION
from regcli.results.shrinkage import Cost, Shrinkage

Measure = tuple[str, float, float]
"""What is counted or measured, before and after."""


def render_shrinkage(
    sink: Sink, form: Format, shrinkage: Shrinkage, written: Sequence[Path]
) -> None:
    """Write what was saved as a table, the JSON document, CSV or Markdown.

    Args:
        written: the model's file, and that of its columns where there is one.
    """
    if form == "table":
        sink.table(_table(shrinkage))
    elif form == "json":
        sink.result(to_json(_document(shrinkage, written)))
    else:
        times = [(f"{name} in seconds", *seconds) for name, *seconds in _times(shrinkage)]
        rows = [*_sizes(shrinkage), *times, *_units(shrinkage)]
        write = csv_table if form == "csv" else markdown_table
        sink.result(write(["measure", "before", "after"], rows))


def _table(shrinkage: Shrinkage) -> Table:
    table = plain_table()
    table.add_column("", overflow="fold")
    for title in ("before", "after", "left"):
        table.add_column(title, justify="right", no_wrap=True)
    for rows, shown, share in (
        (_sizes(shrinkage), count_text, percent_text),
        (_times(shrinkage), _milliseconds, _rough_percent),
        (_units(shrinkage), count_text, percent_text),
    ):
        _add_rows(table, rows, shown, share)
        table.add_section()
    table.caption = "\n".join(_remarks(shrinkage))
    return table


def _add_rows(
    table: Table,
    rows: Sequence[Measure],
    shown: Callable[[float], str],
    share: Callable[[float], str],
) -> None:
    for name, before, after in rows:
        left = share(after / before) if before else ""
        table.add_row(name, shown(before), shown(after), left)


def _sizes(shrinkage: Shrinkage) -> list[Measure]:
    costs = shrinkage.before, shrinkage.after
    return [
        _measure("parameters", [cost.parameters for cost in costs]),
        _measure("non-zero kernel weights", [cost.nonzero for cost in costs]),
        _measure("FLOPs of one row", [cost.flops for cost in costs]),
        _measure("bytes of the file", [cost.bytes for cost in costs]),
    ]


def _times(shrinkage: Shrinkage) -> list[Measure]:
    costs = shrinkage.before, shrinkage.after
    return [
        _measure(f"CPU latency of {_rows_text(count)}", [cost.seconds[count] for cost in costs])
        for count in shrinkage.before.seconds
    ]


def _units(shrinkage: Shrinkage) -> list[Measure]:
    inputs = ("active inputs", shrinkage.inputs.before, shrinkage.inputs.after)
    return [inputs, *((f"units of {u.name}", u.before, u.after) for u in shrinkage.units)]


def _measure(name: str, values: Sequence[float]) -> Measure:
    before, after = values
    return name, before, after


def _milliseconds(seconds: float) -> str:
    milliseconds = seconds * 1000
    decimals = 3 if milliseconds < 10 else 1 if milliseconds < 100 else 0
    return f"{milliseconds:,.{decimals}f} ms"


def _rough_percent(share: float) -> str:
    return f"{share:.0%}"


def _rows_text(count: int) -> str:
    return "one row" if count == 1 else f"{count:,} rows"


def _remarks(shrinkage: Shrinkage) -> list[str]:
    check, inputs = shrinkage.check, shrinkage.inputs
    precisely = f"to {check.difference:.1g} relative" if check.difference else "exactly"
    taken = f"{len(shrinkage.columns):,} of {inputs.before:,} columns"
    is_whole = all(count.before == count.after for count in (inputs, *shrinkage.units))
    return [
        *(["nothing is dead: only exact zeros cut a part off"] if is_whole else []),
        f"outputs equal on {check.rows:,} {check.part} rows ({precisely})",
        f"the model takes {'all columns' if shrinkage.takes_all_columns else taken} of the data",
        "FLOPs: 2 for each multiply-add of a kernel",
        "latency: median of calls on this machine",
    ]


def _document(shrinkage: Shrinkage, written: Sequence[Path]) -> dict[str, Any]:
    check, inputs = shrinkage.check, shrinkage.inputs
    return {
        "schema_version": SCHEMA_VERSION,
        "run": shrinkage.run,
        "files": [str(path) for path in written],
        "inputs": {
            "before": inputs.before,
            "after": inputs.after,
            "columns": list(shrinkage.columns),
            "takes_all_columns": shrinkage.takes_all_columns,
        },
        "layers": [{"name": u.name, "before": u.before, "after": u.after} for u in shrinkage.units],
        "before": _cost(shrinkage.before),
        "after": _cost(shrinkage.after),
        "check": {"part": check.part, "rows": check.rows, "difference": check.difference},
    }


def _cost(cost: Cost) -> dict[str, Any]:
    return {
        "parameters": cost.parameters,
        "nonzero": cost.nonzero,
        "flops": cost.flops,
        "bytes": cost.bytes,
        "seconds": {str(count): seconds for count, seconds in cost.seconds.items()},
    }
