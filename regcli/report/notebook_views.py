"""Sweeps, verdicts and runs as a notebook shows them: parts of a page, with styles of their own."""

from collections.abc import Sequence

from regcli.report.pages.page import Sheet, Text
from regcli.report.pages.settings_section import roles_table
from regcli.report.pages.verdict_section import verdict_blocks
from regcli.report.path_points import Refitted
from regcli.report.run_view import run_report
from regcli.report.writers.html import fragment
from regcli.results.records import RunRecord
from regcli.results.settings import SettingSummary
from regcli.results.verdict.judgement import Verdict


def sweep_html(
    title: str,
    settings: Sequence[SettingSummary],
    verdict: Verdict | None,
    along: str,
    refits: Refitted,
    notes: Sequence[str],
) -> str:
    """The verdict with all its warnings, then the table of settings.

    Args:
        along: the strength that varies along a path; empty for a grid.
        refits: runs that were trained again from those of a path, by that one's id.
        notes: what is to be known of the data.
    """
    blocks: list[Text | Sheet] = [*verdict_blocks(verdict, settings)]
    blocks.append(Sheet("", roles_table(settings, verdict, along, refits)))
    blocks += [Text(notes)] if notes else []
    return fragment(title, blocks)


def verdict_html(verdict: Verdict) -> str:
    """The lines of a verdict with all its warnings."""
    return fragment("Verdict", list(verdict_blocks(verdict, verdict.settings)))


def run_html(title: str, run: RunRecord) -> str:
    """The tables of a run."""
    return fragment(title, [Sheet("", table) for table in run_report(run).tables])
