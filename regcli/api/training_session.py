"""How a call trains: on one store, with progress, stopped by an interrupt with nothing lost."""

import signal
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from regcli.api.data_errors import called_data
from regcli.api.finished_run import Run
from regcli.api.finished_sweep import Sweep, sweep_of
from regcli.api.notebook_progress import call_progress
from regcli.config.load import LoadedConfig
from regcli.config.mappings import SOURCE
from regcli.data.references import Datasets
from regcli.data.sources import CACHE
from regcli.planning.events import Event, Noted, Tell
from regcli.planning.populations import EngineChoice
from regcli.report.counts import count_runs
from regcli.results.records import RunRecord, RunState
from regcli.results.repeated_runs import differing
from regcli.results.verdict.judgement import Retraining, Verdict
from regcli.signals import Interrupts
from regcli.store.store import open_store
from regcli.workflows.graph_training import SweepResult
from regcli.workflows.grid_sweep import TrainResult, run_single
from regcli.workflows.prediction_keeping import keep_predictions_of_named
from regcli.workflows.stopping_listener import StopsAtInterrupts
from regcli.workflows.sweep_verdict import judge_sweep
from regcli.workflows.workspace import Workspace


@dataclass(frozen=True)
class Session:
    """How one call trains, and what it was told meanwhile.

    Attributes:
        folder: of the store.
        progress: whether progress is shown; None where it suits.
        own_data: the file of the call's own arrays or frame; None where it gave none.
    """

    folder: Path
    device: str
    engine: EngineChoice
    fresh: bool
    progress: bool | None
    own_data: Path | None = None
    _notes: list[str] = field(default_factory=list)

    @contextmanager
    def workspace(self) -> Iterator[Workspace]:
        """What a workflow works with; its store is closed afterwards.

        Raises:
            StoreError: the store cannot be opened.
        """
        named = called_data(self.own_data)
        store = open_store(self.folder, create=True, allows_code=True)
        with named, store, call_progress(self.progress) as shown, _interrupts() as interrupts:
            tell = StopsAtInterrupts(self._noting(shown), interrupts)
            data = Datasets(self.folder / CACHE)
            yield Workspace(store, tell, self.device, self.engine, self.fresh, data)

    def _noting(self, tell: Tell) -> Tell:
        def note_and_tell(event: Event) -> None:
            if isinstance(event, Noted):
                self._notes.append(event.text)
            tell(event)

        return note_and_tell

    def sweep(
        self,
        loaded: LoadedConfig,
        result: SweepResult,
        workspace: Workspace,
        along: str = "",
        refits: Sequence[RunRecord] = (),
        last: SweepResult | None = None,
    ) -> Sweep:
        """What a sweep or a path gives back.

        Args:
            along: the strength that varies along a path.
            refits: what was trained again from its points.
            last: what was trained last, which an interrupt ends; None for the sweep itself.

        Raises:
            KeyboardInterrupt: the training was interrupted.
        """
        _raise_interrupted(last or result)
        verdict = judge_sweep(loaded, result, workspace.store, along)
        keep_predictions_of_named(result, verdict, workspace)
        retrain = self._retraining(loaded, None if verdict is None else verdict.retraining)
        if verdict is not None and loaded.document.source == SOURCE:
            verdict = _without_a_command(verdict)
        notes = tuple(dict.fromkeys(self._notes))
        found = sweep_of(self.folder, result.sweep, result.records, lambda: verdict, along)
        refitted = tuple(Run(record, self.folder) for record in refits)
        return replace(
            found, reused=result.reused, notes=notes, refitted=refitted, _retrain=retrain
        )

    def _retraining(
        self, loaded: LoadedConfig, asked: Retraining | None
    ) -> Callable[[bool | None], Run] | None:
        """Trains the setting to use on all its rows; None where that is not known."""
        if asked is None:
            return None

        def retrain(progress: bool | None) -> Run:
            again = Session(self.folder, self.device, self.engine, False, progress)
            with again.workspace() as workspace:
                return again.run(run_single(loaded.with_values(asked.values), workspace))

        return retrain

    def run(self, result: TrainResult) -> Run:
        """What training one run gives back: as it is stored.

        Raises:
            KeyboardInterrupt: it was interrupted.
        """
        record, stored = result.record, result.stored
        if record.state is RunState.INTERRUPTED:
            raise KeyboardInterrupt(f"run {record.id}: ended before its last epoch")
        if stored is None or not stored.state.is_final:
            return Run(record, self.folder)
        if keys := differing(record, stored):
            warnings.warn(
                f"run {record.id}: trained again, differs from the stored run, which is kept, in "
                f"{', '.join(keys)}",
                stacklevel=3,
            )
        return Run(stored.model_copy(update={"settings": record.settings}), self.folder)


def _without_a_command(verdict: Verdict) -> Verdict:
    """A verdict that does not say how to train again: no file holds the config."""
    return replace(verdict, retraining=None)


def _raise_interrupted(result: SweepResult) -> None:
    if not result.interrupted:
        return
    kept = sum(record.state.is_final for record in result.records)
    remaining = len(result.records) - kept + result.missing
    raise KeyboardInterrupt(
        f"{count_runs(kept)} completed and stored, {remaining:,} remaining; the same call resumes"
    )


@contextmanager
def _interrupts() -> Iterator[Interrupts]:
    """What notices a Ctrl-C that TensorFlow loses; only the main thread gets any."""
    if threading.current_thread() is not threading.main_thread():
        yield Interrupts()
        return
    with Interrupts().listening((signal.SIGINT,)) as interrupts:
        yield interrupts
