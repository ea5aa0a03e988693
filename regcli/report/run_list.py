"""Lists of stored runs, and of stored sweeps."""

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import Any

from regcli.one_line import shortened
from regcli.report.contents import (
    ALWAYS,
    FIRST,
    Column,
    Format,
    Note,
    NoteKind,
    Report,
    Row,
    Shown,
    Table,
    Tone,
    View,
    data_table,
)
from regcli.report.figures import LOSS, NOTHING, figure, percent_text, seconds_text
from regcli.report.result_columns import column_of, metric_label, metric_style
from regcli.report.setting_columns import setting_column
from regcli.report.setting_values import digits_for, value_text
from regcli.results.records import IDENTITY_VERSION, SCHEMA_VERSION, RunState
from regcli.store.store_lists import Listed
from regcli.store.store_rows import RunSummary
from regcli.store.store_sweeps import SweepSummary

_LATER = ("data", "model", "score", "score_name", "identity")
FIELDS = (*(name for name in RunSummary.__dataclass_fields__ if name not in _LATER), *_LATER)
"""Keys of a run in lists for other programs; keys that were added later come last."""
_SWEEP_FIELDS = tuple(name for name in SweepSummary.__dataclass_fields__)
_SHORT_TEXT = 22
"""Characters of a name, of data and of a model where the width is short."""


def run_list_view(runs: Sequence[Listed], columns: Sequence[str] | None = None) -> View:
    """Stored runs, a row each.

    Args:
        columns: the keys of the values shown for each run; None for the usual columns of a list.
    """
    summaries = [run for run, _ in runs]
    if columns is None:
        report = partial(_list_report, summaries)
        rows = partial(_rows, FIELDS, summaries)
    else:
        report = partial(_chosen_report, runs, columns)
        rows = partial(data_table, columns, [values for _, values in runs])
    return View(report, rows, partial(_document, "runs", FIELDS, summaries))


def sweep_list_view(sweeps: Sequence[SweepSummary]) -> View:
    """Stored sweeps, a row each."""
    return View(
        report=partial(_sweeps_report, sweeps),
        rows=partial(_rows, _SWEEP_FIELDS, sweeps),
        document=partial(_document, "sweeps", _SWEEP_FIELDS, sweeps),
    )


def _document(
    what: str, fields: Sequence[str], items: Sequence[RunSummary] | Sequence[SweepSummary]
) -> dict[str, Any]:
    entries = [{name: getattr(item, name) for name in fields} for item in items]
    return {"schema_version": SCHEMA_VERSION, what: entries}


def _rows(fields: Sequence[str], items: Sequence[RunSummary] | Sequence[SweepSummary]) -> Table:
    return data_table(fields, [[getattr(item, name) for name in fields] for item in items])


def _list_report(runs: Sequence[RunSummary]) -> Report:
    """What each run was, and how it came out; states are shown where one has not finished."""
    strengths = [
        Column(name, name, _strength(getattr(run, name) for run in runs)) for name in ("l1", "l2")
    ]
    are_told = any(run.state is not RunState.FINISHED for run in runs)
    columns = [
        Column("id", "run", justify="left"),
        _text_column("name", "name", FIRST),
        _text_column("data", "data", 1),
        _text_column("model", "model", 6),
        *([Column("state", "state", justify="left")] if are_told else []),
        *strengths,
        Column("refit_of", "refit of", _short_id, 3, justify="left"),
        Column("seed", "seed", _whole, 5),
        Column("fold", "fold", _whole, 5),
        Column("data_loss", "val loss", partial(figure, style=LOSS)),
        Column("score", "score", _score, short_format=partial(_score, is_short=True)),
        Column("exact_sparsity", "zeros", percent_text, 2),
        Column("seconds", "time", lambda seconds: seconds_text(seconds or 0.0), 9),
    ]
    rows = [Row([_value(run, column.key) for column in columns], _tone(run)) for run in runs]
    return Report((Table(columns, rows, list(_notes(runs))),), "runs")


def _notes(runs: Sequence[RunSummary]) -> Iterator[Note]:
    older = sum(run.identity != IDENTITY_VERSION for run in runs)
    if older:
        have = "1 run has an id" if older == 1 else f"{older:,} runs have ids"
        text = f"{have} of an earlier version: running the sweep again trains them again"
        yield Note(text, NoteKind.WARNING)


def _value(run: RunSummary, key: str) -> Any:
    value = getattr(run, key)
    if key == "score":
        return None if value is None else (value, run.score_name)
    # The zeros of a refitted run come from elsewhere than from its strengths.
    return None if key in {"l1", "l2"} and run.refit_of and not value else value


def _chosen_report(runs: Sequence[Listed], keys: Sequence[str]) -> Report:
    """The requested columns, none of which is left out."""

    def setting(key: str, place: int) -> Column:
        return setting_column(key, key, [values[place] for _, values in runs])

    columns = [column_of(key, partial(setting, place=place)) for place, key in enumerate(keys)]
    rows = [Row(values, _tone(run)) for run, values in runs]
    return Report((Table(columns, rows),), "runs")


def _tone(run: RunSummary) -> Tone:
    return Tone.PLAIN if run.state is RunState.FINISHED else Tone.FAILED


def _sweeps_report(sweeps: Sequence[SweepSummary]) -> Report:
    columns = [
        Column("id", "sweep", justify="left"),
        _text_column("name", "name"),
        _text_column("data", "data", 5),
        Column("runs", "runs", lambda count: f"{count:,}"),
        Column("data_loss", "lowest\nval loss", partial(figure, style=LOSS), 1),
        Column("engine", "engine", priority=4, justify="left"),
        Column("seconds", "time", seconds_text, 2),
        Column("created", "ended (UTC)", _minute, 3, justify="left"),
    ]
    rows = [Row([getattr(sweep, column.key) for column in columns]) for sweep in sweeps]
    return Report((Table(columns, rows),), "sweeps")


def _text_column(key: str, label: str, priority: int = ALWAYS) -> Column:
    def short(text: str | None) -> str:
        return shortened(text or "", _SHORT_TEXT)

    return Column(key, label, priority=priority, justify="left", short_format=short)


def _strength(values: Iterable[float | None]) -> Format:
    digits = digits_for(values)

    def text(value: float | None) -> Shown:
        return NOTHING if value is None else value_text(value, digits)

    return text


def _short_id(identity: str | None) -> str:
    return (identity or "")[:8]


def _whole(number: int | None) -> str:
    return NOTHING if number is None else str(number)


def _score(given: tuple[float, str] | None, is_short: bool = False) -> Shown:
    """A score with its name, because a list can hold runs of several tasks."""
    if given is None:
        return NOTHING
    value, name = given
    return f"{metric_label(name, is_short)} {figure(value, metric_style(name))}"


def _minute(moment: str) -> str:
    """A moment in UTC: `2026-01-31 23:59`."""
    return moment[:16].replace("T", " ")
