"""Regularization paths: settings along one strength, each started from the last one's weights.

From the dense end to the sparse one: a net keeps on a path what it loses where it is trained from
its start at the same strength, and from an empty model nothing starts. Where the strength reaches
only some kernels, a path ends once those are empty.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from regcli.config.grid import GridError, log_range, parse_grid
from regcli.config.load import LoadedConfig
from regcli.config.problems import dotted
from regcli.errors import ConfigError, UsageError
from regcli.experiments import (
    Observer,
    PlannedRun,
    SweepResult,
    plan_runs,
    reached_layers,
    train_runs,
)
from regcli.planning.members import plan_sweep
from regcli.planning.populations import EngineChoice
from regcli.refits import plan_refit
from regcli.results.records import RunRecord, RunState
from regcli.results.stops import Stop
from regcli.results.store import Store
from regcli.strengths import largest_useful, with_numbers

Along = Literal["l1", "l2", "group_strength"]


@dataclass(frozen=True)
class PathPlan:
    """What a path is to be.

    Attributes:
        along: the strength that grows.
        values: its values; None for `points` values up to the largest useful one.
        max_nonzero: the path ends at a point with so few non-zero kernel weights.
        max_inputs: and at one with so few active input columns.
        refit: whether each point is trained once more without penalty, on its own support.
    """

    along: Along
    values: tuple[float, ...] | None
    points: int
    max_nonzero: int = 0
    max_inputs: int | None = None
    refit: bool = False


@dataclass(frozen=True)
class PathResult:
    """The points of a path, and each one's refitted run by the point's id.

    Attributes:
        ended: what was trained last: the points, or the refitted runs.
        along: the strength that grows.
        largest: the largest useful strength, and whether a formula gave it; None where the values
            were given.
    """

    points: SweepResult
    refitted: dict[str, RunRecord]
    ended: SweepResult
    along: Along
    largest: tuple[float, bool] | None


def parse_values(text: str) -> tuple[float, ...]:
    """The strengths that a grid's text names.

    Raises:
        UsageError: it is no grid, or holds a number below 0, or `auto`, which a path is by itself.
    """
    if any(item.strip().startswith("auto") for item in text.split(",")):
        rule = "auto is what a path along l1 does without --values; --points says how many"
        raise UsageError(f"--values: {rule}, got '{text}'")
    try:
        values = parse_grid(text)
    except GridError as error:
        raise UsageError(f"--values: {error}") from None
    for value in values:
        if value < 0:
            raise UsageError(f"--values: must be at least 0, got {value:g}")
    return values


def run_path(
    loaded: LoadedConfig,
    path: PathPlan,
    store: Store,
    observer: Observer,
    device: str,
    engine: EngineChoice,
) -> PathResult:
    """Train a path for every seed, and every other setting that the config's sweep varies.

    Points that are stored are reused; an interrupted path goes on where it was.

    Raises:
        ConfigError, DataError, DeviceError, StoreError: as `run_sweep`.
        ConfigError: the method is not proximal.
    """
    loaded = _as_proximal(loaded)
    values, largest = _values(loaded, path, store, observer, device)
    chains = loaded.with_values({f"sweep.{path.along}": None}) if path.along != _GROUP else loaded
    chains = with_numbers(chains, store, observer, device)
    members = plan_sweep(chains).members
    for member in members:
        _refuse_penalties(member.source)
    bases = plan_runs(members)
    runs = [run for base in bases for run in _points(base, path.along, values)]
    stops = {
        run.id: Stop(path.max_nonzero, path.max_inputs, reached_layers(run, path.along))
        for run in runs
    }
    name = f"{loaded.config.name}, path along {path.along}"
    result = train_runs(runs, name, store, observer, device, engine, stops)
    if not path.refit or result.interrupted:
        return PathResult(result, {}, result, path.along, largest)
    refitted, ended = _refit(result, runs, store, observer, device, engine)
    return PathResult(result, refitted, ended, path.along, largest)


def _as_proximal(loaded: LoadedConfig) -> LoadedConfig:
    """The config with the method of all paths, which it may leave out."""
    if loaded.document.get(_METHOD) is None:
        return loaded.with_values({dotted(_METHOD): "proximal"})
    _refuse_penalties(loaded)
    return loaded


def _refuse_penalties(loaded: LoadedConfig) -> None:
    method = loaded.config.regularization.method
    if method != "proximal":
        rule = "must be proximal or left out for a path: a penalty makes no zeros"
        place = loaded.document.place(_METHOD)
        raise ConfigError([f"{place}: {dotted(_METHOD)}: {rule}, got '{method}'"])


_METHOD = ("regularization", "method")
_GROUP = "group_strength"


def _values(
    loaded: LoadedConfig, path: PathPlan, store: Store, observer: Observer, device: str
) -> tuple[tuple[float, ...], tuple[float, bool] | None]:
    """The strengths of a path from small to large, and the largest useful one where it was sought.

    Those of a net go on to ten times what empties it from its start: on a path more is left there.

    Raises:
        UsageError: there are no values for a strength that has no largest useful one.
    """
    if path.values is not None:
        return tuple(sorted(path.values)), None
    if path.along != "l1":
        raise UsageError(f"--along {path.along} needs --values: l1 alone has a largest useful one")
    largest, is_exact = largest_useful(loaded, store, observer, device)
    values = log_range(largest / 1000, largest if is_exact else 10 * largest, path.points)
    return values, (largest, is_exact)


def _points(base: PlannedRun, along: Along, values: Sequence[float]) -> Iterator[PlannedRun]:
    """Runs with the strength's values, each started from the one before."""
    key = along if along != _GROUP else f"regularization.{along}"
    origin: dict[str, object] = {}
    for value in values:
        settings = {**base.member.settings, key: value}
        run = base.with_values({f"regularization.{along}": value} | origin, settings)
        yield run
        origin = {"training.start_from": run.id}


def _refit(
    points: SweepResult,
    runs: Sequence[PlannedRun],
    store: Store,
    observer: Observer,
    device: str,
    engine: EngineChoice,
) -> tuple[dict[str, RunRecord], SweepResult]:
    """Train every point that has weights left without penalty, its zeros held.

    Returns:
        The refitted runs by their point's id, and what training them gave.
    """
    planned = {run.id: run for run in runs}
    again = {
        record.id: plan_refit(planned[record.id])
        for record in points.records
        if record.state is RunState.FINISHED and record.sparsity and record.sparsity.nonzero
    }
    name = f"{points.sweep.name}, refitted"
    result = train_runs(list(again.values()), name, store, observer, device, engine)
    found = {record.id: record for record in result.records}
    refitted = {key: found[run.id] for key, run in again.items() if run.id in found}
    return refitted, result
