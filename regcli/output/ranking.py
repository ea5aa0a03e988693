"""The star of the setting that ranks first, and what a note says of it."""

from collections.abc import Callable, Sequence

from regcli.results.asked import asked_ranking
from regcli.results.settings import (
    BY_LOSS,
    Ranking,
    SettingSummary,
    best_setting,
    choose_ranking,
    validation_rows_differ,
)

STAR = "★"


class Ranked:
    """The best of some settings, and by what; both may be missing."""

    def __init__(self, summaries: Sequence[SettingSummary]) -> None:
        position = best_setting(summaries)
        self.best: SettingSummary | None = None if position is None else summaries[position]
        self.ranking: Ranking | None = choose_ranking(summaries)
        self.rows_differ = validation_rows_differ(summaries)
        records = [record for summary in summaries for record in summary.records]
        self.is_asked = asked_ranking(records) not in {None, BY_LOSS.key}

    def starred(
        self, key: str, cell: Callable[[SettingSummary], str]
    ) -> Callable[[SettingSummary], str]:
        """The cells of a result, with the star on the best one if this result ranks."""
        if self.ranking is None or self.ranking.key != key:
            return cell
        return lambda summary: f"{STAR} {cell(summary)}" if summary is self.best else cell(summary)

    def note(self, score: str, addition: str = "") -> list[str]:
        """What the star means, or why there is none.

        Args:
            score: what the task's score is called.
            addition: what else to say where losses compare.
        """
        if self.ranking is None:
            differ = "validation rows" if self.rows_differ else "losses"
            return [f"No best setting: runs use different {differ}."]
        key = self.ranking.key
        if self.best is None:
            return [f"No best setting: no run has {key}."] if self.is_asked else []
        if self.ranking == BY_LOSS:
            return [f"{STAR} lowest validation loss (data loss, without penalty){addition}"]
        if self.is_asked:
            which = "highest" if self.ranking.highest else "lowest"
            return [f"{STAR} {which} {key.replace('.', ' ')}{addition}"]
        return [f"{STAR} highest validation {score}: runs use different losses"]


def class_weights_note(summaries: Sequence[SettingSummary]) -> list[str]:
    """Which of the numbers hold class weights, where a run has any."""
    trained = (r.config.get("training", {}) for summary in summaries for r in summary.records)
    if all(training.get("class_weight") is None for training in trained):
        return []
    return ["The objective includes class weights; the losses shown do not."]
