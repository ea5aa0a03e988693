"""Cautions of a verdict as sentences, and the note on what every setting has to beat."""

from regcli.metrics.metric import Constant, Metric
from regcli.one_line import printable
from regcli.report.contents import Note, NoteKind
from regcli.report.figures import loss_text, share_text
from regcli.report.setting_columns import naming
from regcli.report.setting_names import short_names
from regcli.results.settings import target_scale
from regcli.results.verdict.cautions import (
    EXPLODED,
    Caution,
    CautionKind,
    baseline_of,
    compared_with_baseline,
    exploded,
    leaks_of,
    scores_and_baselines,
)
from regcli.results.verdict.judgement import Verdict


def baseline_notes(verdict: Verdict) -> list[Note]:
    """What the best constant answer for each metric scores: every setting is to be better."""
    best = verdict.settings[verdict.best]
    found = [
        (_answer(metric, verdict), f"{metric.label} {_score_text(metric, value)}")
        for metric in compared_with_baseline(verdict)
        if (value := baseline_of(best, metric)) is not None
    ]
    if not found:
        return []
    (answer, scored), *others = found
    text = f"baseline, {answer} for every row: validation {scored}"
    return [Note("; ".join([text, *map(": ".join, others)]), NoteKind.CONTEXT)]


def _answer(metric: Metric, verdict: Verdict) -> str:
    """The answer that a metric's baseline gives for every row."""
    data = verdict.settings[verdict.best].records[0].data
    if metric.constant is Constant.POSITIVE and data is not None and data.positive is not None:
        return f"class {printable(data.positive)}"
    return _ANSWERS[metric.constant]


_ANSWERS = {
    Constant.SHARES: "the class shares",
    Constant.MOST_FREQUENT: "the most frequent class",
    Constant.POSITIVE: "the most frequent class",
    Constant.MEAN: "the mean of the target",
    Constant.MEDIAN: "the median of the target",
}


def _score_text(metric: Metric, value: float) -> str:
    return share_text(value) if metric.format == "share" else loss_text(value)


def caution_text(caution: Caution, verdict: Verdict) -> str:
    """A caution as a sentence that says what to try."""
    if caution.kind is CautionKind.LEAK:
        first, *others = leaks_of(verdict.settings[verdict.best])
        return f"{first}{f' (and {len(others)} more)' if others else ''}"
    if caution.kind is CautionKind.BASELINE:
        tries = ["more epochs", "another learning rate", *_scaling_to_try(verdict)]
        tried = f"{', '.join(tries[:-1])}{',' * (len(tries) > 2)} or {tries[-1]}"
        return f"no setting beats the best constant answer: try {tried}"
    if caution.kind is CautionKind.ONE_CLASS:
        return (
            "the setting to use predicts one class for every row, however well its probabilities "
            "rank them: try training.class_weight: balanced, or lower strengths"
        )
    if caution.kind is CautionKind.EXPLODED:
        return _exploded(verdict)
    if caution.kind is CautionKind.TEST:
        return _no_better_on_test_rows(verdict)
    if caution.kind is CautionKind.EDGE:
        keys = dict.fromkeys(key for each in verdict.settings for key in each.settings)
        title = short_names(keys).get(caution.key, caution.key)
        if title == verdict.along:
            return f"the best {title} is at the path's edge: try --values {caution.grid}"
        option = f"--{title} " if caution.key in {"l1", "l2"} else f"--vary {caution.key}="
        return f"the best {title} is at the grid's edge: try {option}{caution.grid}"
    if caution.kind is CautionKind.EPOCHS:
        epochs = verdict.settings[verdict.best].records[0].epochs
        return (
            f"the best setting was still improving after its last epoch: try --epochs {2 * epochs}"
        )
    if caution.kind is CautionKind.REFERENCE:
        return "no setting is without penalty: add 0 to the grid to see what the penalty costs"
    if caution.kind is CautionKind.EARLY_STOPPING:
        return (
            "early stopping chose the epoch by the validation rows, whose losses are then a little "
            "too low: hold out rows for the test with dataset.test"
        )
    return "one seed: other initializations may give other results; try --seeds 5"


def _exploded(verdict: Verdict) -> str:
    """Which settings have exploded, the first by its name."""
    settings = verdict.settings
    first, *others = exploded(settings)
    name = naming([each.settings for each in settings])(settings[first].settings)
    more = f" and {len(others):,} more" if others else ""
    which = f"{name}{more} ended" if name else "it ended"
    return (
        f"{which} with a training error {EXPLODED} or more times that of the best constant answer: "
        "try a lower learning rate"
    )


def _no_better_on_test_rows(verdict: Verdict) -> str:
    use = verdict.settings[verdict.use]
    metric, own, constant = scores_and_baselines(use, verdict.ranking, "test")[0]
    return (
        f"on the test rows the setting to use has {metric.label} {_score_text(metric, own)}, the "
        f"best constant answer {_score_text(metric, constant)}"
    )


def _scaling_to_try(verdict: Verdict) -> list[str]:
    """A scaling that is not done yet.

    Large quantities take long to reach for an output that begins near 0.
    """
    run = verdict.settings[verdict.best].records[0]
    is_quantity = run.data is not None and run.data.task == "regression"
    if is_quantity and target_scale(run) == (False, "none"):
        return ["dataset.target.scale: standard"]
    scale = run.config.get("dataset", {}).get("scale", "standard")
    return ["dataset.scale: standard"] if scale in ("none", "minmax") else []
