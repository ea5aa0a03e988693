"""The star of the setting that ranks first, and what a note says of it."""

from collections.abc import Mapping, Sequence

from regcli.report.cells import STAR
from regcli.report.contents import NO_MARKS, Mark, Note, NoteKind, Tone
from regcli.report.result_columns import metric_label
from regcli.results.records import RunRecord, RunState
from regcli.results.settings import (
    BY_LOSS,
    Ranking,
    SettingSummary,
    best_setting,
    choose_ranking,
    target_scale,
    validation_rows_differ,
)
from regcli.results.shown_metrics import asked_ranking


class Ranked:
    """The best of some settings, and by what; both may be missing."""

    def __init__(self, summaries: Sequence[SettingSummary]) -> None:
        position = best_setting(summaries)
        self.best: SettingSummary | None = None if position is None else summaries[position]
        self.ranking: Ranking | None = choose_ranking(summaries)
        self.is_choice = len(summaries) > 1
        self.rows_differ = validation_rows_differ(summaries)
        records = [record for summary in summaries for record in summary.records]
        self.is_asked = asked_ranking(records) not in {None, BY_LOSS.key}

    def marks(self, summary: SettingSummary, keys: Sequence[str]) -> Mapping[str, Mark]:
        """The star of the best setting: on the result that ranks, else on the first column."""
        if summary is not self.best or self.ranking is None:
            return NO_MARKS
        return {self.ranking.key if self.ranking.key in keys else keys[0]: Mark.BEST}

    def tone(self, summary: SettingSummary) -> Tone:
        """Whether a row is the best, or has a run that did not finish."""
        if summary is self.best:
            return Tone.BEST
        finished = all(record.state is RunState.FINISHED for record in summary.records)
        return Tone.PLAIN if finished else Tone.FAILED

    def notes(self, addition: str = "") -> list[Note]:
        """What the star means, or why there is none.

        Args:
            addition: text to add where it ranks as usual, or as requested.
        """
        if self.ranking is None:
            differ = "validation rows" if self.rows_differ else "losses"
            text = f"No best setting: runs use different {differ}."
        elif self.best is None:
            if not (self.is_asked and self.is_choice):
                return []
            text = f"No best setting: no run has {self.ranking.key}."
        elif self.ranking == BY_LOSS:
            text = f"{STAR} lowest validation loss (data loss, without penalty){addition}"
        else:
            which = "highest" if self.ranking.highest else "lowest"
            part, _, metric = self.ranking.key.partition(".")
            ending = addition if self.is_asked else ": runs use different losses"
            text = f"{STAR} {which} {part} {metric_label(metric)}{ending}"
        return [Note(text, NoteKind.RANKING)]


def loss_notes(summaries: Sequence[SettingSummary]) -> list[Note]:
    """What the losses are of: which hold weights, and how the target is scaled where it is."""
    records = [record for summary in summaries for record in summary.records]
    return [Note(text) for text in (_weights_text(records), _target_text(records)) if text]


def _weights_text(records: Sequence[RunRecord]) -> str:
    """Which of the numbers hold weights of classes or rows, where a run has any."""
    owners = {"class weights": ("training", "class_weight"), "row weights": ("dataset", "weights")}
    found = [
        owner
        for owner, (section, key) in owners.items()
        if any(record.config.get(section, {}).get(key) is not None for record in records)
    ]
    if not found:
        return ""
    return f"The objective includes {' and '.join(found)}; the losses shown do not."


def _target_text(records: Sequence[RunRecord]) -> str:
    """On which scale losses are, where it is not the target's own."""
    scales = {target_scale(record) for record in records}
    if scales == {(False, "none")}:
        return ""
    if len(scales) > 1:
        what = "the target as each setting scales it"
    else:
        ((is_log, scale),) = scales
        what = "the logarithm of the target" if is_log else "the target"
        what += "" if scale == "none" else ", scaled"
    return f"Losses are those of {what}; metrics are in its own unit."
