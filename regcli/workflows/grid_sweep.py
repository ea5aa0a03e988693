"""A grid of runs, or one run: planned, trained, stored."""

from dataclasses import dataclass

from regcli.config.load import LoadedConfig
from regcli.planning.graph import RunGraph
from regcli.planning.members import plan_single, plan_sweep
from regcli.planning.run import make_runs
from regcli.planning.shards import Shard
from regcli.results.records import RunRecord
from regcli.workflows.graph_training import SweepResult, train_as_sweep, train_graph
from regcli.workflows.prediction_keeping import keep_predictions
from regcli.workflows.workspace import Workspace


@dataclass(frozen=True)
class TrainResult:
    """What training one run gives back.

    Attributes:
        stored: the record that was in the store under the same id before, if any.
    """

    record: RunRecord
    stored: RunRecord | None


def run_sweep(
    loaded: LoadedConfig, workspace: Workspace, shard: Shard | None = None
) -> SweepResult:
    """Train what a sweep's grid asks for and the store does not have yet.

    Args:
        shard: the part of the grid to train; None for all of it.

    Raises:
        ConfigError, DataError, DeviceError, EngineError, StoreError: before anything is trained.
        StoreError: if a run cannot be stored.
    """
    runs = make_runs(plan_sweep(loaded).members, workspace.data)
    return train_as_sweep(runs, loaded.config.name, workspace, shard)


def run_single(loaded: LoadedConfig, workspace: Workspace) -> TrainResult:
    """Train a config's one run, whether it is stored or not.

    Raises:
        ConfigError, DataError, DeviceError, EngineError, StoreError: as `run_sweep`.
        KeyboardInterrupt: if it is interrupted before there is anything to record.
    """
    (run,) = make_runs([plan_single(loaded)], workspace.data)
    stored = workspace.store.get(run.id)
    records: dict[str, RunRecord] = {}
    train_graph(RunGraph.of([run]), records, workspace, [run])
    if run.id not in records:
        raise KeyboardInterrupt
    keep_predictions([records[run.id]], [run], workspace)
    return TrainResult(records[run.id], stored)
