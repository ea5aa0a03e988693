"""Runs as rows for other programs: every key at full precision, a row a run or a row a setting."""

from collections.abc import Iterator, Sequence
from typing import Any

from regcli.config.result_keys import KEYS
from regcli.report.column_choice import EVERYTHING, Choice, in_order
from regcli.report.contents import Table, data_table
from regcli.report.run_values import RESULTS, summary_value, value_of
from regcli.results.conditions import read_number
from regcli.results.records import RunRecord
from regcli.results.settings import SettingSummary, by_setting

COUNT = "runs"
"""How many runs share a row."""


def run_rows(records: Sequence[RunRecord], choice: Choice = EVERYTHING) -> Table:
    """A row a run, or a row a setting where they are to be aggregated."""
    if choice.aggregate:
        return _setting_rows(by_data(records), choice)
    keys = choice.columns or _keys(records)
    ordered = in_order(records, choice.sort, value_of)
    return data_table(keys, [[value_of(record, key) for key in keys] for record in ordered])


def by_data(records: Sequence[RunRecord]) -> list[SettingSummary]:
    """Runs grouped by setting; those of other configs and other data are separate groups."""
    groups: dict[object, list[RunRecord]] = {}
    for record in records:
        groups.setdefault((record.name, record.data and record.data.fingerprint), []).append(record)
    return [summary for group in groups.values() for summary in by_setting(group)]


def _keys(records: Sequence[RunRecord]) -> list[str]:
    """Every setting and result; results that no run has are left out, and so is `refit_of`."""
    settings = list(dict.fromkeys(key for record in records for key in record.settings))
    links = ["refit_of"] if any(record.refit_of for record in records) else []
    return ["id", "name", "state", *links, *settings, *_measured(records)]


def _measured(records: Sequence[RunRecord]) -> list[str]:
    """The results that some run has."""
    return [key for key in KEYS if any(read_number(record, key) is not None for record in records)]


def _setting_rows(summaries: Sequence[SettingSummary], choice: Choice) -> Table:
    """A row a setting: of each result the mean and the standard deviation over its runs."""
    records = [record for summary in summaries for record in summary.records]
    settings = dict.fromkeys(key for summary in summaries for key in summary.settings)
    keys = choice.columns or ["name", *settings, *_measured(records)]
    ordered = in_order(summaries, choice.sort, summary_value)
    rows = [[*_cells(summary, keys), len(summary.records)] for summary in ordered]
    heads = [head for key in keys for head in _heads(key)]
    return data_table([*heads, COUNT], rows)


def _heads(key: str) -> tuple[str, ...]:
    return (f"{key}.mean", f"{key}.sd") if key in RESULTS else (key,)


def _cells(summary: SettingSummary, keys: Sequence[str]) -> Iterator[Any]:
    for key in keys:
        if key in RESULTS:
            spread = summary.spread(key)
            yield from (None, None) if spread is None else (spread.mean, spread.deviation)
        else:
            value = summary_value(summary, key)
            yield " ".join(map(str, value)) if isinstance(value, tuple) else value


def aggregated_entries(records: Sequence[RunRecord]) -> list[dict[str, Any]]:
    """What a document says of each setting: its runs, and mean and deviation of each result."""
    measured = _measured(records)
    return [
        {
            "settings": dict(summary.settings),
            "runs": [record.id for record in summary.records],
            "results": {
                key: {"mean": spread.mean, "sd": spread.deviation}
                for key in measured
                if (spread := summary.spread(key)) is not None
            },
        }
        for summary in by_data(records)
    ]
