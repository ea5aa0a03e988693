"""The verdict and its warnings: what a page begins with."""

from collections.abc import Iterator

from regcli.report.caution_words import caution_text
from regcli.report.pages.page import Block, Section, Sheet, Text, Urgency
from regcli.report.verdict_lines import lines_table, verdict_table
from regcli.results.records import RunState
from regcli.results.verdict.cautions import cautions
from regcli.workflows.stored_evidence import Evidence


def verdict_section(evidence: Evidence) -> Section:
    """Which setting to use, or why nothing says so, and all warnings."""
    return Section("verdict", "Verdict", tuple(_blocks(evidence)))


def _blocks(evidence: Evidence) -> Iterator[Block]:
    verdict = evidence.verdict
    if verdict is None:
        yield Text([_why_none(evidence)])
    else:
        # All warnings stand below, not the first alone.
        lines = [row.values for row in verdict_table(verdict).rows if row.values[0] != "warning"]
        yield Sheet("", lines_table([(str(label), str(text)) for label, text in lines]))
    warnings = [] if verdict is None else [caution_text(c, verdict) for c in cautions(verdict)]
    ended = [run for run in evidence.records if run.state is not RunState.FINISHED]
    if ended:
        which = f"{len(ended):,} of {len(evidence.records):,} runs did not finish"
        warnings.append(f"{which}; the first: {ended[0].state.value}, {ended[0].message}")
    if warnings:
        yield Text(warnings, Urgency.WARNING)


def _why_none(evidence: Evidence) -> str:
    if len(evidence.settings) < 2:
        return "One setting: there is nothing to choose from."
    return (
        "No verdict: the settings cannot be ranked. They have no result in common, or were "
        "validated on different rows."
    )
