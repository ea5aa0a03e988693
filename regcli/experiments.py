"""The one orchestrator: config → data → training → results.

TensorFlow is loaded only once something has to be trained: a sweep whose runs are all stored ends
without it.
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, Protocol

from regcli.config.fingerprint import RunIds, content_hash, run_id
from regcli.config.load import LoadedConfig
from regcli.config.objective import Objective
from regcli.config.plan import Member, plan_single, plan_sweep
from regcli.config.populations import EngineChoice
from regcli.config.problems import dotted
from regcli.config.schema import Config
from regcli.config.stack import Stack, complete_stack
from regcli.config.tokens import taker_of_inputs
from regcli.data.asked import require_metrics
from regcli.data.dataset import Splits, Table
from regcli.data.sources import load_table
from regcli.data.splits import split
from regcli.data.token_inputs import require_tokens
from regcli.errors import ConfigError, ModelError
from regcli.results.asked import as_asked
from regcli.results.records import RunRecord, SweepRecord
from regcli.results.stops import Stop
from regcli.results.store import Store
from regcli.results.store_weights import read_weights
from regcli.signals import held_back

CHECKPOINTS = ".checkpoints"
"""Folder beside the runs for the state of populations in training."""

if TYPE_CHECKING:
    from regcli.training.outcome import Outcome, Weights
    from regcli.training.session import Job


class Observer(Protocol):
    """Whoever wants to be told how an experiment goes on."""

    def planned(
        self, runs: int, reused: int, epochs: int, settings: Sequence[Mapping[str, Any]]
    ) -> None:
        """Called once, before the first run is trained.

        Args:
            epochs: runs × epochs that are to be trained at most.
            settings: of every run.
        """

    def note(self, text: str) -> None:
        """Called with something a person should know."""

    def population_started(self, members: int) -> None:
        """Called before members are trained together."""

    def run_started(self, run: "PlannedRun") -> None:
        """Called before a run is trained by itself."""

    def epochs_done(self, count: int) -> None:
        """Called with the runs × epochs that were trained since the last call."""

    def run_ended(self, record: RunRecord) -> None:
        """Called when a run has ended and is stored."""


@dataclass(frozen=True)
class PlannedRun:
    """A member with its data and the id that both make."""

    id: str
    member: Member
    splits: Splits

    @classmethod
    def of(cls, member: Member, splits: Splits) -> "PlannedRun":
        """The run of a member on its data."""
        identity = run_id(member.config, splits.table.fingerprint)
        return cls(identity, member, splits)

    def stack(self) -> Stack:
        """The layers of its model, output layer included.

        Raises:
            ModelError: if it is not clear whether the last one is the output layer.
        """
        splits = self.splits
        model = self.member.config.model
        return complete_stack(model, splits.table.task, splits.outputs, splits.rank)

    def with_values(
        self, values: Mapping[str, object], settings: Mapping[str, object]
    ) -> "PlannedRun":
        """A run on the same data, with other values of config keys, under these settings."""
        source = self.member.source.with_values(values)
        return PlannedRun.of(Member(settings, source.config, source), self.splits)


@dataclass(frozen=True)
class SweepResult:
    """What a sweep gives back.

    Attributes:
        sweep: the sweep as it is stored.
        records: the records there are, in the order of the grid.
        missing: runs that were not reached because the sweep was interrupted; none behind the end
            of a path.
        reused: how many records were in the store before.
    """

    sweep: SweepRecord
    records: tuple[RunRecord, ...]
    missing: int
    reused: int
    interrupted: bool


@dataclass(frozen=True)
class TrainResult:
    """What training one run gives back.

    Attributes:
        stored: the record that was in the store under the same id before, if any.
    """

    record: RunRecord
    stored: RunRecord | None


def plan_runs(members: Iterable[Member]) -> tuple[PlannedRun, ...]:
    """Load every data set that the members need, once each, and give every member its id.

    Raises:
        ConfigError: if it is not clear whether a model's last layer is its output layer.
        DataError: if a data set cannot be read or split.
    """
    tables: dict[str, Table] = {}
    splits: dict[str, Splits] = {}
    known: dict[tuple[int, int], Splits] = {}
    ids, runs = RunIds(), []
    for member in (members := tuple(members)):
        config = member.config
        sections = id(config.dataset), id(config.model)  # members share them, and keep them alive
        if sections not in known:
            table = _table(member, tables)
            if repr(config.dataset) not in splits:
                splits[repr(config.dataset)] = _split(member, table)
            known[sections] = splits[repr(config.dataset)]
            _check_stack(PlannedRun.of(member, known[sections]))
        own = known[sections]
        runs.append(PlannedRun(ids.of(config, own.table.fingerprint), member, own))
    return tuple(runs)


def _table(member: Member, tables: dict[str, Table]) -> Table:
    """The data set of a member, which is loaded if it is not among those that are known.

    Raises:
        DataError: if it cannot be read, or does not hold the whole numbers that the model takes.
    """
    dataset, layers = member.config.dataset, member.config.model.layers
    named = (dataset.name, dataset.file, dataset.target, dataset.true_columns)
    source = repr((*named, dataset.task))
    if source not in tables:
        tables[source] = load_table(dataset, member.origin.folder)
    taker = taker_of_inputs([(layer.kind, layer.arguments) for layer in layers])
    if taker is not None:
        require_tokens(tables[source], taker)
    return tables[source]


def _split(member: Member, table: Table) -> Splits:
    """The parts of a member's table.

    Raises:
        ConfigError: it has no such class as the positive one, or a metric is of another task.
        DataError: it cannot be split.
    """
    try:
        require_metrics(member.config, table.task)
        return split(table, member.config.dataset)
    except ModelError as error:
        raise _placed(member, error) from error


def _check_stack(run: PlannedRun) -> None:
    """Check that it is clear which layer of a run's model is its output layer."""
    try:
        run.stack()
    except ModelError as error:
        raise placed(run, error) from error


def run_sweep(
    loaded: LoadedConfig, store: Store, observer: Observer, device: str, engine: EngineChoice
) -> SweepResult:
    """Train what a sweep's grid asks for and the store does not have yet.

    A run that fails or diverges does not stop the others. Each run is stored as soon as it has
    ended; an interrupt keeps them, and gives back what there is.

    Args:
        device: `auto`, `cpu`, `gpu` or `gpu:N`.
        engine: `auto`, `population` or `keras`.

    Raises:
        ConfigError, DataError, DeviceError, StoreError: before anything is trained.
        StoreError: if a run cannot be stored.
    """
    runs = plan_runs(plan_sweep(loaded).members)
    return train_runs(runs, loaded.config.name, store, observer, device, engine)


def train_runs(
    runs: Sequence[PlannedRun],
    name: str,
    store: Store,
    observer: Observer,
    device: str,
    engine: EngineChoice,
    stops: Mapping[str, Stop] | None = None,
) -> SweepResult:
    """Train those of some runs that are not stored, and store them as one sweep.

    Args:
        runs: a run that starts from another comes after it.
        name: of the sweep.
        stops: where the path ends that a run is a point of, by the run's id.

    Raises:
        ConfigError, DeviceError, StoreError: as `run_sweep`.
    """
    started = time.perf_counter()
    known, stops = _final(store, runs), stops or {}
    reused = {run.id for run in _before_the_ends(runs, known, stops)} & known.keys()
    experiment = _Experiment(runs, known, store, observer, stops)
    to_train = len(experiment.pending)
    settings = [run.member.settings for run in runs]
    observer.planned(len(reused) + to_train, len(reused), experiment.epochs_to_train(), settings)
    interrupted = experiment.train(device, engine)
    reached = _before_the_ends(runs, known, stops)
    records = tuple(_as_asked(known[run.id], run) for run in reached if run.id in known)
    sweep = SweepRecord(
        id=content_hash(["sweep", *(run.id for run in runs)]),
        name=name,
        engine="+".join(sorted({record.engine for record in records})),
        seconds=time.perf_counter() - started,
        run_ids=tuple(run.id for run in runs),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        metrics=runs[0].member.config.metrics if runs else None,
        select_by=runs[0].member.config.select_by if runs else None,
    )
    store.add_sweep(sweep)
    return SweepResult(sweep, records, len(reached) - len(records), len(reused), interrupted)


def _as_asked(record: RunRecord, run: PlannedRun) -> RunRecord:
    """A run's record, which a sweep may have stored that varied and showed other things."""
    config = run.member.config
    varied = record.model_copy(update={"settings": dict(run.member.settings)})
    return as_asked(varied, config.metrics, config.select_by)


def run_single(
    loaded: LoadedConfig, store: Store, observer: Observer, device: str, engine: EngineChoice
) -> TrainResult:
    """Train a config's one run, whether it is stored or not; arguments as of `run_sweep`.

    Raises:
        ConfigError, DataError, DeviceError, StoreError: as `run_sweep`.
        KeyboardInterrupt: if it is interrupted before there is anything to record.
    """
    (run,) = plan_runs([plan_single(loaded)])
    stored = store.get(run.id)
    records: dict[str, RunRecord] = {}
    experiment = _Experiment([run], records, store, observer, {})
    observer.planned(1, 0, experiment.epochs_to_train(), [run.member.settings])
    experiment.train(device, engine)
    if run.id not in records:
        raise KeyboardInterrupt
    return TrainResult(records[run.id], stored)


def explain(loaded: LoadedConfig) -> Objective:
    """What a config minimises on its data; its sweep is left aside.

    Raises:
        ConfigError, DataError: if the model cannot be built or the data cannot be read.
    """
    (run,) = plan_runs([plan_single(loaded)])
    from regcli.nets.objective import read_objective
    from regcli.training.targets import class_weights

    try:
        weights = class_weights(run.member.config.training, run.splits)
        return read_objective(run.member.config, run.splits, weights)
    except ModelError as error:
        raise placed(run, error) from error


def reached_layers(
    run: PlannedRun, strength: Literal["l1", "l2", "group_strength"]
) -> frozenset[str] | None:
    """Names of the layers with a kernel that one of a run's own strengths is meant for.

    Returns:
        None for all of them, which is known without TensorFlow.

    Raises:
        ConfigError: `regularization.layers` or `group` does not fit the model.
    """
    config = run.member.config
    if strength != "group_strength" and config.regularization.layers == "all":
        own = (getattr(layer, strength) for layer in config.model.layers)
        wraps = any("layer" in layer.arguments for layer in config.model.layers)
        if not wraps and all(number is None for number in own):
            return None
    from regcli.nets.build import layers_reached

    try:
        return layers_reached(run.stack(), config.regularization, strength)
    except ModelError as error:
        raise placed(run, error) from error


def _final(store: Store, runs: Sequence[PlannedRun]) -> dict[str, RunRecord]:
    found = store.find(run.id for run in runs)
    return {key: record for key, record in found.items() if record.state.is_final}


def _before_the_ends(
    runs: Sequence[PlannedRun], known: Mapping[str, RunRecord], stops: Mapping[str, Stop]
) -> tuple[PlannedRun, ...]:
    """Runs that do not come after the end of their path, whether they are stored or not.

    A path that once went further has stored points behind an end that is asked for later.
    """
    over: set[str | None] = set()
    reached = []
    for run in runs:
        if run.member.config.training.start_from in over:
            over.add(run.id)
            continue
        reached.append(run)
        record, stop = known.get(run.id), stops.get(run.id)
        if stop is not None and record and record.state.is_final and stop.ends_with(record):
            over.add(run.id)
    return tuple(reached)


def _may_be_polished(config: Config) -> bool:
    return config.regularization.method == "proximal" and config.training.polish != 0


def placed(run: PlannedRun, error: ModelError) -> ConfigError:
    """A model's error as that of the place in the config which asks for it."""
    return _placed(run.member, error)


def _placed(member: Member, error: ModelError) -> ConfigError:
    place = member.source.document.place(error.path)
    return ConfigError([f"{place}: {dotted(error.path)}: {error.message}"])


class _Experiment:
    """Runs that are trained into `known` and the store; the listener of the training session."""

    def __init__(
        self,
        runs: Sequence[PlannedRun],
        known: dict[str, RunRecord],
        store: Store,
        observer: Observer,
        stops: Mapping[str, Stop],
    ) -> None:
        self.runs = list({run.id: run for run in runs}.values())
        self.known, self.store, self.observer = known, store, observer
        self.places = {run.id: number for number, run in enumerate(self.runs)}
        self.stops = stops
        reached = _before_the_ends(self.runs, known, stops)
        self.pending = [self.places[run.id] for run in reached if run.id not in known]
        self.device = ""

    def epochs_to_train(self) -> int:
        """Runs × epochs, where none stops early."""
        return sum(self.runs[number].member.config.training.epochs for number in self.pending)

    def train(self, device: str, engine: EngineChoice) -> bool:
        """Train the runs that are not known; True if interrupted."""
        if not self.pending:
            return False
        from regcli.training.devices import prepare_device
        from regcli.training.session import RefusedJob, plan_batches, train_jobs

        # By all runs, not by those that are left: one that goes on keeps its numbers.
        together = engine != "keras" and len(self.runs) > 1
        polished = any(_may_be_polished(run.member.config) for run in self.runs)
        self.device = prepare_device(device, many_programs=together and not polished)
        jobs = [self._job(run) for run in self.runs]
        try:
            batches = plan_batches(jobs, self.pending, engine, self.device)
        except RefusedJob as refused:
            raise placed(self.runs[refused.number], refused.error) from refused
        try:
            train_jobs(jobs, batches, self.device, self, self.store.folder / CHECKPOINTS)
        except KeyboardInterrupt:
            return True
        return False

    def _job(self, run: PlannedRun) -> "Job":
        from regcli.training.session import Job

        origin, stop = run.member.config.training.start_from, self.stops.get(run.id)
        if origin is None:
            return Job(run.id, run.member.config, run.splits, stop=stop)
        after = self.places.get(origin)
        if after is None and self.store.get(origin) is None:
            path = ("training", "start_from")
            message = "must be a stored run's id, there is no run"
            raise placed(run, ModelError(path, f"{message} {origin}"))
        weights = partial(self._weights, origin)
        return Job(run.id, run.member.config, run.splits, weights, after, stop)

    def _weights(self, identity: str) -> "Weights":
        return read_weights(self.store, identity)

    def note(self, text: str) -> None:
        self.observer.note(text)

    def population_started(self, members: int) -> None:
        self.observer.population_started(members)

    def run_started(self, number: int) -> None:
        self.observer.run_started(self.runs[number])

    def epochs_done(self, count: int) -> None:
        self.observer.epochs_done(count)

    def ended(self, outcomes: Sequence[tuple[int, "Outcome"]], engine: str) -> None:
        """Store the runs of outcomes, all at once, and tell the observer, uninterrupted."""
        with held_back():
            self._store(outcomes, engine)

    def _store(self, outcomes: Sequence[tuple[int, "Outcome"]], engine: str) -> None:
        from regcli.training.recording import make_files, make_record

        stored = []
        for number, outcome in outcomes:
            run = self.runs[number]
            config = run.member.config
            settings = run.member.settings
            record = make_record(run.id, settings, config, run.splits, outcome, engine, self.device)
            stored.append((record, make_files(config, run.splits, outcome)))
        self.store.add_many(stored)
        for record, _ in stored:
            self.known[record.id] = record
            self.observer.run_ended(record)
