"""The table of a sweep: one row a setting, what differs and how it came out."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from rich.console import Console
from rich.table import Table

from regcli.one_line import printable
from regcli.report.columns import Column, fit_table
from regcli.report.convergence import has_marks, marked, polish_note, unconverged_note
from regcli.report.numbers import (
    COUNT,
    LOSS,
    PERCENT,
    SHARE,
    NumberStyle,
    seconds_text,
    spread_text,
)
from regcli.report.ranking import Ranked, class_weights_note
from regcli.report.setting_names import short_names
from regcli.report.setting_values import digits_for, short_texts, value_text
from regcli.results.records import DataSummary, RunRecord, RunState
from regcli.results.settings import SettingSummary, by_setting


def results_table(records: Sequence[RunRecord], console: Console) -> Table:
    """A table of runs, gathered by setting, that fits the console.

    The caption names setting columns that do not differ, and columns left out for width.
    """
    summaries = by_setting(records)
    ranked = Ranked(summaries)
    settings, constants = _setting_columns(summaries)

    def style(summary: SettingSummary) -> str | None:
        return "bold green" if summary is ranked.best else _state_style(summary)

    columns = [*settings, *seeds_columns(summaries), *_result_columns(summaries, ranked)]
    fitted = fit_table(columns, summaries, console, style)
    lines = _caption_lines(summaries, constants, ranked)
    if fitted.left_out:
        lines.append(f"left out for width: {', '.join(fitted.left_out)}")
    fitted.table.caption = "\n".join(lines)
    return fitted.table


def _state_style(summary: SettingSummary) -> str | None:
    finished = all(record.state is RunState.FINISHED for record in summary.records)
    return None if finished else "red"


def _setting_columns(
    summaries: Sequence[SettingSummary],
) -> tuple[list[Column[SettingSummary]], dict[str, str]]:
    """Columns of the settings that differ, and the others with their one value."""
    names = list(dict.fromkeys(key for summary in summaries for key in summary.settings))
    titles = short_names(names)
    columns, constants = [], {}
    for name in names:
        values = [summary.settings.get(name) for summary in summaries]
        if len({repr(value) for value in values}) > 1:
            columns.append(setting_column(name, titles[name], values))
        else:
            constants[titles[name]] = value_text(values[0])
    return columns, constants


def setting_column(name: str, title: str, values: Sequence[object]) -> Column[SettingSummary]:
    """A column of one setting that differs.

    Args:
        values: all that it has in the table.
    """
    short, digits = short_texts(values), digits_for(values)

    def cell(summary: SettingSummary) -> str:
        return value_text(summary.settings.get(name), digits)

    return Column(title, cell, narrow_cell=lambda summary: short[cell(summary)])


def seeds_columns(summaries: Sequence[SettingSummary]) -> list[Column[SettingSummary]]:
    """How many seeds a mean is of, where some settings have fewer than others."""
    counts = {len(summary.records) for summary in summaries}
    most = max(counts, default=0)
    if len(counts) < 2:
        return []
    return [
        Column(
            "seeds",
            lambda summary: f"{len(summary.records)} of {most}",
            narrow_cell=lambda summary: f"{len(summary.records)}/{most}",
        )
    ]


def task_metric(records: Sequence[RunRecord]) -> tuple[str, str]:
    """The name of the task's main metric, and its title."""
    regression = any("r2" in record.metrics.get("train", {}) for record in records)
    return ("r2", "R²") if regression else ("accuracy", "accuracy")


def _result_columns(
    summaries: Sequence[SettingSummary], ranked: Ranked
) -> list[Column[SettingSummary]]:
    records = [record for summary in summaries for record in summary.records]
    metric, title = task_metric(records)
    marks = has_marks(summaries)

    def validation(header: str, name: str, style: NumberStyle) -> Column[SettingSummary]:
        key = f"validation.{name}"
        cell = ranked.starred(key, lambda summary: spread_text(summary.spread(key), style))
        return Column(f"validation\n{header}", cell)

    columns = [
        _number("objective", "train.objective", LOSS, 3),
        _number("train\nloss", "train.data_loss", LOSS, 4),
        validation("loss", "data_loss", LOSS),
        validation(title, metric, SHARE),
        _number(f"train\n{title}", f"train.{metric}", SHARE, 9),
        _number(f"test\n{title}", f"test.{metric}", SHARE, 1),
        Column("exact\nzeros", partial(_exact_zeros, marks)),
        _number("near\nzeros", "sparsity.near", PERCENT, 2),
        _number("non-zero\nweights", "sparsity.nonzero", COUNT, 6),
        *_live_columns(records),
        Column("epochs", _epochs, 7),
        Column("time", _seconds, 5),
        Column("run", _run_ids, 8, is_text=True),
    ]
    if any(record.state is not RunState.FINISHED for record in records):
        columns.insert(0, Column("state", _states, is_text=True))
    if len({record.epochs for record in records}) == 1:
        columns = [column for column in columns if column.header != "epochs"]
    return columns


def _live_columns(records: Sequence[RunRecord]) -> list[Column[SettingSummary]]:
    """Active inputs and live units, each only where some run has fewer than there are."""
    columns = []
    measured = [(r.sparsity, r.data) for r in records if r.sparsity is not None]
    if any(data and _fewer(s.active_inputs, len(data.columns)) for s, data in measured):
        columns.append(_number("active\ninputs", "sparsity.active_inputs", COUNT, 6))
    if any(_fewer(sum(s.live_units.values()), s.hidden_units) for s, _ in measured):
        columns.append(_number("live\nunits", "sparsity.live_units", COUNT, 7))
    return columns


def _fewer(count: int | None, most: int) -> bool:
    return count is not None and count < most


def _exact_zeros(marks: bool, summary: SettingSummary) -> str:
    return marked(spread_text(summary.spread("sparsity.exact"), PERCENT), summary, marks)


def _number(header: str, key: str, style: NumberStyle, priority: int = 0) -> Column[SettingSummary]:
    return Column(header, lambda s: spread_text(s.spread(key), style), priority)


def _seconds(summary: SettingSummary) -> str:
    return seconds_text(sum(record.seconds for record in summary.records))


def _epochs(summary: SettingSummary) -> str:
    epochs = sorted({record.epochs for record in summary.records})
    return f"{epochs[0]}" if len(epochs) == 1 else f"{epochs[0]}–{epochs[-1]}"


def _run_ids(summary: SettingSummary) -> str:
    ids = [record.id[:8] for record in summary.records]
    return ids[0] if len(ids) == 1 else f"{ids[0]} +{len(ids) - 1}"


def _states(summary: SettingSummary) -> str:
    states = [record.state.value for record in summary.records]
    if len(states) == 1:
        return states[0]
    return ", ".join(f"{states.count(state)} {state}" for state in dict.fromkeys(states))


def _caption_lines(
    summaries: Sequence[SettingSummary], constants: dict[str, Any], ranked: Ranked
) -> list[str]:
    records = [record for summary in summaries for record in summary.records]
    lines = [", ".join(f"{name} {value}" for name, value in constants.items())]
    lines += rows_lines(records)
    lines += ranked.note(task_metric(records)[1], "; test metrics are not used for ranking")
    lines += class_weights_note(summaries)
    seeds = max((len(summary.records) for summary in summaries), default=1)
    if seeds > 1:
        lines.append(f"mean ± standard deviation over {seeds} seeds")
    threshold = next((record.sparsity.threshold for record in records if record.sparsity), None)
    if threshold is not None:
        lines.append(f"zeros: share of kernel weights, exact (0.0) or near (below {threshold:g})")
    lines += unconverged_note(summaries)
    lines += polish_note(summaries)
    lines += _no_zeros_text(records)
    return [line for line in lines if line]


def _no_zeros_text(records: Sequence[RunRecord]) -> list[str]:
    """What to say to a person who expects zeros of a penalty."""
    asked = [
        record.sparsity
        for record in records
        if record.settings.get("method") == "penalty"
        and record.settings.get("l1")
        and record.sparsity is not None
    ]
    if not asked or any(record.settings.get("method") == "proximal" for record in records):
        return []
    total = sum(sparsity.total for sparsity in asked)
    zeros = total - sum(sparsity.nonzero for sparsity in asked)
    if zeros > total / 100:
        return []
    counted = f"{zeros:,} of {total:,} weights are exactly 0"
    return [f"l1 as a penalty: {counted}; --method proximal makes zeros"]


def rows_lines(records: Sequence[RunRecord]) -> list[str]:
    """The split in one line where all runs have the same."""
    texts = list(dict.fromkeys(rows_text(r.data) for r in records if r.data is not None))
    return texts if len(texts) == 1 else []


def rows_text(data: DataSummary) -> str:
    """The split in one line: `digits: 1,079 train, 359 validation, 359 test rows`."""
    rows = ", ".join(f"{count:,} {part}" for part, count in data.rows.items() if count)
    return f"{printable(data.source)}: {rows} rows"
