"""The table of a path: one row a strength, what is left of the model and how well it does."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from rich.console import Console
from rich.table import Table

from regcli.report.columns import Column, Fitted, fit_table
from regcli.report.convergence import has_marks, is_polished, marked, unconverged_note
from regcli.report.numbers import COUNT, LOSS, SHARE, NumberStyle, mean_text, spread_text
from regcli.report.ranking import Ranked, class_weights_note
from regcli.report.results_table import (
    rows_lines,
    seeds_columns,
    setting_column,
    task_metric,
)
from regcli.report.setting_names import short_names
from regcli.report.setting_values import value_text
from regcli.results.records import RunRecord
from regcli.results.settings import SettingSummary, Spread, by_setting

Columns = list[Column[SettingSummary]]
Text = Callable[[Spread | None, NumberStyle], str]
"""How a mean is written: with its deviation, or without where the width is short."""

_REFITS_NOTE = (
    "refit: not polished; training ends after its epochs, which may be too few to undo the "
    "shrinking"
)


def path_table(
    records: Sequence[RunRecord], refitted: Mapping[str, RunRecord], console: Console
) -> Table:
    """A table of a path's points, the seeds gathered, that fits the console.

    Args:
        refitted: by the id of the point that each belongs to.
    """
    summaries = by_setting(records)
    ranked = Ranked(summaries)
    columns = [
        *_settings(summaries),
        *seeds_columns(summaries),
        *_left(summaries),
        *_scores(records, ranked),
    ]
    if refitted:
        columns += _refits(records, refitted)
    fitted = fit_table(
        columns,
        summaries,
        console,
        lambda summary: "bold green" if summary is ranked.best else None,
    )
    notes = [] if all(map(is_polished, refitted.values())) else [_REFITS_NOTE]
    lines = [*_constants(summaries), *_caption(summaries, ranked, notes, fitted)]
    fitted.table.caption = "\n".join(lines)
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
    marks = has_marks(summaries)

    def nonzero(text: Text, summary: SettingSummary) -> str:
        return marked(text(summary.spread("sparsity.nonzero"), COUNT), summary, marks)

    return [
        _column("non-zero\nweights", "non-\nzero", nonzero),
        _column("active\ninputs", None, partial(_number, "sparsity.active_inputs", COUNT), 3),
        _column("live\nunits", None, partial(_number, "sparsity.live_units", COUNT), 4),
    ]


def _scores(records: Sequence[RunRecord], ranked: Ranked) -> Columns:
    metric, (title, short) = _titles(records)

    def score(key: str, style: NumberStyle) -> Callable[[Text, SettingSummary], str]:
        def cell(text: Text, summary: SettingSummary) -> str:
            return ranked.starred(key, partial(_number, key, style, text))(summary)

        return cell

    loss, share = score("validation.data_loss", LOSS), score(f"validation.{metric}", SHARE)
    return [
        _column("validation\nloss", "val\nloss", loss),
        _column(f"validation\n{title}", f"val\n{short}", share, 1),
        _column(f"test\n{title}", f"test\n{short}", score(f"test.{metric}", SHARE), 2),
    ]


def _refits(records: Sequence[RunRecord], refitted: Mapping[str, RunRecord]) -> Columns:
    """How well the points do once they are trained without penalty on their support."""
    metric, (title, _) = _titles(records)

    def refit(summary: SettingSummary) -> SettingSummary | None:
        found = [refitted[record.id] for record in summary.records if record.id in refitted]
        return SettingSummary(summary.settings, tuple(found)) if found else None

    def cell(part: str, text: Text, summary: SettingSummary) -> str:
        again = refit(summary)
        return "" if again is None else _number(f"{part}.{metric}", SHARE, text, again)

    return [
        _column(f"refit {part}\n{title}", f"refit\n{name}", partial(cell, part), priority)
        for part, name, priority in (("validation", "val", 6), ("test", "test", 5))
    ]


def _column(
    header: str, narrow: str | None, cell: Callable[[Text, SettingSummary], str], priority: int = 0
) -> Column[SettingSummary]:
    """A column of numbers, without their deviations where the width is short."""
    whole, short = partial(cell, spread_text), partial(cell, mean_text)
    return Column(header, whole, priority, narrow_cell=short, narrow_header=narrow)


def _number(key: str, style: NumberStyle, text: Text, summary: SettingSummary) -> str:
    return text(summary.spread(key), style)


def _titles(records: Sequence[RunRecord]) -> tuple[str, tuple[str, str]]:
    """The task's main metric, its title, and that where the width is short."""
    metric, title = task_metric(records)
    return metric, (title, "acc." if metric == "accuracy" else title)


def _caption(
    summaries: Sequence[SettingSummary], ranked: Ranked, notes: Sequence[str], fitted: Fitted
) -> list[str]:
    records = [record for summary in summaries for record in summary.records]
    lines = rows_lines(records)
    lines.append("each point starts from the weights of the one above it")
    lines += ranked.note(task_metric(records)[1])
    lines += class_weights_note(summaries)
    lines += [*unconverged_note(summaries), *notes]
    seeds = len({record.settings.get("seed") for record in records})
    left_out = ["deviations over seeds"] if fitted.is_narrow and seeds > 1 else []
    if left_out := [*left_out, *fitted.left_out]:
        lines.append(f"left out for width: {', '.join(left_out)}")
    return lines
