"""The metrics that are logged after each epoch, from sums over rows."""

from collections.abc import Sequence
from typing import Any

from regcli.metrics.metric import Kind
from regcli.metrics.registry import watched_forms


class EpochMetrics:
    """What a program sums of every row, and the metrics that this makes.

    Args:
        threshold: where a single output turns from class 0 to class 1.
    """

    def __init__(self, kind: Kind, threshold: float) -> None:
        self.threshold = threshold
        self.forms = watched_forms(kind)
        self.by_row = tuple(dict.fromkeys(form.by_row for form in self.forms.values()))

    @property
    def sums(self) -> int:
        """How many sums there are: metrics may share one."""
        return len(self.by_row)

    def rows(self, outputs: Any, targets: Any) -> list[Any]:
        """What is summed, (members, rows) each.

        Args:
            outputs: (members, rows, outputs).
            targets: (members, rows, 1), or one-hot (members, rows, classes).
        """
        return [by_row(self.threshold, outputs, targets) for by_row in self.by_row]

    def logs(self, means: Sequence[Any], variance: Any) -> dict[str, Any]:
        """The metrics by key, (members,) each.

        Args:
            means: over the rows, of what `rows` gives; (members,) each.
            variance: of the targets that each member has, (members,).
        """
        found = dict(zip(self.by_row, means, strict=True))
        return {key: form.of_mean(found[form.by_row], variance) for key, form in self.forms.items()}
