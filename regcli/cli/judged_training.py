"""Training that ends with a verdict and its gate: what `sweep` and `path` share.

The gate is made ready, runs are trained and stored, the verdict and the checks are made while the
store is open; then messages, results and the exit code follow.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from regcli.cli.endings import say_what_is_kept, say_what_was_replaced, say_what_was_reused
from regcli.cli.gate import Gate
from regcli.cli.judged import end
from regcli.cli.options import open_runs
from regcli.config.load import LoadedConfig
from regcli.data.references import Datasets
from regcli.data.sources import CACHE
from regcli.errors import ExitCode
from regcli.planning.populations import EngineChoice
from regcli.report.contents import View
from regcli.report.formats import Format
from regcli.report.progress import make_progress
from regcli.report.sink import Sink
from regcli.results.verdict.judgement import Verdict
from regcli.signals import Interrupts
from regcli.workflows.graph_training import SweepResult
from regcli.workflows.prediction_keeping import keep_predictions_of_named
from regcli.workflows.stopping_listener import StopsAtInterrupts
from regcli.workflows.sweep_verdict import judge_sweep
from regcli.workflows.workspace import Workspace


@dataclass(frozen=True)
class Trained:
    """What was trained, and how to show it.

    Attributes:
        ranked: the runs that the verdict and the checks speak of.
        view: what to show, given the verdict.
        along: the strength that varies along a path, of which they are the points.
        refitted: what was trained from them afterwards.
        is_whole: whether they are all that a verdict needs.
    """

    ranked: SweepResult
    view: Callable[[Verdict | None], View]
    along: str = ""
    refitted: SweepResult | None = None
    is_whole: bool = True

    @property
    def last(self) -> SweepResult:
        """What was trained last; an interrupt ends that one."""
        return self.refitted or self.ranked


@dataclass(frozen=True)
class JudgedTraining:
    """How a command trains, what its results have to meet, and where it shows them."""

    sink: Sink
    form: Format
    gate: Gate
    runs: Path
    interrupts: Interrupts
    device: str
    engine: EngineChoice
    fresh: bool

    def run(self, loaded: LoadedConfig, train: Callable[[Workspace], Trained]) -> ExitCode:
        """Train, judge, show, and give the exit code.

        Raises:
            UsageError: of the gate, about what it asks for.
            RegcliError: whatever the training raises.
        """
        gate = self.gate.with_config(loaded)
        with open_runs(self.runs, create=True) as store, make_progress(self.sink) as progress:
            gate = gate.with_earlier(store)
            tell = StopsAtInterrupts(gate.checking(progress), self.interrupts)
            data = Datasets(self.runs / CACHE)
            workspace = Workspace(store, tell, self.device, self.engine, self.fresh, data)
            trained = train(workspace)
            ranked, last = trained.ranked, trained.last
            verdict = None
            if trained.is_whole:
                verdict = judge_sweep(loaded, ranked, store, trained.along)
                keep_predictions_of_named(ranked, verdict, workspace)
            judged = gate.judge(ranked.records, verdict, store, last.interrupted)
        for result in (ranked,) if last is ranked else (ranked, last):
            say_what_was_reused(self.sink, result)
            say_what_was_replaced(self.sink, result)
        view = trained.view(verdict)
        self.sink.show(view, self.form)
        others = () if last is ranked else last.records
        code = end(self.sink, judged, view, ranked.sweep.name, others)
        if last.interrupted:
            say_what_is_kept(self.sink, last)
            return ExitCode.INTERRUPTED
        return code
