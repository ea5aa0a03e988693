"""A metric as one object: its names, what is better, and how its number is found."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from regcli.metrics.predictions import Predictions

    Values = NDArray[Any]
    """One number for each member, (members,), or for each of its rows, (members, rows)."""

Kind = Literal["classification", "regression"]
"""Kinds of target that a metric is for; two classes and several are both classification."""

Form = Callable[["Predictions"], "Values"]


class Constant(Enum):
    """An answer that is the same for all rows, made from the targets of the training rows alone."""

    SHARES = "shares"
    """Of each class its share of the rows, as its probability."""
    MOST_FREQUENT = "most frequent"
    """The most frequent class."""
    POSITIVE = "positive"
    """The positive one of two classes; the most frequent one of more."""
    MEAN = "mean"
    MEDIAN = "median"


@dataclass(frozen=True)
class Compared:
    """How outputs and targets stand when `fit` compares them.

    Attributes:
        threshold: where a single output turns from class 0 to class 1.
        outputs: how many a row has.
        class_numbers: whether targets are class numbers rather than one-hot rows.
    """

    threshold: float
    outputs: int
    class_numbers: bool


@dataclass(frozen=True)
class Watched:
    """A metric's value after each epoch of training, in both trainers; tensors in, tensors out.

    Attributes:
        by_row: what is averaged over the rows, (members, rows): from the threshold, outputs
            (members, rows, outputs), and targets (members, rows, 1) or one-hot (members, rows,
            classes).
        of_mean: the metric (members,) from that mean and the variance of the targets, (members,).
        in_fit: the Keras metric that gives the same in `fit`, under the name it is given.
    """

    by_row: Callable[[float, Any, Any], Any]
    of_mean: Callable[[Any, Any], Any]
    in_fit: Callable[[str, Compared], Any]


@dataclass(frozen=True, kw_only=True, eq=False)
class Metric:
    """A named measure of predictions with a direction.

    Attributes:
        key: as configs and records name it.
        label: as tables head it; `short` where there is little room.
        meaning: in one sentence.
        kind: the targets that it is for.
        higher_is_better: its direction.
        constant: the answer for all rows that it is best for, as far as any is for all data; what
            a model has to beat.
        lowest: the least value that it can have.
        format: `share` for numbers between 0 and 1, `number` for those with a unit of their own.
        by_row: its value for each row where it is their mean, (members, rows).
        form: its value, (members,), where it is not a mean over rows.
        pseudo_values: of such a one, a number for each row, (members, rows), whose mean is the
            metric and whose spread that of its estimate: the value plus the row's influence on it
            (the infinitesimal jackknife; Efron, B. (1982), The Jackknife, the Bootstrap and Other
            Resampling Plans). None where it has none.
        needs_probabilities: whether outputs must be probabilities, or scores that have some.
        follows: whether a small change of the outputs changes it little. Others count rows.
        is_default: whether it is shown where a config asks for none.
        is_diagnostic: whether it says how a model fails, and so does not tell which is best.
        other_names: what other tools call it, and what people type.
        watched: its form in training, where early stopping can watch it.
        caution: of targets (rows,) for which it tells little, why, as a sentence; else empty.
    """

    key: str
    label: str
    short: str
    meaning: str
    kind: Kind
    higher_is_better: bool
    constant: Constant
    lowest: float = 0.0
    format: Literal["share", "number"] = "share"
    by_row: Form | None = None
    form: Form | None = None
    pseudo_values: Form | None = None
    needs_probabilities: bool = False
    follows: bool = False
    is_default: bool = False
    is_diagnostic: bool = False
    other_names: Sequence[str] = field(default=(), repr=False)
    watched: Watched | None = None
    caution: Callable[[Any], str] | None = None

    @property
    def counts_rows(self) -> bool:
        """Whether it is the share of rows that have a property, such as a right prediction."""
        return self.by_row is not None and not self.follows

    @property
    def has_rows(self) -> bool:
        """Whether rows tell how sure its value is."""
        return self.by_row is not None or self.pseudo_values is not None

    def values(self, given: "Predictions") -> "Values":
        """The metric of each member, (members,)."""
        if self.form is not None:
            return self.form(given)
        assert self.by_row is not None, f"{self.key} has no form"
        means: Values = self.by_row(given).mean(axis=-1)
        return means
