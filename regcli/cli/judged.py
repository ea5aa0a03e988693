"""The end of a command with a gate: messages, files for build servers, and the exit code."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from regcli.cli.demands import Demand
from regcli.errors import ExitCode, UsageError
from regcli.report.check_words import CheckWords
from regcli.report.contents import View
from regcli.report.github import annotations, is_on_github, this_environment, write_summary
from regcli.report.junit import TestCase, junit_text
from regcli.report.sink import Sink
from regcli.results.gate.cases import Case
from regcli.results.gate.earlier import Change
from regcli.results.records import RunRecord, RunState
from regcli.results.settings import SettingSummary
from regcli.whole_files import replacing


@dataclass(frozen=True)
class Judged:
    """Checks that were carried out.

    Attributes:
        cases: of each demand.
        chosen: the setting to use, or the only one.
        junit: the file to write them to.
        baseline: what the earlier sweep is named by, where there is one.
        change: the setting to use beside the earlier one; None where nothing says which to use.
        refusal: why it cannot be compared with the earlier one.
    """

    settings: tuple[SettingSummary, ...]
    cases: tuple[tuple[Demand, tuple[Case, ...]], ...]
    chosen: SettingSummary | None
    junit: Path | None = None
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


def end(
    sink: Sink,
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
    if judged.junit is not None:
        _write_junit(judged.junit, suite, judged)
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
