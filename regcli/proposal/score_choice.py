"""What a first config judges settings by."""

from collections.abc import Iterator

from regcli.config.commented_yaml import Entry
from regcli.data.profile.target_guess import TargetProfile

_MOST_FOLDS = 5


def score_entries(target: TargetProfile) -> Iterator[Entry]:
    """`metrics` and `select_by`: errors in the target's unit, or what every class counts in."""
    if target.task == "regression":
        key = "rmse" if target.skewness is None else "mae"
        why = "the error in the target's unit" if key == "rmse" else "large values count no more"
        yield Entry("select_by", f"validation.{key}", f"what ranks the settings: {why}")
    elif target.is_imbalanced:
        yield from _imbalanced(target)
    else:
        comment = "what ranks the settings; the data loss by default"
        yield Entry("select_by", "validation.accuracy", comment, is_suggestion=True)


def _imbalanced(target: TargetProfile) -> Iterator[Entry]:
    share = max(target.counts.values()) / sum(target.counts.values())
    why = f"{share:.0%} of the rows are of one class, so accuracy says little"
    if target.task == "binary":
        yield Entry("metrics", ["roc_auc", "balanced_accuracy", "average_precision"], why)
        yield Entry("select_by", "validation.roc_auc", "what ranks the settings")
    else:
        yield Entry("metrics", ["balanced_accuracy", "accuracy", "log_loss"], why)
        yield Entry("select_by", "validation.balanced_accuracy", "what ranks the settings")


def fold_count(target: TargetProfile, rows: int, test: float) -> int | None:
    """Folds of cross-validation that rows of every class suffice for; None for none."""
    fewest = min(target.counts.values(), default=rows)
    left = int(fewest * (1 - test))
    return min(_MOST_FOLDS, left) if left >= 2 else None
