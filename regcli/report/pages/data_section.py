"""The data that runs were trained on."""

from collections.abc import Iterator, Mapping
from typing import Any

from regcli.data.preparing.preparation import Preparation
from regcli.metrics.registry import METRICS
from regcli.report.contents import Column, Note, Row, Table
from regcli.report.counts import counted
from regcli.report.figures import setting_number
from regcli.report.listing import listed
from regcli.report.pages.page import Block, Section, Sheet
from regcli.report.setting_values import value_text
from regcli.report.sweep_results import rows_notes
from regcli.results.records import DataSummary, RunRecord
from regcli.results.verdict.cautions import baseline_of
from regcli.workflows.stored_evidence import Evidence

MOST_COLUMNS = 60
MOST_ALIKE = 30
"""Columns of plain numbers that are listed one by one."""
_TASKS = {"regression": "a quantity", "binary": "two classes", "multiclass": "classes"}


def data_section(evidence: Evidence) -> Section:
    """Rows, target and columns of the setting to use's first run; nothing where it has no data."""
    run = evidence.chosen.records[0]
    if run.data is None:
        return Section("data", "Data", ())
    preparation = evidence.preparation(run)
    lines = [*_lines(evidence, run, run.data)]
    if preparation is not None and _are_plain_numbers(preparation):
        first, *_, last = preparation.columns
        names = f"{first} to {last}"
        lines.append(("columns", f"{counted(len(preparation.columns), 'number')}: {names}"))
        return Section("data", "Data", [Sheet("", listed(lines))])
    blocks: list[Block] = [Sheet("", listed(lines))]
    if preparation is not None:
        blocks.append(Sheet("Columns", _columns(preparation)))
    return Section("data", "Data", blocks)


def _are_plain_numbers(preparation: Preparation) -> bool:
    """Whether a table of many columns would have the same in every row, as that of pixels."""
    has_its_own = preparation.steps or preparation.quantiles or preparation.notes
    return len(preparation.columns) > MOST_ALIKE and not has_its_own


def _lines(evidence: Evidence, run: RunRecord, data: DataSummary) -> Iterator[tuple[str, str]]:
    yield "source", data.source
    rows = [note.text for note in rows_notes(evidence.records)]
    parts = ", ".join(f"{count:,} {part}" for part, count in data.rows.items() if count)
    yield "rows", rows[0] if rows else f"of the first run: {parts}"
    yield "target", _target(run, data)
    shape = " × ".join(map(str, data.input_shape))
    inputs = counted(len(data.columns), "input")
    yield "inputs", f"{inputs}, as {shape}" if len(data.input_shape) > 1 else inputs
    dataset = run.config.get("dataset", {})
    for key in ("missing", "drop", "columns", "types", "scale", "groups", "time", "weights"):
        if dataset.get(key) is not None:
            yield {"drop": "dropped"}.get(key, key), value_text(dataset[key])
    if dataset.get("noise_features"):
        yield "noise", counted(dataset["noise_features"], "column")
    if data.dialect:
        yield "file", value_text(dict(data.dialect))
    yield "fingerprint", data.fingerprint
    known = [
        f"{name} {value:.4g}"
        for name in data.baseline.get("validation", {})
        if name in METRICS and (value := baseline_of(evidence.chosen, METRICS[name])) is not None
    ]
    if known:
        answers = "the best constant answer for each metric, on validation rows"
        yield "baseline", f"{answers}: {', '.join(known[:4])}"


def _target(run: RunRecord, data: DataSummary) -> str:
    given = run.config.get("dataset", {}).get("target")
    name = given.get("column") if isinstance(given, Mapping) else given
    text = f"{name}: {_TASKS[data.task]}" if isinstance(name, str) else _TASKS[data.task]
    if not data.classes:
        return text
    more = f" and {len(data.classes) - 20} more" if len(data.classes) > 20 else ""
    return f"{text}, {', '.join(data.classes[:20])}{more}"


def _columns(preparation: Preparation) -> Table:
    columns = [
        Column("column", "column", justify="left", is_head=True, wraps=True),
        Column("kind", "kind", justify="left"),
        Column("inputs", "inputs"),
        Column("gaps", "gaps", justify="left", wraps=True),
    ]
    shown = preparation.columns[:MOST_COLUMNS]
    rows = [Row(_cells(name, preparation)) for name in shown]
    notes = [Note(text) for text in preparation.notes]
    if len(shown) < len(preparation.columns):
        text = f"the first {len(shown)} of {len(preparation.columns):,} columns"
        notes.append(Note(f"{text}; 'regcli runs show' names the active ones"))
    return Table(columns, rows, notes)


def _cells(name: str, preparation: Preparation) -> list[Any]:
    step = preparation.steps.get(name)
    if step is None:
        kind = "number, as ranks" if name in preparation.quantiles else "number"
        return [name, kind, "1", ""]
    fill = step.fill
    gaps = ""
    if fill is not None:
        value = setting_number(float(fill)) if isinstance(fill, int | float) else fill
        gaps = f"filled with {value}" + (" and marked" if step.marks else "")
    return [name, step.type, f"{len(step.inputs):,}", gaps]
