"""What is said of a check that fails, and of a setting beside an earlier one."""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

from regcli.config.check_grammar import Subject
from regcli.report.result_columns import score_label
from regcli.report.setting_columns import naming
from regcli.results.conditions import read_number
from regcli.results.gate.cases import Case
from regcli.results.gate.earlier import Change
from regcli.results.records import RunRecord
from regcli.results.settings import (
    SettingSummary,
    choose_ranking,
    seed_of,
    validation_rows,
    validation_rows_differ,
)
from regcli.results.verdict.judgement import is_share

Named = Callable[[Mapping[str, Any]], str]
_SUBJECTS = {Subject.BEST: "best setting", Subject.USE: "setting to use"}


def one_line_naming(settings: Sequence[Mapping[str, Any]]) -> Named:
    """Gives the text of one of some settings for a line that breaks nowhere."""
    name = naming(settings)
    return lambda values: name(values).replace("\u00a0", " ")


class CheckWords:
    """Says what checks found.

    Args:
        settings: all that were trained.
    """

    def __init__(self, settings: Sequence[SettingSummary]) -> None:
        self.settings = settings

    @cached_property
    def setting_name(self) -> Named:
        """Gives the text of a setting."""
        return one_line_naming([each.settings for each in self.settings])

    @cached_property
    def run_name(self) -> Named:
        """Gives the text of a run's settings, its seed and fold too where those differ."""
        return one_line_naming([run.settings for each in self.settings for run in each.records])

    def problems(self, case: Case) -> tuple[str, ...]:
        """What a check found wrong with a setting, a line a number."""
        if case.runs:
            return tuple(self._of_run(case, run) for run in case.runs)
        return (self._of_setting(case),) if case.is_failure else ()

    def _of_run(self, case: Case, run: RunRecord) -> str:
        value = read_number(run, case.check.condition.key)
        return f"run {run.id}{_beside(self.run_name(run.settings))}: {_is(case, value)}"

    def _of_setting(self, case: Case) -> str:
        setting, subject = case.setting, case.check.subject
        if setting is None:
            if subject is Subject.SETTING:
                return f"setting {case.check.text.rpartition(':')[0]}: was not trained"
            return f"{_SUBJECTS[subject]}: not known, {why_nothing_ranks(self.settings)}"
        name = self.setting_name(setting.settings)
        text = f"{_subject(subject, name)}: {_is(case, case.value)}"
        over = replicates_text(setting.records)
        return f"{text}, the mean over {over}" if over and case.value is not None else text

    def change(self, change: Change, earlier: str) -> str:
        """The setting to use beside an earlier one, with what the difference was decided by.

        Args:
            earlier: what the earlier sweep was named by.
        """
        name = self.setting_name(change.setting.settings)
        amount = f"{score_label(change.score.key)} {_signed(change.mean, change)}{_unit(change)}"
        text = f"{_subject(Subject.USE, name)}: {amount} against {earlier}"
        sample, is_worse = change.difference, "worse" if change.is_failure else "not worse"
        limit = f"{is_worse} by more than {_scaled(change.tolerance, change):.3g}{_unit(change)}"
        if sample is None:
            return f"{text}, not paired: {change.unpaired}; the mean is {limit}"
        low, high = (_signed(end, change) for end in sample.estimate.interval())
        rows = f"{sample.rows:,} row{'' if sample.rows == 1 else 's'}"
        counted = " × ".join(filter(None, [replicates_text(change.paired), rows]))
        return f"{text} (95% {low} to {high}; {counted}, paired): {limit}"


def _is(case: Case, value: float | None) -> str:
    condition = case.check.condition
    shown = "missing" if value is None else condition.number_text(value)
    return f"{condition.key} is {shown}"


def _subject(subject: Subject, name: str) -> str:
    found = _SUBJECTS.get(subject)
    return f"setting {name}".rstrip() if found is None else f"{found}{_beside(name)}"


def _beside(name: str) -> str:
    return f" ({name})" if name else ""


def why_nothing_ranks(settings: Sequence[SettingSummary]) -> str:
    """Why there is no best setting."""
    ranking = choose_ranking(settings)
    if ranking is not None:
        return f"no run has {ranking.key}"
    differ = "validation rows" if validation_rows_differ(settings) else "losses"
    return f"settings have different {differ}"


def replicates_text(records: Sequence[RunRecord]) -> str:
    """What the mean over a setting's runs is over: `5 folds × 3 seeds`; empty for one run."""
    folds = {_replicate(record, "fold") for record in records} - {None}
    splits = {validation_rows(record) for record in records}
    counts = [
        (len(folds), "folds"),
        (len({_replicate(record, "repeat") for record in records}), "repeats"),
        (0 if folds else len(splits), "splits"),
        (len({seed_of(record) for record in records}), "seeds"),
    ]
    found = [f"{count:,} {noun}" for count, noun in counts if count > 1]
    return " × ".join(found) if found or len(records) < 2 else f"{len(records):,} runs"


def _replicate(record: RunRecord, key: str) -> int | None:
    value: int | None = record.settings.get(key)
    return value


def _signed(value: float, change: Change) -> str:
    return f"{_scaled(value, change):+.2f}".replace("-", "−")


def _unit(change: Change) -> str:
    return " pt" if is_share(change.score) else "%"


def _scaled(value: float, change: Change) -> float:
    """Points of a share, or the percentage of the earlier mean of another score."""
    of = 1.0 if is_share(change.score) else abs(change.earlier) or 1.0
    return 100 * value / of
