"""What shrinking a model saved: before and after, side by side."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from regcli.report.contents import Column, Note, Report, Row, Table, View, data_table
from regcli.report.figures import count_text, percent_text
from regcli.results.records import SCHEMA_VERSION
from regcli.results.shrinkage import Cost, Shrinkage

Measure = tuple[str, float, float]
"""What is counted or measured, before and after."""


def shrinkage_view(shrinkage: Shrinkage, written: Sequence[Path]) -> View:
    """What was saved.

    Args:
        written: the model's file, and that of its columns where there is one.
    """
    return View(
        report=partial(shrinkage_report, shrinkage),
        rows=partial(_rows, shrinkage),
        document=partial(_document, shrinkage, written),
    )


def shrinkage_report(shrinkage: Shrinkage) -> Report:
    """Sizes, times and what is left of each layer, a row a measure."""
    columns = [
        Column("measure", "", justify="left"),
        *(Column(key, key) for key in ("before", "after", "left")),
    ]
    rows = [
        Row(
            [name, before, after, Share(after / before) if before else None],
            format=shown,
            begins_group=position == 0,
        )
        for measures, shown in (
            (_sizes(shrinkage), _count),
            (_times(shrinkage), _time),
            (_units(shrinkage), _count),
        )
        for position, (name, before, after) in enumerate(measures)
    ]
    notes = [Note(text) for text in _remarks(shrinkage)]
    return Report((Table(columns, rows, notes),), "shrinking")


def _rows(shrinkage: Shrinkage) -> Table:
    times = [(f"{name} in seconds", *seconds) for name, *seconds in _times(shrinkage)]
    rows = [*_sizes(shrinkage), *times, *_units(shrinkage)]
    return data_table(["measure", "before", "after"], rows)


@dataclass(frozen=True)
class Share:
    """What is left, as a share of what was before."""

    value: float


def _count(value: float | Share | None) -> str:
    if isinstance(value, Share):
        return percent_text(value.value)
    return "" if value is None else count_text(value)


def _time(value: float | Share | None) -> str:
    if isinstance(value, Share):
        return f"{value.value:.0%}"
    return "" if value is None else _milliseconds(value)


def _sizes(shrinkage: Shrinkage) -> list[Measure]:
    costs = shrinkage.before, shrinkage.after
    return [
        _measure("parameters", [cost.parameters for cost in costs]),
        _measure("non-zero kernel weights", [cost.nonzero for cost in costs]),
        _measure("FLOPs of one row", [cost.flops for cost in costs]),
        _measure("file size in bytes", [cost.bytes for cost in costs]),
    ]


def _times(shrinkage: Shrinkage) -> list[Measure]:
    costs = shrinkage.before, shrinkage.after
    return [
        _measure(f"CPU latency of {_rows_text(count)}", [cost.seconds[count] for cost in costs])
        for count in shrinkage.before.seconds
    ]


def _units(shrinkage: Shrinkage) -> list[Measure]:
    inputs = ("active inputs", shrinkage.inputs.before, shrinkage.inputs.after)
    return [inputs, *((f"{u.counted} of {u.name}", u.before, u.after) for u in shrinkage.units)]


def _measure(name: str, values: Sequence[float]) -> Measure:
    before, after = values
    return name, before, after


def _milliseconds(seconds: float) -> str:
    milliseconds = seconds * 1000
    decimals = 3 if milliseconds < 10 else 1 if milliseconds < 100 else 0
    return f"{milliseconds:,.{decimals}f} ms"


def _rows_text(count: int) -> str:
    return "one row" if count == 1 else f"{count:,} rows"


def _remarks(shrinkage: Shrinkage) -> list[str]:
    check, inputs = shrinkage.check, shrinkage.inputs
    precisely = f"to {check.difference:.1g} relative" if check.difference else "exactly"
    taken = f"{len(shrinkage.columns):,} of {inputs.before:,} columns"
    is_whole = all(count.before == count.after for count in (inputs, *shrinkage.units))
    return [
        *(["no unit or input is dead: only exact zeros can make them dead"] if is_whole else []),
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
        "layers": [
            {"name": u.name, "counted": u.counted, "before": u.before, "after": u.after}
            for u in shrinkage.units
        ],
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
