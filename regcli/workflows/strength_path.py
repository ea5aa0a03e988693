"""Regularization paths: settings along one strength, each started from the last one's weights.

From the dense end to the sparse one: a net keeps on a path what it loses where it is trained from
its start at the same strength, and from an empty model nothing starts. Where the strength reaches
only some kernels, a path ends once those are empty.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from regcli.config.grid import GridError, log_range
from regcli.config.load import LoadedConfig
from regcli.config.problems import dotted
from regcli.config.strength_grids import parse_strengths
from regcli.data.dataset import Splits
from regcli.errors import ConfigError, ModelError, UsageError
from regcli.planning.members import plan_sweep
from regcli.planning.run import Run, make_runs
from regcli.results.records import RunRecord, RunState
from regcli.results.stops import Stop
from regcli.workflows.graph_training import SweepResult, train_as_sweep
from regcli.workflows.largest_strength import largest_useful, with_numbers
from regcli.workflows.refit import plan_refit
from regcli.workflows.stored_sweeps import path_name
from regcli.workflows.workspace import Workspace

Along = Literal["l1", "l2", "group_strength"]


@dataclass(frozen=True)
class PathPlan:
    """What a path is to be.

    Attributes:
        along: the strength that varies along the path.
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
        along: the strength that varies along the path.
        largest: the largest useful strength, and whether a formula gave it; None where the values
            were given.
    """

    points: SweepResult
    refitted: dict[str, RunRecord]
    ended: SweepResult
    along: Along
    largest: tuple[float, bool] | None


def parse_values(text: str) -> tuple[float, ...]:
    """The strengths of a grid's text.

    Raises:
        UsageError: it is not a grid, or contains a number below 0, or `auto`.
    """
    if any(item.strip().startswith("auto") for item in text.split(",")):
        rule = "must be numbers or ranges; for auto, leave the values out"
        raise UsageError(f"{rule}, got '{text}'")
    try:
        return parse_strengths(text)
    except GridError as error:
        raise UsageError(str(error)) from None


def needed_strengths(along: Along, values: tuple[float, ...] | None) -> dict[str, float]:
    """What a config needs for its path, by dotted key: without a strength it has no groups."""
    if along != _GROUP or not values:
        return {}
    return {f"regularization.{_GROUP}": max(values)}


def run_path(loaded: LoadedConfig, path: PathPlan, workspace: Workspace) -> PathResult:
    """Train a path for every seed, and every other setting that the config's sweep varies.

    Stored points are reused; an interrupted path is resumed.

    Raises:
        ConfigError, DataError, DeviceError, EngineError, StoreError: as `run_sweep`.
        ConfigError: the method is not proximal.
    """
    loaded = _as_proximal(loaded)
    values, largest = _values(loaded, path, workspace)
    chains = loaded.with_values({f"sweep.{path.along}": None}) if path.along != _GROUP else loaded
    members = plan_sweep(with_numbers(chains, workspace)).members
    for member in members:
        _refuse_penalties(member.source)
    bases = make_runs(members, workspace.data)
    found = [point for base in bases for point in _points(base, path, values, workspace)]
    points = list({point.id: point for point in reversed(found)}.values())[::-1]
    result = train_as_sweep(points, path_name(loaded.config.name, path.along), workspace)
    if not path.refit or result.interrupted:
        return PathResult(result, {}, result, path.along, largest)
    refitted, ended = _refit(result, points, workspace)
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
        rule = "must be proximal or left out for a path: penalty gives no exact zeros"
        place = loaded.document.place(_METHOD)
        raise ConfigError([f"{place}: {dotted(_METHOD)}: {rule}, got '{method}'"])


_METHOD = ("regularization", "method")
_GROUP = "group_strength"


def _values(
    loaded: LoadedConfig, path: PathPlan, workspace: Workspace
) -> tuple[tuple[float, ...], tuple[float, bool] | None]:
    """The strengths of a path in rising order, and the largest useful one where it was computed.

    For a net they go up to ten times the largest useful one, because a path keeps weights longer.

    Raises:
        UsageError: there are no values for a strength that has no largest useful one.
    """
    if path.values is not None:
        return tuple(sorted(path.values)), None
    if path.along != "l1":
        raise UsageError(
            f"a path along {path.along} requires values; only l1 has a largest useful strength"
        )
    largest, is_exact = largest_useful(loaded, workspace)
    values = log_range(largest / 1000, largest if is_exact else 10 * largest, path.points)
    return values, (largest, is_exact)


def _points(
    base: Run, path: PathPlan, values: Sequence[float], workspace: Workspace
) -> Iterator[Run]:
    """Runs with the strength's values, each started from the one before.

    Raises:
        ConfigError: the strength does not fit the config, as that of groups where there are none.
    """
    base.member.source.with_values({f"regularization.{path.along}": values[0]})
    key = path.along if path.along != _GROUP else f"regularization.{path.along}"
    parent: str | None = None
    splits = workspace.data.of(base.data)
    for value in values:
        strengths = base.config.regularization.model_copy(update={path.along: value})
        config = base.config.model_copy(update={"regularization": strengths})
        point = base.following(parent, config, {**base.settings, key: value})
        layers = _reached_layers(point, splits, path.along)
        yield replace(point, stop=Stop(path.max_nonzero, path.max_inputs, layers))
        parent = point.id


def _reached_layers(run: Run, splits: Splits, strength: Along) -> frozenset[str] | None:
    """What one of a run's own strengths is meant for: layers by name, and `layer/weight`.

    Returns:
        None for all kernels, which is known without TensorFlow.

    Raises:
        ConfigError: `regularization.layers` or `group` does not fit the model.
    """
    config = run.config
    section = config.regularization
    if strength != _GROUP and section.layers == "all" and not (section.groups or section.existing):
        own = (getattr(layer, strength) for layer in config.model.layers)
        wraps = any("layer" in layer.arguments for layer in config.model.layers)
        if not wraps and all(number is None for number in own):
            return None
    from regcli.training.template import source_of

    try:
        return source_of(config, splits).reached(config.regularization, strength)
    except ModelError as error:
        raise run.placed(error) from error


def _refit(
    points: SweepResult, runs: Sequence[Run], workspace: Workspace
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
    result = train_as_sweep(again.values(), f"{points.sweep.name}, refitted", workspace)
    found = {record.id: record for record in result.records}
    refitted = {key: found[run.id] for key, run in again.items() if run.id in found}
    return refitted, result
