"""The star of the setting that ranks first, and what a note says of it."""

from collections.abc import Mapping, Sequence

from regcli.report.cells import STAR
from regcli.report.contents import NO_MARKS, Mark, Note, NoteKind, Tone
from regcli.report.result_columns import metric_label
from regcli.results.records import RunState
from regcli.results.settings import (
    BY_LOSS,
    Ranking,
    SettingSummary,
    best_setting,
    choose_ranking,
    validation_rows_differ,
)
from regcli.results.shown_metrics import asked_ranking


class Ranked:
    """The best of some settings, and by what; both may be missing."""

    def __init__(self, summaries: Sequence[SettingSummary]) -> None:
        position = best_setting(summaries)
        self.best: SettingSummary | None = None if position is None else summaries[position]
        self.ranking: Ranking | None = choose_ranking(summaries)
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
            if not self.is_asked:
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


def class_weights_notes(summaries: Sequence[SettingSummary]) -> list[Note]:
    """Which of the numbers hold class weights, where a run has any."""
    trained = (r.config.get("training", {}) for summary in summaries for r in summary.records)
    if all(training.get("class_weight") is None for training in trained):
        return []
    return [Note("The objective includes class weights; the losses shown do not.")]
