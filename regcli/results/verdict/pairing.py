"""Two settings of different sweeps, row by row where their validation rows are the same."""

import math
from collections.abc import Mapping
from typing import Any

from regcli.results.records import RunRecord
from regcli.results.row_values import RowsOf, RunRows
from regcli.results.settings import Ranking, SettingSummary, seed_of, validation_rows
from regcli.results.verdict.judgement import is_over_rows
from regcli.results.verdict.samples import Sample, Samples

_OTHER = "other "
"""Before the ids of the other setting's runs: the same run may have been trained again since."""


def paired(
    setting: SettingSummary,
    other: SettingSummary,
    score: Ranking,
    rows_of: RowsOf,
    rows_of_other: RowsOf,
) -> tuple[Sample | None, str]:
    """The difference setting − other row by row, or None and why rows do not pair."""
    if any(run.data is None for run in (*setting.records, *other.records)):
        return None, "its runs are not in this store"
    own, others = ({validation_rows(run) for run in each.records} for each in (setting, other))
    if own != others:
        return None, "the validation rows differ"
    before = runs_to_pair(setting, other)

    def every_row(identity: str) -> RunRows | None:
        if identity.startswith(_OTHER):
            return rows_of_other(identity.removeprefix(_OTHER))
        return rows_of(identity)

    samples = Samples(every_row, len(setting.records) + len(before))
    sample = samples.difference(setting, SettingSummary({}, before), score.key)
    if sample is None or math.isnan(sample.estimate.variance):
        if not is_over_rows(score):
            return None, f"no row tells how sure {score.key} is"
        return None, "runs were stored without their rows"
    return sample, ""


def runs_to_pair(setting: SettingSummary, other: SettingSummary) -> tuple[RunRecord, ...]:
    """The other setting's runs, each under the seed of the run that it is compared with.

    These are validated on the same rows.

    Seeds that both have are compared with themselves, others in their order: which two of them
    meet is chance either way.
    """
    own, others = setting.records, other.records
    found = []
    for split in dict.fromkeys(map(validation_rows, others)):
        before = {seed_of(run): run for run in others if validation_rows(run) == split}
        seeds = sorted(seed_of(run) for run in own if validation_rows(run) == split)
        free = sorted(before.keys() - set(seeds))
        for seed in seeds:
            if seed in before or free:
                found.append(_relabelled(before[seed if seed in before else free.pop(0)], seed))
    return tuple(found)


def _relabelled(run: RunRecord, seed: int) -> RunRecord:
    training: Mapping[str, Any] = run.config.get("training", {})
    config = {**run.config, "training": {**training, "seed": seed}}
    return run.model_copy(update={"id": f"{_OTHER}{run.id}", "config": config})
