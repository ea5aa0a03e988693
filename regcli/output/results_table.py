"""The table of a sweep: one row a setting, what differs and how it came out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich import box
from rich.console import Console
from rich.table import Table

from regcli.output.numbers import (
    count_text,
    loss_text,
    percent_text,
    seconds_text,
    share_text,
    spread_text,
    strength_text,
)
from regcli.results.records import DataSummary, RunRecord, RunState
from regcli.results.settings import SettingSummary, best_setting, by_setting

BEST = "★"


@dataclass(frozen=True)
class Column:
    """A column that a table may have.

    Attributes:
        cell: the text for one setting.
        priority: where the width is short, columns with the highest number go first; 0 never goes.
    """

    header: str
    cell: Callable[[SettingSummary], str]
    priority: int = 0
    is_text: bool = False


def results_table(records: Sequence[RunRecord], console: Console) -> Table:
    """A table of runs, gathered by setting, that fits the console.

    Setting columns that do not differ are named in the caption instead; where the width is short,
    whole columns are left out and named, and no number is ever cut.
    """
    summaries = by_setting(records)
    settings, constants = _setting_columns(summaries)
    columns = [*settings, *_result_columns(summaries)]
    best = best_setting(summaries)
    table = _draw(columns, summaries, best)
    dropped: list[str] = []
    while _width(table, console) > console.width and any(column.priority for column in columns):
        least = max(columns, key=lambda column: column.priority)
        columns.remove(least)
        dropped.append(least.header.replace("\n", " "))
        table = _draw(columns, summaries, best)
    table.caption = _caption(summaries, constants, dropped, best)
    return table


def _width(table: Table, console: Console) -> int:
    return console.measure(table, options=console.options.update(width=10_000)).maximum


def _draw(
    columns: Sequence[Column], summaries: Sequence[SettingSummary], best: int | None
) -> Table:
    table = Table(box=box.SIMPLE_HEAD, caption_justify="left", caption_style="dim", pad_edge=False)
    for column in columns:
        table.add_column(column.header, justify="left" if column.is_text else "right", no_wrap=True)
    for position, summary in enumerate(summaries):
        style = "bold green" if position == best else _state_style(summary)
        cells = [column.cell(summary) for column in columns]
        marked = "validation\nloss" if position == best else None
        table.add_row(
            *(
                f"{BEST} {cell}" if column.header == marked else cell
                for column, cell in zip(columns, cells, strict=True)
            ),
            style=style,
        )
    return table


def _state_style(summary: SettingSummary) -> str | None:
    finished = all(record.state is RunState.FINISHED for record in summary.records)
    return None if finished else "red"


def _setting_columns(
    summaries: Sequence[SettingSummary],
) -> tuple[list[Column], dict[str, str]]:
    """Columns of the settings that differ, and the others with their one value."""
    names = list(dict.fromkeys(key for summary in summaries for key in summary.settings))
    columns, constants = [], {}
    for name in names:
        texts = {strength_text(summary.settings.get(name)) for summary in summaries}
        if len(texts) > 1:
            columns.append(_setting_column(name))
        else:
            constants[_short(name)] = texts.pop()
    return columns, constants


def _setting_column(name: str) -> Column:
    def cell(summary: SettingSummary) -> str:
        return strength_text(summary.settings.get(name))

    return Column(_short(name), cell)


def _short(name: str) -> str:
    return name.rsplit(".", 1)[-1]


def _result_columns(summaries: Sequence[SettingSummary]) -> list[Column]:
    regression = any(
        "r2" in record.metrics.get("train", {}) for s in summaries for record in s.records
    )
    metric, short = ("r2", "R²") if regression else ("accuracy", "accuracy")
    columns = [
        _number("objective", "train.objective", loss_text, 3),
        _number("train\nloss", "train.data_loss", loss_text, 4),
        _number("validation\nloss", "validation.data_loss", loss_text),
        _number(f"validation\n{short}", f"validation.{metric}", share_text),
        _number(f"test\n{short}", f"test.{metric}", share_text, 1),
        _number("exact\nzeros", "sparsity.exact", percent_text),
        _number("near\nzeros", "sparsity.near", percent_text, 2),
        _number("non-zero\nweights", "sparsity.nonzero", count_text, 6),
        Column("epochs", _epochs, 7),
        Column("time", lambda s: seconds_text(sum(r.seconds for r in s.records)), 5),
        Column("run", _run_ids, 8, is_text=True),
    ]
    if any(record.state is not RunState.FINISHED for s in summaries for record in s.records):
        columns.insert(0, Column("state", _states, is_text=True))
    return [column for column in columns if _has_something(column, summaries)]


def _has_something(column: Column, summaries: Sequence[SettingSummary]) -> bool:
    always = {"train\nloss", "objective", "exact\nzeros"}
    if column.header in always:
        return True
    if column.header == "epochs":
        return len({column.cell(summary) for summary in summaries}) > 1
    return any(column.cell(summary) != "–" for summary in summaries)


def _number(
    header: str, key: str, shown: Callable[[float | None], str], priority: int = 0
) -> Column:
    def cell(summary: SettingSummary) -> str:
        return spread_text(summary.spread(key), shown)

    return Column(header, cell, priority)


def _epochs(summary: SettingSummary) -> str:
    epochs = sorted({record.epochs for record in summary.records})
    return f"{epochs[0]}" if len(epochs) == 1 else f"{epochs[0]}–{epochs[-1]}"


def _run_ids(summary: SettingSummary) -> str:
    ids = [record.id[:8] for record in summary.records]
    return ids[0] if len(ids) == 1 else f"{ids[0]} +{len(ids) - 1}"


def _states(summary: SettingSummary) -> str:
    states = [record.state.value for record in summary.records]
    counts = {state: states.count(state) for state in dict.fromkeys(states)}
    if len(counts) == 1 and len(states) == 1:
        return states[0]
    return ", ".join(f"{count} {state}" for state, count in counts.items())


def _caption(
    summaries: Sequence[SettingSummary],
    constants: dict[str, str],
    dropped: Sequence[str],
    best: int | None,
) -> str:
    records = [record for summary in summaries for record in summary.records]
    lines = [", ".join(f"{name} {value}" for name, value in constants.items())]
    data = next((record.data for record in records if record.data is not None), None)
    if data is not None:
        lines.append(_rows_text(data))
    if best is not None:
        lines.append(
            f"{BEST} lowest validation loss (data loss, without the penalty); test is for show"
        )
    lines.append(_seeds_text(summaries))
    threshold = next((record.sparsity.threshold for record in records if record.sparsity), None)
    if threshold is not None:
        lines.append(
            f"zeros: share of kernel weights; exact = 0.0, near = magnitude below {threshold:g}"
        )
    if dropped:
        lines.append(f"left out for width: {', '.join(dropped)}")
    return "\n".join(line for line in lines if line)


def _rows_text(data: DataSummary) -> str:
    rows = ", ".join(f"{count:,} {part}" for part, count in data.rows.items() if count)
    return f"{data.source}: {rows} rows"


def _seeds_text(summaries: Sequence[SettingSummary]) -> str:
    seeds = max(len(summary.records) for summary in summaries)
    return f"mean ± standard deviation over {seeds} seeds" if seeds > 1 else ""
