"""Whether a command's results are good enough, and what it leaves for a build server to show.

Its checks are read before anything is loaded, those that name a setting once the plan is known.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property, partial
from pathlib import Path

from regcli.cli.options import blaming
from regcli.config.check_grammar import Check, Subject, parse_check
from regcli.config.load import LoadedConfig
from regcli.config.problems import dotted
from regcli.errors import ConfigError, ExitCode, UsageError
from regcli.planning.events import Event, Planned, Tell
from regcli.report.check_words import CheckWords
from regcli.report.contents import View
from regcli.report.github import annotations, is_on_github, this_environment, write_summary
from regcli.report.junit import TestCase, junit_text
from regcli.report.sink import Sink
from regcli.results.gate.cases import Case, carry_out, chosen_setting, refuse_unknown_setting
from regcli.results.gate.earlier import Change, Earlier, compare_with
from regcli.results.records import RunRecord, RunState
from regcli.results.settings import SettingSummary, by_setting
from regcli.results.verdict.judgement import MARGIN, Verdict
from regcli.store.store import Store
from regcli.store.store_row_values import read_row_values
from regcli.whole_files import replacing
from regcli.workflows.earlier_sweep import find_earlier


@dataclass(frozen=True)
class Demand:
    """A check, and who asks for it.

    Attributes:
        rule: what a message ends with where it fails.
        place: where it stands in a file; empty for one of an option.
        key: of the config, such as `checks.0`; empty for one of an option.
    """

    check: Check
    rule: str
    place: str = ""
    key: str = ""


@dataclass(frozen=True)
class Gate:
    """What a command's results have to meet.

    Attributes:
        junit: the file to write the outcome to.
        baseline: names an earlier sweep, and `tolerance` how much worse than it is no failure.
        earlier: that sweep, once it is known.
    """

    demands: tuple[Demand, ...] = ()
    junit: Path | None = None
    baseline: str | None = None
    tolerance: float | None = None
    margin: float = MARGIN
    earlier: Earlier | None = None

    def with_config(self, loaded: LoadedConfig) -> "Gate":
        """The gate with the checks and the margin of a config."""
        asked = loaded.config.verdict
        return replace(
            self,
            demands=(*self.demands, *_of_config(loaded)),
            margin=MARGIN if asked is None else asked.margin,
        )

    def with_earlier(self, store: Store) -> "Gate":
        """The gate with its earlier sweep, if it names one.

        Raises:
            UsageError: there is no such sweep, or nothing says which of its settings to use.
        """
        if self.baseline is None:
            return self
        with blaming("--baseline"):
            return replace(self, earlier=find_earlier(self.baseline, store, self.margin))

    def checking(self, tell: Tell) -> Tell:
        """A listener that refuses the plan where a check names no setting of it."""
        return _PlanCheck(self.demands, tell)

    def judge(
        self,
        records: Sequence[RunRecord],
        verdict: Verdict | None,
        store: Store | None = None,
        is_interrupted: bool = False,
    ) -> "Judged":
        """The checks carried out on what was trained.

        Of an interrupted command only those of every run: the others would speak of a part of the
        grid.

        Args:
            store: where the rows of the runs are, for the earlier sweep.
        """
        settings = by_setting(records)
        demands = [
            demand
            for demand in self.demands
            if not is_interrupted or demand.check.subject is Subject.EVERY_RUN
        ]
        cases = carry_out([demand.check for demand in demands], settings, verdict)
        judged = Judged(
            settings, tuple(zip(demands, cases, strict=True)), chosen_setting(settings, verdict)
        )
        if self.earlier is None or store is None or is_interrupted:
            return judged
        rows_of = partial(read_row_values, store)
        tolerance = self.margin if self.tolerance is None else self.tolerance
        try:
            change = compare_with(self.earlier, settings, verdict, rows_of, tolerance)
        except UsageError as error:
            return replace(judged, refusal=UsageError(f"--baseline: {error}"))
        return replace(judged, baseline=self.baseline, change=change)


@dataclass(frozen=True)
class Judged:
    """Checks that were carried out.

    Attributes:
        cases: of each demand.
        chosen: the setting to use, or the only one.
        baseline: what the earlier sweep is named by, where there is one.
        change: the setting to use beside the earlier one; None where nothing says which to use.
        refusal: why it cannot be compared with the earlier one.
    """

    settings: tuple[SettingSummary, ...]
    cases: tuple[tuple[Demand, tuple[Case, ...]], ...]
    chosen: SettingSummary | None
    baseline: str | None = None
    change: Change | None = None
    refusal: UsageError | None = field(default=None, compare=False)

    @cached_property
    def words(self) -> CheckWords:
        """Says what the checks found."""
        return CheckWords(self.settings)

    def problems(self) -> Iterator[tuple[str, str]]:
        """What is wrong, and where in a file that is demanded."""
        for demand, cases in self.cases:
            for case in cases:
                for text in self.words.problems(case):
                    yield f"{text}; {demand.rule}", demand.place
        if (text := self.change_text()) and self.is_worse:
            yield f"{text}; --baseline counts this as a failure", ""

    @property
    def is_worse(self) -> bool:
        """Whether the setting to use is worse than the earlier one, or not known."""
        return self.change is None or self.change.is_failure

    def change_text(self) -> str:
        """The setting to use beside the earlier one; empty where there is none."""
        if self.baseline is None:
            return ""
        if self.change is None:
            return f"setting to use: not known, so it cannot be compared with {self.baseline}"
        return self.words.change(self.change, self.baseline)


class _PlanCheck:
    """A listener that checks the first plan that it is told of."""

    def __init__(self, demands: Sequence[Demand], tell: Tell) -> None:
        self.demands, self.tell = tuple(demands), tell

    def __call__(self, event: Event) -> None:
        """Pass it on, once its settings are known to be those that the checks name."""
        if isinstance(event, Planned):
            demands, self.demands = self.demands, ()
            for demand in demands:
                _check_named(demand, event)
        self.tell(event)


def _check_named(demand: Demand, plan: Planned) -> None:
    try:
        refuse_unknown_setting(demand.check, plan.settings)
    except UsageError as error:
        if demand.place:
            raise ConfigError([f"{demand.place}: {demand.key}: {error}"]) from None
        raise UsageError(f"--fail-if: {error}") from None


def open_gate(
    fail_if: Sequence[str] | None,
    junit: Path | None = None,
    baseline: str | None = None,
    tolerance: float | None = None,
) -> Gate:
    """The gate of a command's options.

    Raises:
        UsageError: one of them is malformed; names it.
    """
    with blaming("--fail-if"):
        checks = [parse_check(text) for text in fail_if or ()]
    if junit is not None and not junit.parent.is_dir():
        raise UsageError(f"--junit: there is no folder {junit.parent}; create it first")
    if tolerance is not None and baseline is None:
        raise UsageError("--tolerance: requires --baseline, the sweep to compare with")
    if tolerance is not None and not 0 <= tolerance < math.inf:
        raise UsageError(f"--tolerance: must be a finite number of at least 0, got {tolerance:g}")
    demands = [
        Demand(check, f"--fail-if '{check.text}' counts this as a failure") for check in checks
    ]
    return Gate(tuple(demands), junit, baseline, tolerance)


def _of_config(loaded: LoadedConfig) -> Iterator[Demand]:
    for position, text in enumerate(loaded.config.checks or ()):
        path = ("checks", position)
        place = loaded.document.place(path)
        rule = f"'{text.strip()}' ({place}) counts this as a failure"
        yield Demand(parse_check(text), rule, str(place), dotted(path))


def end(
    sink: Sink,
    gate: Gate,
    judged: Judged,
    view: View,
    suite: str,
    others: Iterable[RunRecord] = (),
) -> ExitCode:
    """Say what is wrong, leave files for build servers, and give the exit code.

    Args:
        view: what the command has shown.
        suite: name of what was trained.
        others: runs that no check speaks of, and that must have ended well too.

    Raises:
        UsageError: the earlier sweep cannot be compared with; all files are written then.
        OSError: a file cannot be written.
    """
    records = [run for setting in judged.settings for run in setting.records]
    records += others
    found = [(text, "") for text in _unfinished(records)] + list(judged.problems())
    for text, _ in found:
        sink.problem(text)
    if (text := judged.change_text()) and not judged.is_worse:
        sink.note(text)
    if gate.junit is not None:
        _write_junit(gate.junit, suite, judged)
    environment = this_environment()
    if is_on_github(environment):
        _show_on_github(sink, view, found, environment)
    if judged.refusal is not None:
        raise judged.refusal
    if any(record.state is RunState.INTERRUPTED for record in records):
        return ExitCode.INTERRUPTED
    return ExitCode.RUN_FAILED if found else ExitCode.OK


def _unfinished(records: Sequence[RunRecord]) -> Iterator[str]:
    for record in records:
        if record.state is not RunState.FINISHED:
            yield f"run {record.id}: {record.state.value}, {record.message}"


def _show_on_github(
    sink: Sink, view: View, found: Sequence[tuple[str, str]], environment: Mapping[str, str]
) -> None:
    problems = [text for text, _ in found]
    placed = [f"{place}: {text}" if place else text for text, place in found]
    for line in annotations(placed, environment):
        sink.problem(line)
    try:
        write_summary(view.report(), problems, environment)
    except OSError as error:
        sink.problem(f"the summary of the job cannot be written: {error.strerror}")


def _write_junit(path: Path, suite: str, judged: Judged) -> None:
    created = datetime.now(UTC).isoformat(timespec="seconds")
    text = junit_text(suite, list(_test_cases(judged)), created)
    with replacing(path) as unfinished:
        unfinished.write_text(text, encoding="utf-8", errors="backslashreplace")


def _test_cases(judged: Judged) -> Iterator[TestCase]:
    """Whether each setting's runs ended well, then each check of each setting."""
    words = judged.words

    def name_of(setting: SettingSummary | None, about: str) -> str:
        name = "" if setting is None else words.setting_name(setting.settings)
        return f"{name}: {about}" if name else about

    for setting in judged.settings:
        errors = tuple(_unfinished(setting.records))
        yield TestCase(name_of(setting, "trained"), _seconds(setting), errors=errors)
    for demand, cases in judged.cases:
        for case in cases:
            failures = words.problems(case)
            name = name_of(case.setting, demand.check.text)
            yield TestCase(name, _seconds(case.setting), failures)
    if text := judged.change_text():
        name = name_of(judged.chosen, f"compared with {judged.baseline}")
        yield TestCase(name, _seconds(judged.chosen), (text,) if judged.is_worse else ())


def _seconds(setting: SettingSummary | None) -> float:
    return 0.0 if setting is None else sum(run.seconds for run in setting.records)
