"""The table of a path: one row a strength, what is left of the model and how well it does."""

from collections.abc import Mapping, Sequence
from functools import partial

from rich.console import Console
from rich.table import Table

from regcli.output.columns import Column, fit_table
from regcli.output.numbers import COUNT, LOSS, SHARE, spread_text
from regcli.output.results_table import (
    BEST,
    RANKED,
    UNSETTLED,
    UNSETTLED_TEXT,
    is_unsettled,
    rows_text,
    seeds_columns,
    setting_column,
    task_metric,
)
from regcli.output.setting_names import short_names
from regcli.output.setting_values import value_text
from regcli.results.records import RunRecord
from regcli.results.settings import SettingSummary, best_setting, by_setting

Columns = list[Column[SettingSummary]]


def path_table(
    records: Sequence[RunRecord], refitted: Mapping[str, RunRecord], console: Console
) -> Table:
    """A table of a path's points, the seeds gathered, that fits the console.

    Args:
        refitted: by the id of the point that each belongs to.
    """
    summaries = by_setting(records)
    position = best_setting(summaries)
    best = None if position is None else summaries[position]
    columns = [
        *_settings(summaries),
        *seeds_columns(summaries),
        *_left(summaries),
        *_scores(records, best),
    ]
    if refitted:
        columns += _refits(records, refitted)
    fitted = fit_table(
        columns, summaries, console, lambda summary: "bold green" if summary is best else None
    )
    fitted.table.caption = "\n".join(
        [*_constants(summaries), *_caption(records, best, fitted.left_out)]
    )
    return fitted.table


def _settings(summaries: Sequence[SettingSummary]) -> Columns:
    """Columns of the settings that differ."""
    names = list(dict.fromkeys(key for summary in summaries for key in summary.settings))
    titles = short_names(names)
    values = {name: [summary.settings.get(name) for summary in summaries] for name in names}
    return [
        setting_column(name, titles[name], values[name])
        for name in names
        if len({repr(value) for value in values[name]}) > 1
    ]


def _constants(summaries: Sequence[SettingSummary]) -> list[str]:
    """What all points have beside the strength that grows, such as `l2 0.01, group inputs`."""
    titles = short_names(key for summary in summaries for key in summary.settings)
    first = summaries[0].settings
    same = [
        f"{title} {value_text(first[name])}"
        for name, title in titles.items()
        if first.get(name)
        and name != "method"
        and all(summary.settings.get(name) == first[name] for summary in summaries)
    ]
    return [", ".join(same)] if same else []


def _left(summaries: Sequence[SettingSummary]) -> Columns:
    def nonzero(summary: SettingSummary) -> str:
        text = spread_text(summary.spread("sparsity.nonzero"), COUNT)
        return f"{text} {UNSETTLED}" if is_unsettled(summary.records) else text

    def count(key: str) -> Column[SettingSummary]:
        title = key.replace("_", "\n")
        return Column(title, lambda s: spread_text(s.spread(f"sparsity.{key}"), COUNT), 2)

    return [Column("non-zero\nweights", nonzero), count("active_inputs"), count("live_units")]


def _scores(records: Sequence[RunRecord], best: SettingSummary | None) -> Columns:
    metric, title = task_metric(records)

    def ranked(summary: SettingSummary) -> str:
        text = spread_text(summary.spread(RANKED), LOSS)
        return f"{BEST} {text}" if summary is best else text

    def share(part: str, priority: int) -> Column[SettingSummary]:
        def cell(summary: SettingSummary) -> str:
            return spread_text(summary.spread(f"{part}.{metric}"), SHARE)

        return Column(f"{part}\n{title}", cell, priority)

    return [Column("validation\nloss", ranked), share("validation", 0), share("test", 1)]


def _refits(records: Sequence[RunRecord], refitted: Mapping[str, RunRecord]) -> Columns:
    """How well the points do once they are trained without penalty on their support."""
    metric, title = task_metric(records)

    def refit(summary: SettingSummary) -> SettingSummary | None:
        found = [refitted[record.id] for record in summary.records if record.id in refitted]
        return SettingSummary(summary.settings, tuple(found)) if found else None

    def cell(part: str, summary: SettingSummary) -> str:
        again = refit(summary)
        return "" if again is None else spread_text(again.spread(f"{part}.{metric}"), SHARE)

    return [
        Column(f"refit {part}\n{title}", partial(cell, part), priority)
        for part, priority in (("validation", 3), ("test", 4))
    ]


def _caption(
    records: Sequence[RunRecord], best: SettingSummary | None, left_out: Sequence[str]
) -> list[str]:
    data = next((record.data for record in records if record.data is not None), None)
    lines = [] if data is None else [rows_text(data)]
    lines.append("each point starts from the weights of the one above it")
    if best is not None:
        lines.append(f"{BEST} lowest validation loss (data loss, without penalty)")
    if is_unsettled(records):
        lines.append(UNSETTLED_TEXT)
    if left_out:
        lines.append(f"left out for width: {', '.join(left_out)}")
    return lines
