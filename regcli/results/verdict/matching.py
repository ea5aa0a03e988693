"""Two sweeps side by side: the settings that both have, each with its difference."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from regcli.results.row_values import RowsOf
from regcli.results.settings import (
    BY_LOSS,
    Ranking,
    SettingSummary,
    by_task_score,
    choose_ranking,
    seed_of,
    target_scales_differ,
    validation_rows,
)
from regcli.results.statistics.equivalence import Finding, finding
from regcli.results.statistics.holm import holm
from regcli.results.verdict.judgement import SIGNIFICANT, choose_score, width_of
from regcli.results.verdict.pairing import paired
from regcli.results.verdict.samples import Sample


@dataclass(frozen=True)
class Match:
    """A setting of the first sweep, and the same one of the second.

    Attributes:
        first, second: means of the score; None where a run has none.
        difference: second − first, row by row; None where rows do not pair.
        unpaired: why they do not; empty where they do.
        finding: what the interval says of the second beside the first; None without one.
    """

    settings: Mapping[str, Any]
    first: float | None
    second: float | None
    difference: Sample | None
    unpaired: str
    finding: Finding | None = None


@dataclass(frozen=True)
class Matches:
    """What two sweeps have in common.

    Attributes:
        score: the result that is compared.
        margin: differences of a share up to it make no difference; of a loss as a share of the
            first one's.
        second_margin: the second one's own, which is not used; None of single runs.
        only_first, only_second: settings that the other one does not have.
    """

    score: Ranking
    margin: float
    found: tuple[Match, ...]
    only_first: int
    only_second: int
    second_margin: float | None = None


def match_settings(
    first: Sequence[SettingSummary],
    second: Sequence[SettingSummary],
    rows_of: RowsOf,
    margin: float,
) -> Matches | None:
    """The settings that two sweeps share, compared; None where no result ranks them."""
    score = common_score([*first, *second])
    if score is None:
        return None
    others = {repr(each.settings): each for each in second}
    pairs = [(each, others[key]) for each in first if (key := repr(each.settings)) in others]
    found = [compared(own, other, score, rows_of) for own, other in pairs]
    return Matches(
        score=score,
        margin=margin,
        found=with_findings(found, score, margin),
        only_first=len(first) - len(pairs),
        only_second=len(second) - len(pairs),
    )


def common_score(settings: Sequence[SettingSummary]) -> Ranking | None:
    """What settings are compared by, whatever rows they were validated on."""
    records = [run for setting in settings for run in setting.records]
    rankings = {choose_ranking([setting]) for setting in settings}
    ranking = rankings.pop() if len(rankings) == 1 else BY_LOSS
    if ranking == BY_LOSS and target_scales_differ(settings):
        ranking = by_task_score(settings)
    return None if ranking is None else choose_score(ranking, records)


def compared(
    first: SettingSummary, second: SettingSummary, score: Ranking, rows_of: RowsOf
) -> Match:
    """The second setting beside the first, still without a finding, under the second's settings.

    Where they have seeds and splits in common, these are compared.
    """
    own, other = _in_common(first, second), _in_common(second, first)
    sample, unpaired = paired(other, own, score, rows_of, rows_of)
    return Match(second.settings, _mean(own, score), _mean(other, score), sample, unpaired)


def _in_common(setting: SettingSummary, other: SettingSummary) -> SettingSummary:
    """A setting's runs whose rows and seed another one has too; all of them where none does."""
    known = {(validation_rows(run), seed_of(run)) for run in other.records}
    kept = tuple(r for r in setting.records if (validation_rows(r), seed_of(r)) in known)
    return SettingSummary(setting.settings, kept or setting.records)


def _mean(setting: SettingSummary, score: Ranking) -> float | None:
    spread = setting.spread(score.key)
    return None if spread is None else spread.mean


def with_findings(matches: Sequence[Match], score: Ranking, margin: float) -> tuple[Match, ...]:
    """Matches with the word that each interval allows; better and worse by Holm among them."""
    known = [match for match in matches if match.difference is not None]
    p_values = iter(holm([m.difference.estimate.p_value() for m in known if m.difference]))
    found = []
    for match in matches:
        if match.difference is None:
            found.append(match)
            continue
        width = width_of(score, margin, match.first)
        interval = match.difference.estimate.interval()
        is_significant = next(p_values) <= SIGNIFICANT
        word = finding(interval, width, score.highest, is_significant)
        found.append(replace(match, finding=word))
    return tuple(found)
