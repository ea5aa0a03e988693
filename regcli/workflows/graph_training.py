"""Training the runs of a graph that are not stored yet, and storing each as soon as it has ended.

TensorFlow is loaded only once something has to be trained: a sweep whose runs are all stored ends
without it.
"""

import time
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from regcli.data.asked_metrics import metric_notes
from regcli.planning.batches import Batch, make_batches
from regcli.planning.events import Noted, Phase, PhaseBegun, Planned
from regcli.planning.graph import RunGraph
from regcli.planning.identity import content_hash
from regcli.planning.populations import EngineChoice
from regcli.planning.run import Run, require_code_allowed
from regcli.planning.shards import Shard
from regcli.results.records import RunRecord, SweepRecord
from regcli.results.settings import VARIANT
from regcli.results.shown_metrics import as_asked
from regcli.store.leftovers import CHECKPOINTS
from regcli.store.store import Store
from regcli.store.store_weights import read_weights
from regcli.workflows.claims import Claims
from regcli.workflows.keeper import Keeper
from regcli.workflows.shared_training import train_shared
from regcli.workflows.workspace import Workspace

if TYPE_CHECKING:
    from regcli.training.executors import Executor, Materials


@dataclass(frozen=True)
class SweepResult:
    """What a sweep gives back.

    Attributes:
        sweep: the sweep as it is stored.
        records: the records there are, in the order of the grid.
        missing: runs that were not reached because the sweep was interrupted; none after the end
            of a path.
        reused: how many records were in the store before, and are shown.
        replaced: those that were in the store before, of runs that were trained again.
        runs: what was asked for.
    """

    sweep: SweepRecord
    records: tuple[RunRecord, ...]
    missing: int
    reused: int
    interrupted: bool
    replaced: tuple[RunRecord, ...] = ()
    runs: tuple[Run, ...] = ()


def train_as_sweep(
    runs: Iterable[Run], name: str, workspace: Workspace, shard: Shard | None = None
) -> SweepResult:
    """Train those of some runs that are not stored, and store them as one sweep.

    A run that fails or diverges does not stop the others. An interrupt keeps the runs that have
    ended, and gives back what there is.

    Args:
        runs: a run that starts from another comes after it.
        name: of the sweep.
        shard: the part of them to train; the sweep is then not stored, as it is not whole.

    Raises:
        ConfigError, DeviceError, EngineError, StoreError: before anything is trained.
        StoreError: if a run cannot be stored.
    """
    started = time.perf_counter()
    whole = tuple(runs)
    asked = whole if shard is None else shard.of(whole)
    graph = RunGraph.of(asked)
    before = final_records(workspace.store, graph)
    known = {} if workspace.fresh else dict(before)
    reused = known.keys() & {run.id for run in graph.reached(known)}
    if workspace.fresh:  # waiting for others would end with what they have stored before
        interrupted = train_graph(graph, known, workspace, asked, whole=whole)
    else:
        with Claims(workspace.store) as claims:
            interrupted = train_graph(graph, known, workspace, asked, claims, whole)
    reached = {run.id for run in graph.reached(known)}
    records = tuple(
        _as_asked(known[run.id], run) for run in asked if run.id in reached and run.id in known
    )
    sweep = SweepRecord(
        id=content_hash(["sweep", *(run.id for run in asked)]),
        name=name,
        engine="+".join(sorted({record.engine for record in records})),
        seconds=time.perf_counter() - started,
        run_ids=tuple(run.id for run in asked),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        metrics=asked[0].config.metrics if asked else None,
        select_by=asked[0].config.select_by if asked else None,
        margin=asked[0].config.margin if asked else None,
        keys=tuple(dict.fromkeys(key for run in asked for key in run.settings)),
        variants=tuple(str(run.settings[VARIANT]) for run in asked if VARIANT in run.settings),
    )
    if shard is None:
        _store_sweep(sweep, workspace.store)
    missing = sum(run.id in reached for run in asked) - len(records)
    replaced = () if not workspace.fresh else tuple(before[key] for key in before if key in known)
    return SweepResult(sweep, records, missing, len(reused), interrupted, replaced, asked)


def _store_sweep(sweep: SweepRecord, store: Store) -> None:
    """Store a sweep with the time that it took in all, where it was resumed."""
    before = store.sweep(sweep.id)
    spent = sweep.seconds + (0.0 if before is None else before.seconds)
    store.add_sweep(sweep.model_copy(update={"seconds": spent}))


def _as_asked(record: RunRecord, run: Run) -> RunRecord:
    """A run's record, which a sweep may have stored that varied and showed other things."""
    varied = record.model_copy(update={"settings": dict(run.settings)})
    return as_asked(varied, run.config.metrics, run.config.select_by)


def final_records(store: Store, graph: RunGraph[Run]) -> dict[str, RunRecord]:
    """The stored records of a graph's runs that training would only repeat, by id."""
    found = store.find(graph.runs)
    return {key: record for key, record in found.items() if record.state.is_final}


def train_graph(
    graph: RunGraph[Run],
    known: dict[str, RunRecord],
    workspace: Workspace,
    asked: Sequence[Run],
    claims: Claims | None = None,
    whole: Sequence[Run] = (),
) -> bool:
    """Train the runs of a graph whose records are not known; True if interrupted.

    Args:
        known: by id; new ones are added to it.
        asked: every run as it is reported, also one that is named twice.
        claims: what leaves runs to other processes that train them; None to train all.
        whole: every run of the sweep that these are a part of; none where they are all.
    """
    reached = graph.reached(known)
    pending = [run for run in reached if run.id not in known]
    workspace.tell(
        Planned(
            runs=len(reached),
            reused=len(reached) - len(pending),
            epochs=sum(run.config.training.epochs for run in pending),
            settings=[run.settings for run in asked],
        )
    )
    if not pending:
        return False
    require_code_allowed(pending)
    for note in _notes(pending, workspace):
        workspace.tell(Noted(note))
    workspace.tell(PhaseBegun(Phase.LOADING))
    materials = _materials(graph, workspace)
    keeper = Keeper(graph, known, workspace, materials.device)
    everything = RunGraph.of(whole) if whole else graph
    share = graph.runs.keys()
    batches = make_batches(everything, {run.id for run in pending}, workspace.data, share)
    chosen = [(_executor(batch, workspace, materials), batch) for batch in batches]
    for note in _notes_of_models(batches, workspace):
        workspace.tell(Noted(note))
    try:
        if claims is None:
            for executor, batch in chosen:
                executor.run(batch, keeper)
        else:
            train_shared(chosen, keeper, claims)
    except KeyboardInterrupt:
        return True
    return False


def _notes(runs: Sequence[Run], workspace: Workspace) -> Sequence[str]:
    """What a person should know of the rows, of each table once: its folds say much the same."""
    firsts = {run.data.fingerprint: run for run in reversed(runs)}
    found: list[str] = []
    for run in reversed(firsts.values()):
        splits = workspace.data.of(run.data)
        found += [*splits.notes, *metric_notes(run.config, splits.table)]
    return list(dict.fromkeys(found))


def _notes_of_models(batches: Sequence[Batch], workspace: Workspace) -> Sequence[str]:
    """What a person should know of the models, which can all be built."""
    from regcli.training.existing_regularizers import existing_notes

    firsts = [batch.runs[0] for batch in batches]
    found = [n for run in firsts for n in existing_notes(run.config, workspace.data.of(run.data))]
    return list(dict.fromkeys(found))


def _materials(graph: RunGraph[Run], workspace: Workspace) -> "Materials":
    from regcli.training.executors import Materials

    device = device_of(graph.runs.values(), workspace.device, workspace.engine)
    store = workspace.store
    # What an interrupted training has left may be of other versions.
    checkpoints = None if workspace.fresh else store.folder / CHECKPOINTS
    return Materials(device, workspace.data, partial(read_weights, store), checkpoints)


def device_of(runs: Collection[Run], device: str, engine: EngineChoice) -> str:
    """TensorFlow's name of a requested device, made ready for all runs of a graph.

    By all of them, not only the remaining ones, so that a resumed sweep keeps its numbers.

    Raises:
        DeviceError: it is not available.
    """
    from regcli.training.devices import prepare_device

    together = engine != "keras" and len(runs) > 1
    polished = any(run.may_be_polished for run in runs)
    return prepare_device(device, many_programs=together and not polished)


def _executor(batch: Batch, workspace: Workspace, materials: "Materials") -> "Executor":
    """The executor of a batch.

    Raises:
        ConfigError: a model of it cannot be built.
    """
    from regcli.training.executor_choice import RefusedRunError, choose_executor

    try:
        return choose_executor(batch, workspace.engine, materials)
    except RefusedRunError as refused:
        raise refused.run.placed(refused.error) from refused
