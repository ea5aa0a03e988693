"""The verdict in at most six lines below the table of a sweep."""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence

from regcli.report.caution_words import caution_text
from regcli.report.contents import Column, Row, Table, as_text
from regcli.report.figures import loss_text, percent_text, share_text
from regcli.report.own_code_option import allow_option
from regcli.report.result_columns import score_label
from regcli.report.setting_columns import naming
from regcli.report.train_command import train_command
from regcli.results.settings import SettingSummary, fold_of
from regcli.results.statistics.equivalence import Finding, finding
from regcli.results.statistics.resampled import of_more_splits
from regcli.results.verdict.cautions import cautions, is_at_optimum
from regcli.results.verdict.judgement import (
    Comparison,
    Verdict,
    is_over_rows,
    is_share,
    score_interval,
    strengths_vary,
)
from regcli.results.verdict.samples import Sample

Line = tuple[str, str]
MOSTLY = 0.5
"""Share of the variance from which on one source is named as what makes it."""
REPEATS = (2, 3, 5, 10)
"""Numbers of repeats that are advised."""


def verdict_table(verdict: Verdict) -> Table:
    """A label and a sentence a row."""
    return lines_table(_lines(verdict))


def lines_table(lines: Iterable[Line]) -> Table:
    """A label and a sentence a row."""
    columns = [
        Column("label", "", as_text, justify="left", is_head=True, may_hide=False),
        Column("text", "", as_text, justify="left", wraps=True, may_hide=False),
    ]
    return Table(columns, [Row(line) for line in lines], has_head=False)


def _lines(verdict: Verdict) -> Iterator[Line]:
    name = _naming(verdict.settings)
    yield "use", _use(verdict, name)
    yield "best", _best(verdict, name)
    if verdict.use in verdict.tests:
        yield "test", _test(verdict, name)
    if doubt := _unsure(verdict):
        yield "unsure", doubt
    found = cautions(verdict)
    if found:
        more = f" ({len(found) - 1} more in the JSON's verdict)" if len(found) > 1 else ""
        yield "warning", caution_text(found[0], verdict) + more
    if command := _next(verdict):
        yield "next", command


def _naming(settings: Sequence[SettingSummary]) -> Callable[[int], str]:
    """Gives a setting's text by its position: the values that differ."""
    given = [setting.settings for setting in settings]
    name = naming(given)
    return lambda place: name(given[place])


def _use(verdict: Verdict, name: Callable[[int], str]) -> str:
    setting = verdict.settings[verdict.use]
    zeros = setting.spread("sparsity.exact")
    text = name(verdict.use)
    parts = []
    if zeros is not None and zeros.mean > 0:
        parts.append(f"{percent_text(zeros.mean)} of the weights are zero")
    if verdict.use == verdict.reference:
        parts += _where_the_reference_is_used(verdict, name)
    comparison = verdict.comparisons[verdict.use]
    if comparison is not None:
        against = f"against {name(verdict.reference)}" if verdict.reference is not None else ""
        parts.append(f"{_difference(verdict, comparison.difference)} {against}")
        parts[-1] += f": {finding_text(comparison.finding, verdict)}"
    return f"{text} — {'; '.join(parts)}" if parts else text


def _where_the_reference_is_used(verdict: Verdict, name: Callable[[int], str]) -> Iterator[str]:
    if strengths_vary(verdict.settings):
        yield "no penalty" if verdict.is_against_none else "the weakest point of the path"
    better = [
        place
        for place, comparison in enumerate(verdict.comparisons)
        if comparison is not None and comparison.finding is Finding.BETTER
    ]
    if not better:
        yield "no other setting is shown to be better"
    elif verdict.score == verdict.ranking:
        yield f"within one standard error of the best, though better: {_listed(better, name)}"
    else:
        yield f"lower loss, though better {score_label(verdict.score.key)}: {_listed(better, name)}"


def _listed(places: Sequence[int], name: Callable[[int], str]) -> str:
    """The first of some settings, and how many more there are."""
    more = f" and {_others(len(places) - 1)}" if len(places) > 1 else ""
    return f"{name(places[0])}{more}"


def _best(verdict: Verdict, name: Callable[[int], str]) -> str:
    parts = []
    if verdict.selection is not None:
        share = verdict.selection.recurrence[verdict.best]
        parts.append(f"picked again in {round(100 * share)}% of resamples")
    others = len(verdict.settings) - 1
    if verdict.rivals:
        which = "all others" if verdict.rivals == others > 1 else _others(verdict.rivals)
        parts.append(f"cannot be told from {which}")
    text = name(verdict.best)
    if verdict.use == verdict.best:
        text += " (the same)"
    return f"{text} — {'; '.join(parts)}" if parts else text


def _others(count: int) -> str:
    return "1 other" if count == 1 else f"{count:,} others"


def _test(verdict: Verdict, name: Callable[[int], str]) -> str:
    sample = verdict.tests[verdict.use]
    number = share_text if is_share(verdict.score) else loss_text
    text = f"{score_label(verdict.score.key)} {number(sample.estimate.mean)}"
    if interval := score_interval(verdict.score, sample.estimate):
        text += f" (95% {' to '.join(map(number, interval))}; {_counted(sample)})"
    reference = verdict.reference
    if reference is not None and reference != verdict.use and reference in verdict.tests:
        varies = strengths_vary(verdict.settings) and verdict.is_against_none
        which = "without penalty" if varies else name(reference)
        text += f"; {which} {number(verdict.tests[reference].estimate.mean)}"
    return text


def _unsure(verdict: Verdict) -> str:
    """What makes the difference uncertain, and what would settle it."""
    comparison = verdict.compared
    if comparison is None or comparison.finding is not Finding.UNKNOWN:
        return ""
    sample = comparison.difference
    if sample.folds > 1:
        return _unsure_over_folds(verdict, comparison)
    if sample.splits > 1:
        more = f"--vary dataset.seed=lin:0:{2 * sample.splits - 1}:{2 * sample.splits}"
        return f"{sample.splits} splits differ too much: {more} (more splits) may settle it"
    folds = _folds_option(verdict)
    if not is_over_rows(verdict.score):
        return (
            f"no row tells how sure {score_label(verdict.score.key)} is: {folds} gives its interval"
        )
    if not sample.rows:
        return "these runs were stored without their rows: --fresh trains them again with them"
    chosen = verdict.settings[verdict.best if verdict.use == verdict.reference else verdict.use]
    if sample.seeds == 1 and all(map(is_at_optimum, chosen.records)):
        return f"one split of the rows: {folds} covers other ones"
    if sample.seeds == 1:
        return f"one seed and one split: --seeds 5 covers initialization, {folds} other rows"
    if sample.of_rows >= MOSTLY:
        made = _made("rows", sample.of_rows)
        return f"{made}: more seeds will not settle this; {folds} may"
    if sample.of_seeds >= MOSTLY:
        return f"{_made('seeds', sample.of_seeds)}: --seeds {4 * sample.seeds} may settle it"
    return f"neither rows nor seeds make most of the variance: more seeds or {folds} may settle it"


def _folds_option(verdict: Verdict) -> str:
    """The option for folds; they take the place of a fraction of the rows, and of no file."""
    dataset = verdict.settings[verdict.best].records[0].config.get("dataset", {})
    has_file = isinstance(dataset.get("validation"), str)
    return "--set dataset.validation=0.2 --folds 5" if has_file else "--folds 5"


def _made(what: str, share: float) -> str:
    return f"{what} make {round(100 * share)}% of the variance"


def _unsure_over_folds(verdict: Verdict, comparison: Comparison) -> str:
    """What makes folds differ, and whether more repeats would be enough."""
    sample = comparison.difference
    if sample.of_seeds >= MOSTLY:
        return f"{_made('seeds', sample.of_seeds)}: --seeds {4 * sample.seeds} may settle it"
    if sample.estimate.mean == 0 and math.isnan(sample.of_rows):
        return (
            f"no held-out row tells the two apart, and {sample.rows:,} rows are too few to call "
            "them the same"
        )
    at_optimum = _are_at_optimum(verdict)
    # One seed cannot tell what others would change, but for models that none changes.
    one_start = sample.seeds == 1 and not at_optimum
    cause = _cause_of_folds(sample, " that one seed shows" if one_start else "")
    repeats = _settling_repeats(verdict, sample)
    if repeats is None and one_start:
        return (
            f"{cause}: more repeats will not settle this; more rows may, --seeds 5 measures "
            "initialization"
        )
    if repeats is None and not at_optimum and math.isnan(sample.of_seeds):
        return f"{cause}: more repeats will not settle this; more rows or seeds may"
    if repeats is None:
        return f"{cause}: more seeds or repeats will not settle this; more rows may"
    return f"{cause}: --repeats {repeats} may settle it"


def _are_at_optimum(verdict: Verdict) -> bool:
    """Whether no seed changes the two settings that are compared."""
    chosen = verdict.best if verdict.use == verdict.reference else verdict.use
    places = [chosen] if verdict.reference is None else [chosen, verdict.reference]
    runs = [run for place in places for run in verdict.settings[place].records]
    return all(map(is_at_optimum, runs))


def _cause_of_folds(sample: Sample, of_what: str) -> str:
    """What makes most of the variance of folds, if one thing does, and what that variance is of."""
    if sample.of_rows >= MOSTLY:
        return _made("rows", sample.of_rows) + of_what
    if sample.of_splits >= MOSTLY:
        return _made("training rows", sample.of_splits) + of_what
    return f"{sample.folds} folds differ too much"


def _settling_repeats(verdict: Verdict, sample: Sample) -> int | None:
    """Repeats that would settle a difference if its mean and its spread stayed; None if none do.

    Folds that go forward in time have no repeats.
    """
    dataset = verdict.settings[verdict.use].records[0].config.get("dataset", {})
    if dataset.get("time") is not None or sample.test_to_train is None:
        return None
    for repeats in REPEATS:
        splits = sample.splits * sample.folds * repeats
        estimate = of_more_splits(sample.estimate, sample.test_to_train, splits)
        found = finding(estimate.interval(), verdict.margin, verdict.score.highest)
        if repeats > sample.repeats and found is not Finding.UNKNOWN:
            return repeats
    return None


def _next(verdict: Verdict) -> str:
    """One command, so that it stands on one line and can be copied.

    No fold's model has seen all rows: the one to use is trained on all but the test rows.
    """
    run = verdict.settings[verdict.use].records[0]
    if fold_of(run) is not None and verdict.retraining is not None:
        return train_command(verdict.retraining)
    line = f"regcli runs export {run.id} -o best.keras{allow_option(run)}"
    return "" if fold_of(run) is not None else line


def finding_text(finding: Finding, verdict: Verdict) -> str:
    """One of the four words, with the margin where it is needed to understand it."""
    return f"{finding} ({_margin(verdict)})" if finding is Finding.SAME else str(finding)


def _margin(verdict: Verdict) -> str:
    if is_share(verdict.score):
        return f"±{100 * verdict.margin:g} pt"
    return f"±{100 * _relative(verdict.margin, verdict):.3g}%"


def _difference(verdict: Verdict, sample: Sample) -> str:
    """`accuracy −0.10 pt (95% −0.80 to +0.60; 5 seeds × 359 rows)`.

    Which way is better is said but of shares, like accuracy, of which more is.
    """
    unit = " pt" if is_share(verdict.score) else "%"

    def number(value: float) -> str:
        scaled = 100 * (value if is_share(verdict.score) else _relative(value, verdict))
        return f"{scaled:+.2f}".replace("-", "−")

    text = f"{score_label(verdict.score.key)} {number(sample.estimate.mean)}{unit}"
    direction = "higher is better" if verdict.score.highest else "lower is better"
    parts = [] if is_share(verdict.score) and verdict.score.highest else [direction]
    low, high = sample.estimate.interval()
    if math.isfinite(low) and math.isfinite(high):
        parts += [f"95% {number(low)} to {number(high)}", _counted(sample)]
    return f"{text} ({'; '.join(parts)})" if parts else text


def _relative(value: float, verdict: Verdict) -> float:
    """A difference of the score as a share of the reference's."""
    place = verdict.best if verdict.reference is None else verdict.reference
    mean = verdict.means[place]
    return value / abs(mean.estimate.mean) if mean and mean.estimate.mean else math.nan


def _counted(sample: Sample) -> str:
    """What an interval covers: `5 seeds × 359 rows`, `5 folds × 2 repeats × 3 seeds`."""
    counts = [(sample.splits, "split"), (sample.folds, "fold"), (sample.repeats, "repeat")]
    counts = [(count, noun) for count, noun in counts if count > 1]
    counts.append((sample.seeds, "seed"))
    if sample.test_to_train is None:
        counts.append((sample.rows, "row"))
    return " × ".join(f"{count:,} {noun}{'' if count == 1 else 's'}" for count, noun in counts)
