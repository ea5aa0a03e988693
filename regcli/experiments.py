"""The one orchestrator: config → data → training → results.

TensorFlow is loaded only once something has to be trained: a sweep whose runs are all stored ends
without it.
"""

import io
import math
import platform
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import yaml

from regcli import __version__
from regcli.config.fingerprint import content_hash, run_id
from regcli.config.load import LoadedConfig
from regcli.config.plan import Member, plan_single, plan_sweep
from regcli.config.problems import dotted
from regcli.config.schema import Config
from regcli.data.dataset import Splits, Table
from regcli.data.sources import load_table
from regcli.data.splits import split
from regcli.errors import ConfigError, ModelError, StoreError
from regcli.results.records import (
    CENTER,
    SCHEMA_VERSION,
    WIDTH,
    DataSummary,
    RunRecord,
    RunState,
    Scores,
    SweepRecord,
)
from regcli.results.store import Store

ENGINE = "keras"


class Observer(Protocol):
    """Whoever wants to be told how an experiment goes on."""

    def planned(self, runs: int, reused: int) -> None:
        """Called once, before the first run is trained."""

    def run_started(self, run: "PlannedRun", position: int) -> None:
        """Called as a run begins; positions count the runs to train, from 1."""

    def epoch_ended(self, epoch: int, epochs: int) -> None:
        """Called after each epoch of the run in hand."""

    def run_ended(self, record: RunRecord) -> None:
        """Called when a run has ended and is stored."""


@dataclass(frozen=True)
class PlannedRun:
    """A member with its data and the id that both make."""

    id: str
    member: Member
    splits: Splits


@dataclass(frozen=True)
class SweepResult:
    """What a sweep gives back.

    Attributes:
        sweep: the sweep as it is stored.
        records: the records there are, in the order of the grid.
        missing: runs that were not reached because the sweep was interrupted.
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
        DataError: if a data set cannot be read or split.
    """
    tables: dict[str, Table] = {}
    splits: dict[str, Splits] = {}
    runs = []
    for member in members:
        dataset = member.config.dataset
        source = repr((dataset.name, dataset.file, dataset.target, dataset.task))
        if source not in tables:
            tables[source] = load_table(dataset, member.source.folder)
        if repr(dataset) not in splits:
            splits[repr(dataset)] = split(tables[source], dataset)
        found = splits[repr(dataset)]
        identity = run_id(member.config, found.table.fingerprint, SCHEMA_VERSION)
        runs.append(PlannedRun(identity, member, found))
    return tuple(runs)


def run_sweep(loaded: LoadedConfig, store: Store, device: str, observer: Observer) -> SweepResult:
    """Train what a sweep's grid asks for and the store does not have yet.

    A run that fails or diverges does not stop the others. Each run is stored as soon as it has
    ended; an interrupt keeps them, and gives back what there is.

    Raises:
        ConfigError, DataError, DeviceError, StoreError: before anything is trained.
        StoreError: if a run cannot be stored.
    """
    started = time.perf_counter()
    runs = plan_runs(plan_sweep(loaded).members)
    known = _final(store, runs)
    pending = [run for run in {run.id: run for run in runs}.values() if run.id not in known]
    reused = len({run.id for run in runs}) - len(pending)
    observer.planned(len(runs), reused)
    interrupted = _train_all(pending, known, store, device, observer)
    sweep = SweepRecord(
        id=content_hash(["sweep", *(run.id for run in runs)]),
        name=loaded.config.name,
        engine=ENGINE,
        seconds=time.perf_counter() - started,
        run_ids=tuple(run.id for run in runs),
        created=_now(),
    )
    store.add_sweep(sweep)
    # A run may have been stored by a sweep that varied other keys.
    records = tuple(
        known[run.id].model_copy(update={"settings": dict(run.member.settings)})
        for run in runs
        if run.id in known
    )
    return SweepResult(sweep, records, len(runs) - len(records), reused, interrupted)


def run_single(loaded: LoadedConfig, store: Store, device: str, observer: Observer) -> TrainResult:
    """Train a config's one run, whether it is stored or not.

    Raises:
        ConfigError, DataError, DeviceError, StoreError: as `run_sweep`.
    """
    (run,) = plan_runs([plan_single(loaded)])
    stored = store.get(run.id)
    observer.planned(1, 0)
    records: dict[str, RunRecord] = {}
    _train_all([run], records, store, device, observer)
    return TrainResult(records[run.id], stored)


def export_model(store: Store, identity: str, path: Path) -> None:
    """Write a stored run's trained model as a Keras file that loads without regcli.

    The model takes rows as they are in the data: it scales them itself.

    Raises:
        StoreError: if the run's weights are not stored.
        ModelError: if its config no longer builds with this Keras.
    """
    record = store.get(identity)
    weights_file = store.file(identity, "weights.npz")
    if record is None or record.data is None:
        raise StoreError(f"run {identity}: has no model to write")
    from regcli.nets.export import rebuild_model

    with np.load(weights_file, allow_pickle=False) as weights:
        model = rebuild_model(Config.model_validate(record.config), record.data, dict(weights))
    model.save(path)


def _final(store: Store, runs: Sequence[PlannedRun]) -> dict[str, RunRecord]:
    found = store.find(run.id for run in runs)
    return {key: record for key, record in found.items() if record.state.is_final}


def _train_all(
    pending: Sequence[PlannedRun],
    known: dict[str, RunRecord],
    store: Store,
    requested_device: str,
    observer: Observer,
) -> bool:
    """Train runs one after another into `known` and the store; True if interrupted."""
    if not pending:
        return False
    from regcli.training.devices import prepare_device

    device = prepare_device(requested_device)
    _check_architectures(pending)
    for position, run in enumerate(pending, start=1):
        observer.run_started(run, position)
        record, files = _train_one(run, device, observer)
        store.add(record, files)
        known[run.id] = record
        observer.run_ended(record)
        if record.state is RunState.INTERRUPTED:
            return True
    return False


def _check_architectures(pending: Sequence[PlannedRun]) -> None:
    """Build each different model once, so that what does not fit is said before any work starts."""
    from regcli.training.reference import prepare_model

    seen = set()
    for run in pending:
        shape = _without_strengths(run.member.config.resolved())
        if shape in seen:
            continue
        seen.add(shape)
        try:
            prepare_model(run.member.config, run.splits)
        except ModelError as error:
            place = run.member.source.document.place(error.path)
            raise ConfigError([f"{place}: {dotted(error.path)}: {error.message}"]) from error


def _without_strengths(config: dict[str, Any]) -> str:
    del config["regularization"]["l1"], config["regularization"]["l2"], config["training"]["seed"]
    return repr(config)


def _train_one(
    run: PlannedRun, device: str, observer: Observer
) -> tuple[RunRecord, Mapping[str, bytes]]:
    """Train one run; whatever goes wrong ends up in its record."""
    from regcli.training.outcome import Outcome
    from regcli.training.reference import train

    epochs = run.member.config.training.epochs
    done = 0

    def on_epoch(epoch: int) -> None:
        nonlocal done
        done = epoch
        observer.epoch_ended(epoch, epochs)

    started = time.perf_counter()
    try:
        outcome = train(run.member.config, run.splits, device, on_epoch)
    except KeyboardInterrupt:
        message = f"interrupted after epoch {done} of {epochs}"
        outcome = Outcome(
            RunState.INTERRUPTED, done, time.perf_counter() - started, message=message
        )
    except Exception as error:
        reason = str(error).strip().splitlines() or [""]
        message = f"{type(error).__name__}: {reason[0]}"
        outcome = Outcome(RunState.FAILED, done, time.perf_counter() - started, message=message)
    return _record(run, outcome, device), _files(run, outcome)


def _record(run: PlannedRun, outcome: Any, device: str) -> RunRecord:
    return RunRecord(
        id=run.id,
        name=run.member.config.name,
        state=outcome.state,
        settings=dict(run.member.settings),
        config=run.member.config.resolved(),
        engine=ENGINE,
        epochs=outcome.epochs,
        seconds=outcome.seconds,
        metrics={part: _finite(scores) for part, scores in outcome.metrics.items()},
        sparsity=outcome.sparsity,
        history={
            name: tuple(value if math.isfinite(value) else None for value in values)
            for name, values in outcome.history.items()
        },
        data=_summary(run.splits),
        environment=_environment(device),
        message=outcome.message,
        created=_now(),
    )


def _finite(scores: Scores) -> Scores:
    """Scores as the store gives them back: None for what is not finite."""
    return {
        name: value if value is not None and math.isfinite(value) else None
        for name, value in scores.items()
    }


def _files(run: PlannedRun, outcome: Any) -> Mapping[str, bytes]:
    config = yaml.safe_dump(run.member.config.resolved(), sort_keys=False, allow_unicode=True)
    files = {"config.yaml": config.encode("utf-8")}
    if outcome.weights:
        buffer = io.BytesIO()
        scaling = {CENTER: run.splits.center, WIDTH: run.splits.width}
        arrays: dict[str, Any] = {**outcome.weights, **scaling}
        np.savez(buffer, **arrays)
        files["weights.npz"] = buffer.getvalue()
    return files


def _summary(splits: Splits) -> DataSummary:
    return DataSummary(
        source=splits.table.source,
        fingerprint=splits.table.fingerprint,
        task=splits.table.task,
        rows={name: 0 if part is None else len(part) for name, part in splits.parts()},
        input_shape=splits.train.x.shape[1:],
        columns=splits.columns,
        classes=splits.table.classes,
        true_columns=splits.table.true_columns,
    )


def _environment(device: str) -> Mapping[str, str]:
    versions = {package: version(package) for package in ("tensorflow", "keras", "numpy")}
    return {
        "regcli": __version__,
        "python": platform.python_version(),
        **versions,
        "device": device,
        "determinism": "op_determinism",
    }


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
