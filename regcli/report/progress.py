"""How progress is shown: a live bar on a terminal, else one plain line for each run."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Self

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeRemainingColumn,
)

from regcli.planning.events import (
    EpochsDone,
    Event,
    Noted,
    Phase,
    PhaseBegun,
    Planned,
    PopulationBegun,
    RunBegun,
    RunStored,
)
from regcli.report.counts import count_epochs, count_runs
from regcli.report.figures import LEAST_DIGITS, loss_text, seconds_text
from regcli.report.result_columns import metric_label, metric_style
from regcli.report.setting_names import short_names
from regcli.report.setting_values import digits_for, value_text
from regcli.report.sink import Sink
from regcli.results.conditions import read_number
from regcli.results.records import STRENGTHS, RunRecord, RunState
from regcli.results.shown_metrics import shown_metrics


class PlainProgress:
    """One line when a sweep begins and one when a run has ended."""

    def __init__(self, sink: Sink) -> None:
        self.sink = sink
        self.total = 0
        self.position = 0
        self.digits: Mapping[str, int] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        return None

    def __call__(self, event: Event) -> None:
        """Show an event to a person; without a terminal, epochs are not shown."""
        match event:
            case Planned():
                self.planned(event)
            case Noted(text):
                self.sink.note(text)
            case PhaseBegun(Phase.SEARCHING as phase):  # nothing else is said while it lasts
                self.sink.note(phase)
            case PopulationBegun(members):
                # Their lines come all at once.
                self.sink.note(f"training {count_runs(members)} together")
            case RunStored(record):
                self.stored(record)

    def planned(self, plan: Planned) -> None:
        """Say how many runs there are and how many are stored."""
        self.total, self.position = plan.runs - plan.reused, 0
        keys = dict.fromkeys(key for setting in plan.settings for key in setting)
        self.digits = {key: digits_for(s.get(key) for s in plan.settings) for key in keys}
        if plan.reused:
            stored = f"{plan.reused} stored before, {self.total} to train"
            self.sink.note(f"{count_runs(plan.runs)}: {stored}")

    def stored(self, record: RunRecord) -> None:
        """Say how a run ended."""
        self.position += 1
        if not self.sink.quiet:  # of 10,000 runs, lines that nobody reads take a second
            self.sink.note(f"[{self.position}/{self.total}] {ending(record, self.digits)}")


class LiveProgress(PlainProgress):
    """A bar over all epochs of all runs, with what is in hand and the time that remains."""

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
        self.task = self.bar.add_task("", total=None)
        self.in_hand = ""

    def __exit__(self, *raised: object) -> None:
        self.bar.stop()

    def __call__(self, event: Event) -> None:
        """Show what is in hand, and how far it is; say only what cannot wait."""
        match event:
            case PhaseBegun(phase):
                self.bar.start()
                self._describe(phase)
            case PopulationBegun(members):
                self.in_hand = f"{count_runs(members)} together"
            case RunBegun(run):
                refit_of = run.parent if run.keep_zeros else None
                self.in_hand = setting_text(run.settings, refit_of, self.digits)
                self._describe(Phase.TRAINING)
            case EpochsDone(count):
                self.bar.advance(self.task, count)
            case _:
                super().__call__(event)

    def planned(self, plan: Planned) -> None:
        """Set the bar to its beginning."""
        super().planned(plan)
        self.in_hand = ""
        self.bar.reset(self.task, total=plan.epochs)

    def _describe(self, phase: Phase) -> None:
        """Name what is in hand, and the phase unless it is the training itself."""
        named = "" if phase is Phase.TRAINING else phase
        text = ", ".join(filter(None, (self.in_hand, named)))
        counted = f"[{self.position + 1}/{self.total}] " if self.in_hand else ""
        self.bar.update(self.task, description=counted + text)

    def stored(self, record: RunRecord) -> None:
        """Move the bar past epochs that were not needed."""
        planned = record.config["training"]["epochs"]
        self.bar.advance(self.task, planned - record.epochs)
        if record.state is RunState.FINISHED:
            self.position += 1
        else:
            super().stored(record)


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
        if not (key == "method" or (key == "fold" and value is None))
        and (value or key.rpartition(".")[-1] not in off)
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
