"""One run in full: settings, scores of each part, zeros of each layer, inputs that are used."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from regcli.data.target.target_transform import TargetTransform
from regcli.report.coefficient_view import coefficient_entry, coefficient_table
from regcli.report.contents import Column, Note, Report, Row, Table, View
from regcli.report.counts import count_epochs
from regcli.report.figures import LOSS, count_text, figure, percent_text, seconds_text, share_text
from regcli.report.listing import listed
from regcli.report.plots.sparklines import learning_sparks
from regcli.report.result_columns import metric_style
from regcli.report.run_documents import run_entry
from regcli.report.run_history import history_of
from regcli.report.run_rows import run_rows
from regcli.report.setting_values import value_text
from regcli.report.sweep_results import rows_text
from regcli.results.coefficients import Coefficients
from regcli.results.records import (
    IDENTITY_VERSION,
    AfterZeroing,
    DataSummary,
    Optimality,
    RunRecord,
    Scores,
    Sparsity,
)

_NAMED = 40
"""Columns that are named at most; the JSON names the others."""


def run_view(record: RunRecord, found: Coefficients | None = None) -> View:
    """A run; its document has its history too.

    Args:
        found: the coefficients of a linear model.
    """
    return View(
        report=partial(run_report, record, found),
        rows=partial(run_rows, [record]),
        document=partial(_document, record, found),
    )


def _document(record: RunRecord, found: Coefficients | None) -> dict[str, Any]:
    entry = run_entry(record, history=True)
    return entry if found is None else {**entry, "coefficients": coefficient_entry(found)}


def run_report(record: RunRecord, found: Coefficients | None = None) -> Report:
    """The tables that show a run."""
    tables = list(_tables(record))
    if found is not None:
        tables.append(coefficient_table(found))
    return Report(tuple(tables), f"run {record.id}")


def _tables(record: RunRecord) -> Iterator[Table]:
    history = history_of(record)
    sketch = None if history is None else learning_sparks(history)
    yield replace(listed(list(_head(record))), sketch=sketch)
    if any(record.metrics.values()):
        yield scores_table(record)
    if record.sparsity is not None:
        yield zeros_table(record.sparsity)
    if record.sparsity is not None and record.sparsity.active_inputs is not None and record.data:
        noise = record.config.get("dataset", {}).get("noise_features", 0)
        yield _inputs(record.sparsity, record.sparsity.after_zeroing, record.data, noise)


def _head(record: RunRecord) -> Iterator[tuple[str, str]]:
    yield "run", record.id
    if record.identity != IDENTITY_VERSION:
        yield "id", "id of an earlier version: running its sweep trains it again"
    yield "name", record.name
    yield "state", f"{record.state.value}{', ' if record.message else ''}{record.message}"
    yield from _settings(record).items()
    yield "trained", f"{count_epochs(record.epochs)} in {seconds_text(record.seconds)}"
    if record.optimality is not None:
        yield "optimum", _optimum(record.optimality)
    yield "engine", record.engine
    if record.data is not None:
        yield "data", f"{rows_text(record.data)} ({record.data.fingerprint})"
        if record.data.target_transform is not None:
            yield "target", _learnt(record, record.data.target_transform)
    yield "versions", ", ".join(f"{k} {v}" for k, v in record.environment.items())
    yield "ended", record.created


def _learnt(record: RunRecord, transform: Mapping[str, bool | float]) -> str:
    """What a model was trained on in place of a quantity's own values."""
    target = record.config.get("dataset", {}).get("target") or {}
    formula = TargetTransform.from_plain(transform).formula(target.get("column") or "target")
    return f"learnt as {formula}; losses are on this scale, metrics are in its own unit"


def _settings(record: RunRecord) -> dict[str, str]:
    """What the run was trained with: its settings, and what its config adds to l1 and l2."""
    regularization = record.config.get("regularization") or {}
    given = {
        **record.settings,
        **{
            f"regularization.{key}": value
            for key, value in regularization.items()
            if key in {"group", "group_strength"}
        },
        **{
            f"regularization.bias.{key}": value
            for key, value in (regularization.get("bias") or {}).items()
        },
        "refit of" if record.refit_of else "starts from": record.parent,
    }
    return {name: value_text(value) for name, value in given.items() if value is not None}


def _optimum(optimality: Optimality) -> str:
    converged = "converged" if optimality.settled else "not converged"
    if optimality.gap is None:
        distance = (
            f"relative residual {optimality.relative:.2g} (residual {optimality.residual:.3g})"
        )
    else:
        distance = f"relative duality gap {optimality.gap:.2g}"
    reason = f"; {optimality.reason}" if optimality.reason else ""
    steps = count_text(optimality.polish_steps)
    return f"{converged} after {steps} polish steps: {distance}{reason}"


def scores_table(record: RunRecord) -> Table:
    """Every metric of every part, also once near zeros are exact ones."""
    parts = {part: scores for part, scores in record.metrics.items() if scores}
    columns = [
        Column("metric", "", justify="left"),
        *(Column(part, part, may_hide=False) for part in parts),
    ]
    rows = list(_score_rows(parts))
    after = record.sparsity and record.sparsity.after_zeroing
    if record.sparsity is None or not after:
        return Table(columns, rows)
    zeroed = {part: after.metrics.get(part, {}) for part in parts}
    rows += _score_rows(zeroed, ", pruned", begins_group=True)
    note = f"pruned: weights below {record.sparsity.threshold:g} in magnitude set to 0"
    return Table(columns, rows, [Note(note)])


def _score_rows(
    parts: Mapping[str, Scores], ending: str = "", begins_group: bool = False
) -> Iterator[Row]:
    for position, name in enumerate(next(iter(parts.values()))):
        yield Row(
            [f"{name}{ending}", *(scores.get(name) for scores in parts.values())],
            format=partial(figure, style=metric_style(name)),
            begins_group=begins_group and position == 0,
        )


def zeros_table(sparsity: Sparsity) -> Table:
    """Zeros and sizes of each kernel, and the units that are left."""
    live_after = sparsity.after_zeroing.live_units if sparsity.after_zeroing else {}
    columns = [
        Column("kernel", "kernel", justify="left", wraps=True),
        Column("shape", "shape", _shape_text, justify="left"),
        Column("exact", "exact\nzeros", percent_text, share=lambda share: share),
        Column("near", "near\nzeros", percent_text, share=lambda share: share),
        Column("nonzero", "non-zero\nweights", count_text),
        Column("norm", "\nnorm", partial(figure, style=LOSS)),
        Column("largest", "\nlargest", partial(figure, style=LOSS)),
        Column("gzip_bytes", "gzip\nsize", count_text),
        Column("live_units", "live\nunits", _units_text, may_hide=False),
        Column("live_units_near_zeroed", "live units\npruned", _units_text, may_hide=False),
    ]
    rows = [
        Row(
            [
                *(layer.name, layer.shape, layer.exact, layer.near),
                *(layer.nonzero, layer.norm, layer.largest, layer.gzip_bytes),
                *(units.get(layer.name) for units in (sparsity.live_units, live_after)),
            ]
        )
        for layer in sparsity.layers
    ]
    total = ["all", (), sparsity.exact, sparsity.near, sparsity.nonzero]
    sizes = [sparsity.norm, sparsity.largest, sparsity.gzip_bytes]
    rows.append(Row([*total, *sizes, "", ""], begins_group=True))
    note = (
        f"exact = 0.0, near = magnitude below {sparsity.threshold:g}; norm √ΣW², largest max|W|; "
        "gzip in bytes"
    )
    return Table(columns, rows, [Note(note)])


def _shape_text(shape: Sequence[int]) -> str:
    return "×".join(map(str, shape))


def _units_text(count: float | str | None) -> str:
    return count if isinstance(count, str) else count_text(count)


def _inputs(sparsity: Sparsity, after: AfterZeroing | None, data: DataSummary, noise: int) -> Table:
    """Which columns are still used, as trained and with near zeros zeroed."""
    found: list[Sparsity | AfterZeroing] = [sparsity, *([after] if after else [])]
    heads = ("as trained", "pruned")[: len(found)]
    columns = [
        Column("measure", "", justify="left"),
        *(Column(head, head, justify="left", may_hide=False, wraps=True) for head in heads),
    ]
    count = len(data.columns)
    rows = [Row(["active inputs", *(_active_text(parts, count, noise) for parts in found)])]
    names = [columns_text(parts.active_columns, data.columns) for parts in found]
    if any(names):
        rows.append(Row(["", *names]))
    if data.true_columns is None:
        return Table(columns, rows)
    truth = [
        ("precision", [parts.precision for parts in found]),
        ("recall", [parts.recall for parts in found]),
        ("F1", [parts.f1 for parts in found]),
    ]
    rows += [Row([name, *shares], format=share_text) for name, shares in truth]
    note = f"true columns: {', '.join(map(column_text, data.true_columns))}"
    return Table(columns, rows, [Note(note)])


def _active_text(parts: Sparsity | AfterZeroing, columns: int, noise: int) -> str:
    """`12 of 40, 3 of 10 noise columns`."""
    text = f"{parts.active_inputs:,} of {columns:,}"
    if parts.active_noise is None:
        return text
    return f"{text}, {parts.active_noise:,} of {noise:,} noise columns"


def columns_text(active: Sequence[str] | None, columns: Sequence[str]) -> str:
    """The active columns, or those that are left out where they are fewer; nothing for all."""
    if active is None or len(active) == len(columns):
        return ""
    if not active:
        return "none"
    kept = set(active)
    missing = [name for name in columns if name not in kept]
    few, before = (active, "") if len(active) <= len(missing) else (missing, "all but ")
    more = f" and {len(few) - _NAMED:,} more" if len(few) > _NAMED else ""
    return f"{before}{', '.join(map(column_text, few[:_NAMED]))}{more}"


def column_text(name: str) -> str:
    """A column's name in a list: in quotes if it contains a comma."""
    return f'"{name}"' if "," in name else name
