"""The table of settings, with the chosen one and the reference marked."""

from collections.abc import Sequence
from dataclasses import replace

from regcli.report.caution_words import baseline_notes
from regcli.report.column_choice import EVERYTHING
from regcli.report.contents import Column, Note, Row, Table
from regcli.report.pages.page import Section, Sheet
from regcli.report.path_points import Refitted, path_report
from regcli.report.sweep_results import settings_table
from regcli.results.settings import SettingSummary
from regcli.results.verdict.judgement import Verdict
from regcli.results.verdict.setting_roles import places_by_role, roles
from regcli.workflows.stored_evidence import Evidence

MOST_SHOWN = 100
"""Settings that the table shows; of more, those that rank first."""
_ROLE = "role"


def settings_section(evidence: Evidence) -> Section:
    """A row a setting; test scores are those that the verdict names, or of one setting alone.

    Whoever looks at those of several settings chooses by them.
    """
    table = roles_table(evidence.settings, evidence.verdict, evidence.along, evidence.refits)
    if evidence.left_out:
        text = f"left out: {evidence.left_out:,} points of the path that not every fold reached"
        table = replace(table, notes=[*table.notes, Note(text)])
    return Section("settings", "Settings", (Sheet("", table, is_sortable=True),))


def roles_table(
    settings: Sequence[SettingSummary], verdict: Verdict | None, along: str, refits: Refitted
) -> Table:
    """The table of a sweep or a path, with what each setting is in the verdict.

    Of very many settings those that rank first are shown, in their order.
    """
    shown = _shown(settings, verdict)
    tested = None if len(shown) == 1 else _tested(verdict)
    notes = [] if verdict is None else baseline_notes(verdict)
    if along and verdict is not None and len(shown) == len(settings):
        records = [run for setting in settings for run in setting.records]
        table = path_report(records, refits, EVERYTHING, verdict).tables[0]
    else:
        table = settings_table(shown, EVERYTHING, tested=tested, notes=notes)
    if len(shown) < len(settings):
        text = f"the {len(shown)} settings that rank first, of {len(settings):,}; "
        text += "'regcli runs export -o runs.csv' writes all of them"
        table = replace(table, notes=[Note(text), *table.notes])
    return _with_roles(table, shown, verdict)


def _tested(verdict: Verdict | None) -> list[SettingSummary]:
    return [] if verdict is None else [verdict.settings[place] for place in verdict.tests]


def _shown(settings: Sequence[SettingSummary], verdict: Verdict | None) -> Sequence[SettingSummary]:
    if len(settings) <= MOST_SHOWN:
        return settings
    if verdict is None:
        return settings[:MOST_SHOWN]
    sign = -1 if verdict.ranking.highest else 1
    first = list(dict.fromkeys(places_by_role(verdict).values()))
    means = [setting.mean(verdict.ranking.key) for setting in settings]
    others = [place for place, mean in enumerate(means) if mean is not None and place not in first]
    others.sort(key=lambda place: sign * (means[place] or 0.0))
    kept = sorted([*first, *others][:MOST_SHOWN], key=lambda n: sign * (means[n] or 0.0))
    return [settings[place] for place in kept]


def _with_roles(table: Table, shown: Sequence[SettingSummary], verdict: Verdict | None) -> Table:
    column = Column(_ROLE, "", justify="left")
    rows = [
        Row([roles(setting, verdict), *row.values], row.tone, row.marks)
        for setting, row in zip(shown, table.rows, strict=True)
    ]
    return replace(table, columns=[column, *table.columns], rows=rows, instead=None)
