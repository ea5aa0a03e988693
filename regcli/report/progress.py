"""How a sweep's progress is told: a live bar on a terminal, one plain line a run off it."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType, TracebackType
from typing import Any, Self

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeRemainingColumn,
)

from regcli.experiments import PlannedRun
from regcli.report.counts import count_epochs, count_runs
from regcli.report.figures import LEAST_DIGITS, loss_text, seconds_text
from regcli.report.result_columns import metric_label, metric_style
from regcli.report.setting_names import short_names
from regcli.report.setting_values import digits_for, value_text
from regcli.report.sink import Sink
from regcli.results.asked import shown_metrics
from regcli.results.conditions import read_number
from regcli.results.records import STRENGTHS, RunRecord, RunState


class PlainProgress:
    """One line when a sweep begins and one when a run has ended."""

    def __init__(self, sink: Sink) -> None:
        self.sink = sink
        self.total = 0
        self.position = 0
        self.digits: Mapping[str, int] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        return None

    def planned(
        self, runs: int, reused: int, epochs: int, settings: Sequence[Mapping[str, Any]]
    ) -> None:
        """Say how many runs there are and how many are stored."""
        del epochs
        self.total, self.position = runs - reused, 0
        keys = dict.fromkeys(key for setting in settings for key in setting)
        self.digits = {key: digits_for(s.get(key) for s in settings) for key in keys}
        if reused:
            self.sink.note(f"{count_runs(runs)}: {reused} stored before, {self.total} to train")

    def note(self, text: str) -> None:
        """Pass it on to the person."""
        self.sink.note(text)

    def population_started(self, members: int) -> None:
        """Say that members are trained together: their lines come all at once."""
        self.sink.note(f"training {count_runs(members)} together")

    def run_started(self, run: PlannedRun) -> None:
        """Say nothing: the line that a run gets says how it ended."""

    def epochs_done(self, count: int) -> None:
        """Say nothing: off a terminal, epochs would only fill the log."""

    def run_ended(self, record: RunRecord) -> None:
        """Say how the run ended."""
        self.position += 1
        self.sink.note(f"[{self.position}/{self.total}] {ending(record, self.digits)}")


class LiveProgress(PlainProgress):
    """A bar over all epochs of all runs, with the setting in hand and the time that remains."""

    def __init__(self, sink: Sink) -> None:
        super().__init__(sink)
        self.bar = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=None),
            MofNCompleteColumn(),
            TextColumn("epochs"),
            TimeRemainingColumn(),
            console=sink.err,
            transient=True,
            expand=True,
        )
        self.task = self.bar.add_task("loading TensorFlow", total=None)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.bar.stop()

    def planned(
        self, runs: int, reused: int, epochs: int, settings: Sequence[Mapping[str, Any]]
    ) -> None:
        """Show the bar from its beginning, if there is anything to wait for."""
        super().planned(runs, reused, epochs, settings)
        self.bar.reset(self.task, total=epochs)
        if self.total:
            self.bar.start()

    def population_started(self, members: int) -> None:
        """Show how many are trained together."""
        self._describe(f"{count_runs(members)} together")

    def run_started(self, run: PlannedRun) -> None:
        """Show the setting in hand."""
        training = run.member.config.training
        refit_of = training.start_from if training.keep_zeros else None
        self._describe(setting_text(run.member.settings, refit_of, self.digits))

    def _describe(self, text: str) -> None:
        self.bar.update(self.task, description=f"[{self.position + 1}/{self.total}] {text}")

    def epochs_done(self, count: int) -> None:
        """Move the bar."""
        self.bar.advance(self.task, count)

    def run_ended(self, record: RunRecord) -> None:
        """Move the bar past epochs that were not needed; say only what cannot wait."""
        planned = record.config["training"]["epochs"]
        self.bar.advance(self.task, planned - record.epochs)
        if record.state is RunState.FINISHED:
            self.position += 1
        else:
            super().run_ended(record)


def make_progress(sink: Sink) -> PlainProgress:
    """The progress that suits where stderr goes."""
    live = sink.err.is_terminal and not sink.err.is_dumb_terminal and not sink.quiet
    return LiveProgress(sink) if live else PlainProgress(sink)


def setting_text(
    settings: Mapping[str, Any],
    refit_of: str | None = None,
    digits: Mapping[str, int] = MappingProxyType({}),
) -> str:
    """A setting in one line: `l1 0.01, l2 0, seed 0`, or `refit of 3fa9c1d2e0b4, seed 0`.

    A method that is not Keras's own, the penalty, is named.

    Args:
        digits: of each key's numbers, as many as tell its values apart.
    """
    names = short_names(settings)
    off = frozenset() if refit_of is None else STRENGTHS
    parts = [] if refit_of is None else [f"refit of {refit_of}"]
    parts += [
        f"{names[key]} {value_text(value, digits.get(key, LEAST_DIGITS))}"
        for key, value in settings.items()
        if key not in {"method", "fold"} and (value or key.rpartition(".")[-1] not in off)
    ]
    method = settings.get("method")
    return ", ".join(parts if method in {None, "penalty"} else [*parts, str(method)])


def ending(record: RunRecord, digits: Mapping[str, int] = MappingProxyType({})) -> str:
    """How a run ended, in one line; `digits` as `setting_text` takes them."""
    setting = setting_text(record.settings, record.refit_of, digits)
    took = f"{count_epochs(record.epochs)} in {seconds_text(record.seconds)}"
    if record.state is not RunState.FINISHED:
        return f"{setting}: {record.state.value}, {record.message} ({took})"
    part = "validation" if record.metrics.get("validation") else "train"
    loss = loss_text(read_number(record, f"{part}.data_loss"))
    shown = [each.key for each in shown_metrics([record])[:1] if each.key in record.metrics[part]]
    scores = [
        f", {metric_label(key)} {metric_style(key).text(read_number(record, f'{part}.{key}'))}"
        for key in shown
    ]
    return f"{setting}: {part} loss {loss}{''.join(scores)} ({took})"
