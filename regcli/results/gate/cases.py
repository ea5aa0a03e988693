"""Checks carried out on the settings of a sweep."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from regcli.config.check_grammar import Check, Subject
from regcli.errors import UsageError
from regcli.results.conditions import read_number
from regcli.results.records import RunRecord, RunState
from regcli.results.settings import SettingSummary, without_replicates
from regcli.results.verdict.judgement import Verdict


@dataclass(frozen=True)
class Case:
    """A check of one setting, done.

    Attributes:
        setting: None where nothing chooses one, or the one that is named was not trained.
        value: the mean over the setting's runs; None where a run has no such number, and of a check
            of every run.
        runs: those that meet the condition, of a check of every run.
        is_failure: whether the condition is met.
    """

    check: Check
    setting: SettingSummary | None
    value: float | None = None
    runs: tuple[RunRecord, ...] = ()
    is_failure: bool = False


def refuse_unknown_setting(check: Check, settings: Sequence[Mapping[str, Any]]) -> None:
    """Refuse a check that names no setting of a plan, or several.

    Args:
        settings: of every run that is planned.

    Raises:
        UsageError: it does.
    """
    if check.subject is not Subject.SETTING:
        return
    different = {repr(each): each for each in map(without_replicates, settings)}
    check.refuse_unknown_keys(dict.fromkeys(key for each in different.values() for key in each))
    named = sum(map(check.names, different.values()))
    subject = check.text.rpartition(":")[0]
    if named == 0:
        raise UsageError(f"must name a setting of the grid; none has {subject}")
    if named > 1:
        rule = f"must name one setting; {named:,} of {len(different):,} have {subject}"
        raise UsageError(f"{rule}: write more of its values")


def carry_out(
    checks: Sequence[Check], settings: Sequence[SettingSummary], verdict: Verdict | None
) -> tuple[tuple[Case, ...], ...]:
    """The cases of each check: one a setting where it speaks of every run, else one."""
    return tuple(tuple(_cases(check, settings, verdict)) for check in checks)


def chosen_setting(
    settings: Sequence[SettingSummary], verdict: Verdict | None, subject: Subject = Subject.USE
) -> SettingSummary | None:
    """The best setting or the one to use; a single one is both. None where nothing chooses."""
    if verdict is None:
        return settings[0] if len(settings) == 1 else None
    return verdict.settings[verdict.best if subject is Subject.BEST else verdict.use]


def _cases(
    check: Check, settings: Sequence[SettingSummary], verdict: Verdict | None
) -> Iterator[Case]:
    if check.subject is Subject.EVERY_RUN:
        for setting in settings:
            met = tuple(_runs_that_meet(check, setting))
            yield Case(check, setting, runs=met, is_failure=bool(met))
        return
    if check.is_of_verdict:
        found = chosen_setting(settings, verdict, check.subject)
    else:
        found = next((each for each in settings if check.names(each.settings)), None)
    spread = None if found is None else found.spread(check.condition.key)
    value = None if spread is None else spread.mean
    yield Case(check, found, value, is_failure=check.condition.is_met_by(value))


def _runs_that_meet(check: Check, setting: SettingSummary) -> Iterator[RunRecord]:
    """Those that ended well: others are failures anyway."""
    for run in setting.records:
        value = read_number(run, check.condition.key)
        if run.state is RunState.FINISHED and check.condition.is_met_by(value):
            yield run
