"""Marks of settings whose runs have not settled on which weights are zero, and the note on them."""

from collections.abc import Sequence

from regcli.results.records import Optimality, RunRecord
from regcli.results.settings import SettingSummary

MARK = "~"


def has_marks(summaries: Sequence[SettingSummary]) -> bool:
    """Whether some settings have settled and others have not, so that a mark tells them apart.

    Runs without a proximal step have nothing to settle.
    """
    measured = [summary for summary in summaries if _optimalities(summary.records)]
    return len({_is_unsettled(summary) for summary in measured}) > 1


def marked(text: str, summary: SettingSummary, marks: bool) -> str:
    """A setting's zeros, with the mark behind them if there are marks and it has not settled."""
    return f"{text} {MARK}" if marks and _is_unsettled(summary) else text


def unsettled_note(summaries: Sequence[SettingSummary]) -> list[str]:
    """What the mark means; where all rows would have it, that no run has settled."""
    found = [o for summary in summaries for o in _optimalities(summary.records)]
    unsettled = [optimality for optimality in found if not optimality.settled]
    if not unsettled:
        return []
    if has_marks(summaries):
        subject = f"{MARK} not settled"
    elif len(unsettled) < len(found):
        subject = "no setting has settled with every seed"
    else:
        subject = "no run has settled" if len(found) > 1 else "not settled"
    # Where no steps were taken there may be none to take, as beside weight decay.
    polished = any(optimality.polish_steps for optimality in unsettled)
    what = "more training.polish" if polished else "longer training"
    return [f"{subject}: {what} may change which weights are zero"]


def _is_unsettled(summary: SettingSummary) -> bool:
    """Whether one of a setting's runs has not reached the conditions of an optimum."""
    return any(not optimality.settled for optimality in _optimalities(summary.records))


def _optimalities(records: Sequence[RunRecord]) -> list[Optimality]:
    return [record.optimality for record in records if record.optimality is not None]
