"""Two sweeps side by side, and runs beside the first of them: differences with their intervals."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from regcli.report.contents import Column, Note, Report, Row, Table, View, as_text, data_table
from regcli.report.counts import counted
from regcli.report.figures import figure
from regcli.report.result_columns import metric_label, metric_style
from regcli.report.setting_columns import constants_notes, split_settings
from regcli.report.setting_names import short_names
from regcli.results.records import SCHEMA_VERSION
from regcli.results.settings import Ranking
from regcli.results.statistics.equivalence import Finding
from regcli.results.verdict.judgement import is_share
from regcli.results.verdict.matching import Match, Matches

Named = tuple[str, str]
"""What the two sides are called, the first and the second."""
_POINT = 100
"""Points in a share."""


def matches_view(matches: Matches, names: Named) -> View:
    """A row for each setting that two sweeps share."""
    return View(
        report=partial(_report, matches, names),
        rows=partial(_data_rows, matches),
        document=partial(_document, matches, names),
    )


def _report(matches: Matches, names: Named) -> Report:
    settings, same = split_settings([match.settings for match in matches.found])
    keys = [column.key for column in settings]
    columns = [*settings, *score_columns(matches.score, names)]
    rows = [
        Row([*(match.settings.get(key) for key in keys), *score_cells(match, matches.score)])
        for match in matches.found
    ]
    notes = constants_notes(same, short_names(same)) if len(matches.found) > 1 else []
    notes += [Note(text) for text in _notes(matches, names)]
    return Report((Table(columns, rows, notes),), "comparison")


def score_columns(score: Ranking, names: Named) -> list[Column]:
    """The columns of a score's two means, of their difference, and of what that says."""
    name = score.key.rpartition(".")[-1]
    unit = "pt" if is_share(score) else metric_label(name)
    number = partial(figure, style=metric_style(name))
    return [
        Column("first", f"{names[0]}\n{metric_label(name)}", number),
        Column("second", f"{names[1]}\n{metric_label(name)}", number),
        Column("difference", f"difference\n{unit}", _signed(score)),
        Column("interval", "95%\ninterval", partial(_interval_text, _signed(score))),
        Column("finding", f"{names[1]}\nis", as_text, justify="left"),
    ]


def score_cells(match: Match, score: Ranking) -> list[Any]:
    """A match's values for `score_columns`."""
    sample = match.difference
    difference = None
    if sample is not None:
        difference = sample.estimate.mean
    elif match.first is not None and match.second is not None:
        difference = match.second - match.first
    interval = None if sample is None else sample.estimate.interval()
    return [match.first, match.second, difference, interval, match.finding]


def _signed(score: Ranking) -> Callable[[float | None], str]:
    scale = _POINT if is_share(score) else 1

    def text(value: float | None) -> str:
        if value is None:
            return "–"
        shown = f"{scale * value:+.2f}" if is_share(score) else f"{value:+.4g}"
        return shown.replace("-", "−")

    return text


def _interval_text(
    number: Callable[[float | None], str], interval: tuple[float, float] | None
) -> str:
    return "–" if interval is None else " to ".join(map(number, interval))


def _notes(matches: Matches, names: Named) -> Iterator[str]:
    found = [match.difference for match in matches.found if match.difference is not None]
    if found:
        few = min(found, key=lambda sample: sample.seeds)
        yield f"differences: second − first, by the same rows and {counted(few.seeds, 'seed')}"
    if any(match.finding is Finding.SAME for match in matches.found):
        yield margin_text(matches)
    yield from _margins(matches, names)
    yield from unpaired_texts(matches)
    for count, name in ((matches.only_first, names[0]), (matches.only_second, names[1])):
        if count:
            yield f"left out: {counted(count, 'setting')} of {name} alone"


def _margins(matches: Matches, names: Named) -> Iterator[str]:
    """Whose margin is used, where the other side has another."""
    if matches.second_margin is not None and matches.second_margin != matches.margin:
        used, other = (_width(matches, own) for own in (matches.margin, matches.second_margin))
        yield f"margin: {used}, that of {names[0]}; that of {names[1]} is {other}"


def margin_text(matches: Matches) -> str:
    """What "practically the same" means."""
    return f"practically the same: the interval is within {_width(matches, matches.margin)}"


def _width(matches: Matches, margin: float) -> str:
    unit = "pt" if is_share(matches.score) else "% of the first"
    return f"±{_POINT * margin:g} {unit}"


def unpaired_texts(matches: Matches) -> Iterator[str]:
    """Why differences have no interval, each reason once."""
    for reason in dict.fromkeys(match.unpaired for match in matches.found if match.unpaired):
        yield f"not paired, so without an interval: {reason}"


def _data_rows(matches: Matches) -> Table:
    keys = list(matches.found[0].settings) if matches.found else []
    heads = ["first", "second", "difference", "low", "high", "finding", "unpaired"]
    rows = []
    for match in matches.found:
        entry = match_entry(match)
        rows.append([*(match.settings.get(key) for key in keys), *(entry[key] for key in heads)])
    return data_table([*keys, *heads], rows)


def _document(matches: Matches, names: Named) -> dict[str, Any]:
    return {
        "schema_version": SCHEMA_VERSION,
        "comparison": {
            "first": names[0],
            "second": names[1],
            "score": matches.score.key,
            "margin": matches.margin,
            "second_margin": matches.second_margin,
            "settings": [
                {"settings": dict(match.settings), **match_entry(match)} for match in matches.found
            ],
            "only_first": matches.only_first,
            "only_second": matches.only_second,
        },
    }


def match_entry(match: Match) -> Mapping[str, Any]:
    """A match's numbers as documents have them."""
    first, second, difference, interval, _ = score_cells(match, Ranking("", highest=True))
    low, high = (None, None) if interval is None else interval
    return {
        "first": first,
        "second": second,
        "difference": difference,
        "low": low,
        "high": high,
        "finding": None if match.finding is None else match.finding.value,
        "unpaired": match.unpaired or None,
    }
