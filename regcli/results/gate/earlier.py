"""An earlier sweep, and whether the setting to use has become worse since."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import ValidationError

from regcli.errors import UsageError
from regcli.results.gate.cases import chosen_setting
from regcli.results.records import SCHEMA_VERSION, RunRecord
from regcli.results.row_values import RowsOf, RunRows
from regcli.results.settings import (
    BY_LOSS,
    Ranking,
    SettingSummary,
    by_setting,
    choose_ranking,
    target_scales_differ,
)
from regcli.results.verdict.judgement import Verdict, choose_score, width_of
from regcli.results.verdict.pairing import paired, runs_to_pair
from regcli.results.verdict.samples import Sample


@dataclass(frozen=True)
class Earlier:
    """The setting to use of an earlier sweep.

    Attributes:
        name: what the sweep was named by.
        setting: runs that are not in the store have no data and no config.
        rows: of the runs that are stored with theirs, by id.
    """

    name: str
    setting: SettingSummary
    rows: Mapping[str, RunRows] = field(repr=False)


@dataclass(frozen=True)
class Change:
    """The setting to use beside that of an earlier sweep.

    Attributes:
        setting: the one to use now.
        score: what they are compared by.
        difference: now − earlier; None where rows do not pair.
        paired: the earlier runs, each as if of the seed of the run that it is compared with.
        earlier: the mean of the earlier one.
        tolerance: the largest loss that is no failure, in the unit of the score.
        unpaired: why rows do not pair; empty where they do.
        is_failure: whether the setting is worse by more than the tolerance: by the whole interval
            where rows pair, else by the difference of the means.
    """

    setting: SettingSummary
    score: Ranking
    difference: Sample | None
    paired: tuple[RunRecord, ...]
    mean: float
    earlier: float
    tolerance: float
    unpaired: str
    is_failure: bool


def read_document(text: str, name: str) -> tuple[tuple[RunRecord, ...], tuple[str, ...] | None]:
    """The runs of a sweep's JSON document, and the ids of those of the setting to use.

    Returns:
        The records without config and data, and None for the ids where there is no verdict.

    Raises:
        UsageError: it is no such document.
    """
    rule = f"{name}: must be a JSON document of a sweep, as regcli writes it"
    try:
        found = json.loads(text)
        version, runs = found["schema_version"], found["runs"]
        records = tuple(RunRecord.model_validate({**run, "config": {}}) for run in runs)
        use = ((found.get("verdict") or {}).get("use") or {}).get("runs")
        ids = None if use is None else tuple(map(str, use))
    except ValidationError:
        raise UsageError(f"{rule}; a run in it is not complete") from None
    except json.JSONDecodeError as error:
        raise UsageError(f"{rule}; line {error.lineno} is not JSON") from None
    except (KeyError, TypeError, AttributeError, RecursionError):
        raise UsageError(f"{rule}; it has no runs") from None
    if version != SCHEMA_VERSION:
        raise UsageError(f"{rule}, of version {SCHEMA_VERSION}; its version is {version}")
    return records, ids


def of_document(
    name: str,
    records: Sequence[RunRecord],
    use: Sequence[str] | None,
    stored: Mapping[str, RunRecord],
    rows_of: RowsOf,
) -> Earlier:
    """The earlier sweep that a document holds.

    Args:
        use: ids of the runs of its setting to use; None where it has no verdict.
        stored: those of its runs that are in the store.

    Raises:
        UsageError: it does not say which setting to use.
    """
    settings = by_setting(records)
    if use is not None:
        settings = by_setting([record for record in records if record.id in use])
    setting = _known(name, chosen_setting(settings, None))
    kept = tuple(_as_stored(run, stored.get(run.id)) for run in setting.records)
    return _with_rows(name, SettingSummary(setting.settings, kept), rows_of)


def _as_stored(run: RunRecord, stored: RunRecord | None) -> RunRecord:
    """The stored record of a document's run, unless it was trained again with other results."""
    part = "validation"
    is_same = stored is not None and stored.metrics.get(part) == run.metrics.get(part)
    return stored if stored is not None and is_same else run


def of_sweep(
    name: str, settings: Sequence[SettingSummary], verdict: Verdict | None, rows_of: RowsOf
) -> Earlier:
    """The earlier sweep that a store holds.

    Raises:
        UsageError: nothing says which setting to use.
    """
    return _with_rows(name, _known(name, chosen_setting(settings, verdict)), rows_of)


def _known(name: str, setting: SettingSummary | None) -> SettingSummary:
    if setting is None:
        raise UsageError(f"{name}: has no verdict, so nothing says which of its settings to use")
    return setting


def _with_rows(name: str, setting: SettingSummary, rows_of: RowsOf) -> Earlier:
    """Reads the rows now: a run may be trained again before they are needed."""
    rows = {run.id: found for run in setting.records if (found := rows_of(run.id)) is not None}
    return Earlier(name, setting, rows)


def compare_with(
    earlier: Earlier,
    settings: Sequence[SettingSummary],
    verdict: Verdict | None,
    rows_of: RowsOf,
    tolerance: float,
) -> Change | None:
    """The setting to use beside the earlier one; None where nothing says which to use.

    Args:
        rows_of: gives the rows of a run of this sweep.
        tolerance: of a share in its own unit, of a loss as a share of the earlier one's.

    Raises:
        UsageError: the earlier sweep has no number of the score, or one of another scale.
    """
    setting = chosen_setting(settings, verdict)
    score = _score(settings) if verdict is None else verdict.score
    now = None if setting is None or score is None else setting.spread(score.key)
    if setting is None or score is None or now is None:
        return None
    before = earlier.setting.spread(score.key)
    if before is None:
        raise UsageError(f"{earlier.name}: has no {score.key}, which this sweep is compared by")
    if score == BY_LOSS and target_scales_differ([setting, earlier.setting]):
        raise UsageError(
            f"{earlier.name}: has a target that is scaled in another way, so that losses do not "
            "compare; set select_by to a metric, such as validation.r2"
        )
    width = width_of(score, tolerance, before.mean)
    sample, unpaired = paired(setting, earlier.setting, score, rows_of, earlier.rows.get)
    runs = runs_to_pair(setting, earlier.setting)
    sign = 1 if score.highest else -1
    if sample is None:
        mean = now.mean - before.mean
        best_case = sign * mean
    else:
        mean = sample.estimate.mean
        best_case = max(sign * end for end in sample.estimate.interval())
    is_failure = best_case < -width
    return Change(setting, score, sample, runs, mean, before.mean, width, unpaired, is_failure)


def _score(settings: Sequence[SettingSummary]) -> Ranking | None:
    ranking = choose_ranking(settings)
    records = [run for setting in settings for run in setting.records]
    return None if ranking is None else choose_score(ranking, records)
