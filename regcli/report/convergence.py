"""Marks of settings whose runs have not converged, and notes on how far runs were taken."""

from collections.abc import Mapping, Sequence

from regcli.report.cells import NOT_CONVERGED
from regcli.report.contents import NO_MARKS, Mark, Note, NoteKind
from regcli.results.records import Optimality, RunRecord, RunState
from regcli.results.settings import SettingSummary


def has_marks(summaries: Sequence[SettingSummary]) -> bool:
    """Whether some settings have converged and others have not, so that a mark tells them apart.

    Of runs without a proximal step it is not measured.
    """
    measured = [summary for summary in summaries if _optimalities(summary.records)]
    return len({_is_unconverged(summary) for summary in measured}) > 1


def marks(summary: SettingSummary, key: str, are_any: bool) -> Mapping[str, Mark]:
    """The mark on a setting's zeros if there are marks and it has not converged."""
    return {key: Mark.UNCONVERGED} if are_any and _is_unconverged(summary) else NO_MARKS


def unconverged_notes(summaries: Sequence[SettingSummary]) -> list[Note]:
    """What the mark means; where all rows would have it, that no run has converged."""
    found = [o for summary in summaries for o in _optimalities(summary.records)]
    unconverged = [optimality for optimality in found if not optimality.settled]
    if not unconverged:
        return []
    if has_marks(summaries):
        subject = f"{NOT_CONVERGED} not converged"
    elif len(unconverged) < len(found):
        subject = "no setting has converged with every seed"
    else:
        subject = "no run has converged" if len(found) > 1 else "not converged"
    reasons = list(dict.fromkeys(o.reason for o in unconverged if o.reason))
    if not all(optimality.reason for optimality in unconverged):
        # Where no polish steps were taken, none may be possible, as with weight decay.
        polished = any(optimality.polish_steps for optimality in unconverged)
        what = "more training.polish" if polished else "longer training"
        reasons.insert(0, f"{what} may change losses and which weights are zero")
    return [Note(f"{subject}: {reason}", NoteKind.WARNING) for reason in reasons]


def polish_notes(summaries: Sequence[SettingSummary]) -> list[Note]:
    """Which runs have not been polished while others have, which also makes losses differ."""
    finished = [
        record
        for summary in summaries
        for record in summary.records
        if record.state is RunState.FINISHED
    ]
    plain = [record for record in finished if not is_polished(record)]
    if not plain or len(plain) == len(finished):
        return []
    by_method = {record.settings.get("method") for record in plain}
    subject = "penalty" if by_method == {"penalty"} else "some runs"
    text = (
        f"{subject}: not polished; training ended after its epochs, while the other rows continued "
        "with full-batch steps, which also makes losses differ"
    )
    return [Note(text, NoteKind.WARNING)]


def is_polished(record: RunRecord) -> bool:
    """Whether full-batch steps were taken after a run's training."""
    return record.optimality is not None and record.optimality.polish_steps > 0


def _is_unconverged(summary: SettingSummary) -> bool:
    """Whether one of a setting's runs has not reached the conditions of an optimum."""
    return any(not optimality.settled for optimality in _optimalities(summary.records))


def _optimalities(records: Sequence[RunRecord]) -> list[Optimality]:
    return [record.optimality for record in records if record.optimality is not None]
