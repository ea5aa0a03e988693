"""The verdict as a program reads it: which setting to use, and how sure that is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from regcli.results.verdict.judgement import Comparison
    from regcli.results.verdict.judgement import Verdict as Judged


@dataclass(frozen=True)
class Setting:
    """A setting of a sweep.

    Attributes:
        name: what tells it from the others: `l1 0.01, l2 0`.
        values: its values by key, such as `l1`, `method` and the varied keys.
        runs: ids of its runs, one for each seed and fold.
        score: its mean of the verdict's metric on validation rows; None where it has none.
        test_score: the same on test rows; None for settings that are not to be chosen by it.
    """

    name: str
    values: Mapping[str, Any]
    runs: tuple[str, ...]
    score: float | None
    test_score: float | None


@dataclass(frozen=True)
class Difference:
    """A setting beside the reference: setting − reference, of the verdict's metric.

    Attributes:
        mean: the difference, in the metric's own unit.
        low, high: its 95% interval; infinite where nothing tells how sure it is.
        p_value: by Holm, for all comparisons of the verdict together.
        words: `better`, `worse`, `practically the same` or `cannot tell`.
    """

    mean: float
    low: float
    high: float
    p_value: float
    words: str


@dataclass(frozen=True)
class Verdict:
    """Which setting to use; `str` gives the lines that a terminal shows, a notebook a table.

    Attributes:
        use: the simplest setting within one standard error of the best.
        best: the setting with the best mean of what ranks.
        reference: what settings are compared with: the one without penalty; None where there is
            none.
        metric: what they are compared by, such as `validation.accuracy`.
        ranked_by: what ranks them, such as `validation.data_loss`.
        margin: differences of the metric up to it make no difference.
        difference: the setting to use beside the reference, or the best one where that is the
            reference; None where there is nothing to compare.
        warnings: what to know before the verdict is used, a sentence each.
        settings: all that were trained, in the order of the grid.
        differences: of each of them with the reference; None for the reference itself.
    """

    use: Setting
    best: Setting
    reference: Setting | None
    metric: str
    ranked_by: str
    margin: float
    difference: Difference | None
    warnings: tuple[str, ...]
    settings: tuple[Setting, ...] = field(repr=False)
    differences: tuple[Difference | None, ...] = field(repr=False)
    _lines: str = field(repr=False)
    _judged: "Judged" = field(repr=False, compare=False)

    @property
    def words(self) -> str:
        """What the difference says: better, worse, practically the same, or cannot tell."""
        return "cannot tell" if self.difference is None else self.difference.words

    @property
    def cannot_tell(self) -> bool:
        """Whether the data do not say which of the two is better."""
        return self.words == "cannot tell"

    def __str__(self) -> str:
        return self._lines

    def _repr_html_(self) -> str:
        from regcli.report.notebook_views import verdict_html

        return verdict_html(self._judged)

    def __repr__(self) -> str:
        return f"<Verdict: use {self.use.name or 'the only setting'}; {self.words}>"


def plain_verdict(judged: "Judged") -> Verdict:
    """A verdict for a program, from what the statistics say."""
    from regcli.report.caution_words import caution_text
    from regcli.report.contents import Report
    from regcli.report.setting_columns import naming
    from regcli.report.sink import as_screen
    from regcli.report.verdict_lines import verdict_table
    from regcli.results.verdict.cautions import cautions

    name = naming([each.settings for each in judged.settings])
    settings = tuple(
        Setting(
            name(each.settings).replace("\u00a0", " "),
            dict(each.settings),
            tuple(run.id for run in each.records),
            None if mean is None else mean.estimate.mean,
            judged.tests[place].estimate.mean if place in judged.tests else None,
        )
        for place, (each, mean) in enumerate(zip(judged.settings, judged.means, strict=True))
    )
    return Verdict(
        use=settings[judged.use],
        best=settings[judged.best],
        reference=None if judged.reference is None else settings[judged.reference],
        metric=judged.score.key,
        ranked_by=judged.ranking.key,
        margin=judged.margin,
        difference=_difference(judged.compared),
        warnings=tuple(caution_text(each, judged) for each in cautions(judged)),
        settings=settings,
        differences=tuple(map(_difference, judged.comparisons)),
        _lines=as_screen(Report((verdict_table(judged),))),
        _judged=judged,
    )


def _difference(comparison: "Comparison | None") -> Difference | None:
    if comparison is None:
        return None
    estimate = comparison.difference.estimate
    low, high = estimate.interval()
    return Difference(estimate.mean, low, high, comparison.p_value, comparison.finding.value)
