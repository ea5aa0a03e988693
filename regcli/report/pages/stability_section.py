"""How stable the choice is: which settings resampled rows would choose, and how all compare."""

import math
from collections.abc import Iterator

import numpy as np

from regcli.report.contents import Column, Note, Row, Table
from regcli.report.figures import loss_text, percent_text, share_text
from regcli.report.pages.page import Block, Section, Sheet
from regcli.report.plots.ranges import Ranged, range_plot
from regcli.report.result_columns import metric_label, score_label
from regcli.report.setting_columns import naming
from regcli.report.verdict_lines import finding_text
from regcli.results.statistics.selection import RESAMPLES
from regcli.results.verdict.judgement import Verdict, is_share
from regcli.results.verdict.setting_roles import roles
from regcli.workflows.stored_evidence import Evidence

MOST_CHOSEN, MOST_COMPARED = 10, 30


def stability_section(evidence: Evidence) -> Section:
    """A plot of what would be chosen again, and a table of the differences to the reference."""
    verdict = evidence.verdict
    blocks = () if verdict is None else tuple(_blocks(verdict))
    return Section("stability", "How stable the choice is", blocks)


def _blocks(verdict: Verdict) -> Iterator[Block]:
    name = naming([setting.settings for setting in verdict.settings])
    selection = verdict.selection
    if selection is not None:
        order = np.argsort(-selection.recurrence, kind="stable")[:MOST_CHOSEN].tolist()
        rows = [
            Ranged(_with_roles(verdict, place, name(verdict.settings[place].settings)), share)
            for place in order
            if (share := float(selection.recurrence[place])) > 0
        ]
        number = share_text if is_share(verdict.ranking) else loss_text
        sign = -1 if verdict.ranking.highest else 1
        what = metric_label(verdict.ranking.key.rpartition(".")[-1])
        notes = [
            f"what is best on {RESAMPLES:,} samples of the validation rows, drawn with replacement",
            f"{what} of the best: {number(sign * selection.apparent)}; corrected for having been "
            f"chosen: {number(sign * selection.corrected)}",
        ]
        chosen = int((selection.recurrence > 0).sum())
        if chosen > len(rows):
            notes.append(f"the {len(rows)} of {chosen:,} settings that are chosen most often")
        title = "How often each setting would be chosen"
        yield range_plot("stability", title, "share of samples", rows, percent_text, notes, True)
    if any(comparison is not None for comparison in verdict.comparisons):
        yield Sheet("Difference to the reference", _comparisons(verdict))


def _with_roles(verdict: Verdict, place: int, name: str) -> str:
    what = roles(verdict.settings[place], verdict)
    return f"{name} ({what})" if what else name


def _comparisons(verdict: Verdict) -> Table:
    name = naming([setting.settings for setting in verdict.settings])
    found = [(place, each) for place, each in enumerate(verdict.comparisons) if each is not None]
    kept = found
    if len(found) > MOST_COMPARED:
        sign = -1 if verdict.score.highest else 1
        first = sorted(found, key=lambda pair: sign * pair[1].difference.estimate.mean)
        kept = sorted(first[:MOST_COMPARED])
    scale = 100 if is_share(verdict.score) else 1

    def number(value: float | None) -> str:
        if value is None or not math.isfinite(value):
            return "–"
        text = f"{scale * value:+.2f}" if scale == 100 else f"{value:+.4g}"
        return text.replace("-", "−")

    unit = " (points)" if scale == 100 else ""
    columns = [
        Column("setting", "setting", justify="left", is_head=True),
        Column("difference", f"{score_label(verdict.score.key)}{unit}", number),
        Column("low", "95%\nfrom", number),
        Column("high", "\nto", number),
        Column("p", "p, by\nHolm", _p_text),
        Column("finding", "finding", justify="left"),
    ]
    rows = []
    for place, each in kept:
        estimate = each.difference.estimate
        title = _with_roles(verdict, place, name(verdict.settings[place].settings))
        text = finding_text(each.finding, verdict)
        rows.append(Row([title, estimate.mean, *estimate.interval(), each.p_value, text]))
    notes = []
    if len(kept) < len(found):
        notes.append(Note(f"the {len(kept)} best of {len(found):,} differences"))
    return Table(columns, rows, notes)


def _p_text(value: float) -> str:
    return "<0.001" if value < 0.001 else f"{value:.3f}"
