"""The verdict and its warnings: what a page begins with."""

from collections.abc import Iterator, Sequence

from regcli.report.caution_words import caution_text
from regcli.report.pages.page import Section, Sheet, Text, Urgency
from regcli.report.verdict_lines import lines_table, verdict_table
from regcli.results.records import RunState
from regcli.results.settings import SettingSummary
from regcli.results.verdict.cautions import cautions
from regcli.results.verdict.judgement import Verdict
from regcli.workflows.stored_evidence import Evidence


def verdict_section(evidence: Evidence) -> Section:
    """Which setting to use, or why nothing says so, and all warnings."""
    blocks = verdict_blocks(evidence.verdict, evidence.settings)
    return Section("verdict", "Verdict", tuple(blocks))


def verdict_blocks(
    verdict: Verdict | None, settings: Sequence[SettingSummary]
) -> Iterator[Text | Sheet]:
    """The lines of a verdict, or why there is none, then all warnings."""
    if verdict is None:
        yield Text([_why_none(settings)])
    else:
        # All warnings stand below, not the first alone.
        lines = [row.values for row in verdict_table(verdict).rows if row.values[0] != "warning"]
        yield Sheet("", lines_table([(str(label), str(text)) for label, text in lines]))
    warnings = [] if verdict is None else [caution_text(c, verdict) for c in cautions(verdict)]
    records = [run for setting in settings for run in setting.records]
    ended = [run for run in records if run.state is not RunState.FINISHED]
    if ended:
        which = f"{len(ended):,} of {len(records):,} runs did not finish"
        warnings.append(f"{which}; the first: {ended[0].state.value}, {ended[0].message}")
    if warnings:
        yield Text(warnings, Urgency.WARNING)


def _why_none(settings: Sequence[SettingSummary]) -> str:
    if len(settings) < 2:
        return "One setting: there is nothing to choose from."
    return (
        "No verdict: the settings cannot be ranked. They have no result in common, or were "
        "validated on different rows."
    )
