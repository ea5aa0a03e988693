"""Pictures of what the setting to use predicts of single rows, or why there are none."""

from collections.abc import Iterator, Sequence

from regcli.report.pages.page import Block, Text
from regcli.report.plots.confusion_map import confusion_map
from regcli.report.plots.residual_plot import residual_plot
from regcli.report.plots.row_plots import reliability_plot
from regcli.report.plots.threshold_plots import Class, precision_recall_plot, roc_plot
from regcli.results.kept_predictions import KeptPredictions, pooled
from regcli.results.records import DataSummary, RunRecord
from regcli.results.statistics.confusion import confusion
from regcli.workflows.stored_evidence import Evidence


def predictions_of(evidence: Evidence, runs: Sequence[RunRecord]) -> KeptPredictions | None:
    """The rows of some runs with what each says of them; None where one of them has none."""
    kept = [own for run in runs if (own := evidence.predictions(run)) is not None and len(own)]
    return pooled(kept) if len(kept) == len(runs) else None


def prediction_blocks(
    kept: KeptPredictions, data: DataSummary, runs: int, unit: str, notes: Sequence[str]
) -> Iterator[Block]:
    """Of classes the confusion matrix, reliability and curves; of a quantity its residuals.

    Args:
        runs: how many models the rows are of.
        unit: of a quantity.
        notes: which runs the rows are of.
    """
    notes = [*notes, *_sample_notes(kept)]
    if not data.classes:
        yield residual_plot(kept.part, kept.predicted, kept.truth, unit, notes)
        return
    counts = confusion(kept.truth, kept.predicted, len(data.classes))
    yield confusion_map(kept.part, counts, data.classes, notes)
    if kept.sure is not None:
        right = (kept.truth == kept.predicted).astype(float)
        yield reliability_plot(kept.part, kept.sure.astype(float), right, notes)
    ranked = _ranked(kept, data)
    if runs > 1:
        notes = [*notes, "scores of all folds' models on one scale, as each model gives them"]
    curves = [draw(kept.part, ranked, notes) for draw in (roc_plot, precision_recall_plot)]
    yield from (curve for curve in curves if curve is not None)


def missing(runs: Sequence[RunRecord]) -> Text:
    """Why there are no pictures, and what gives them."""
    data = runs[0].data
    is_quantity = data is not None and data.task == "regression"
    pictures = "plot of residuals" if is_quantity else "confusion matrix and curves"
    them = "its predictions of single rows are not stored"
    done = "Train it again by the command at the end of this page; stored runs are reused."
    return Text([f"This setting has no {pictures}: {them}. {done}"])


def _sample_notes(kept: KeptPredictions) -> list[str]:
    if len(kept) == kept.of:
        return []
    return [f"a sample of {len(kept):,} of {kept.of:,} {kept.part} rows"]


def _ranked(kept: KeptPredictions, data: DataSummary) -> list[Class]:
    """Of two classes the positive one, else each class against the others."""
    if kept.scores is None:
        return []
    names = list(data.classes)
    numbers = list(range(len(names)))
    if len(kept.scores) == 1:
        numbers = [names.index(data.positive) if data.positive in names else 1]
    return [(names[n], own, kept.truth == n) for n, own in zip(numbers, kept.scores, strict=True)]
