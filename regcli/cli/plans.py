"""Showing what a sweep would do."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from regcli.cli.demands import Demand, refuse_unknown_settings
from regcli.config.load import LoadedConfig
from regcli.data.references import Datasets
from regcli.data.sources import CACHE
from regcli.errors import ExitCode
from regcli.planning.batches import make_batches
from regcli.planning.graph import RunGraph
from regcli.planning.members import plan_sweep
from regcli.planning.run import Run, make_runs
from regcli.report.counts import count_runs
from regcli.report.formats import Format
from regcli.report.plan_runs import plan_view
from regcli.report.progress import PlainProgress
from regcli.report.sink import Sink
from regcli.results.records import SCHEMA_VERSION
from regcli.store.store import open_store
from regcli.workflows.largest_strength import has_auto, with_numbers
from regcli.workflows.workspace import Workspace


def show_plan(
    sink: Sink,
    form: Format,
    loaded: LoadedConfig,
    folder: Path,
    device: str,
    demands: Sequence[Demand] = (),
) -> int:
    """Show every run of a sweep, whether it is stored, and which can be trained together.

    Args:
        demands: checks that must name settings of the plan.
    """
    loaded = with_planned_numbers(loaded, folder, device, sink)
    data = Datasets(folder / CACHE)
    runs = make_runs(plan_sweep(loaded).members, data)
    refuse_unknown_settings(demands, [run.settings for run in runs])
    states = _stored_states(folder, runs)
    graph = RunGraph.of(runs)
    populations = [batch.runs for batch in make_batches(graph, graph.runs.keys(), data)]
    ids = [[run.id for run in group] for group in populations]
    plan = {"plan": _entries(runs, states), "populations": ids}
    rows = [(run.id, run.settings, states.get(run.id)) for run in runs]
    sink.show(plan_view(rows, {"schema_version": SCHEMA_VERSION, **plan}), form)
    reused = sum(run.id in states for run in runs)
    sizes = " + ".join(f"{len(group):,}" for group in populations)
    sink.note(
        f"{count_runs(len(runs))}: {reused:,} stored, {len(runs) - reused:,} to train; "
        f"groups of one architecture: {sizes}"
    )
    return ExitCode.OK


def with_planned_numbers(
    loaded: LoadedConfig, folder: Path, device: str, sink: Sink
) -> LoadedConfig:
    """A config with numbers in place of `auto`; finding them trains, and the store keeps them."""
    if not has_auto(loaded):
        return loaded
    with open_store(folder, create=True) as store:
        workspace = Workspace(store, PlainProgress(sink), device, data=Datasets(folder / CACHE))
        return with_numbers(loaded, workspace)


def _stored_states(folder: Path, runs: tuple[Run, ...]) -> dict[str, str]:
    """States of the runs that would be reused, by id."""
    if not (folder / "regcli.sqlite").exists() and not folder.is_file():
        return {}  # a sweep would start with an empty store
    with open_store(folder, create=False) as store:
        found = store.find(run.id for run in runs)
    return {key: record.state.value for key, record in found.items() if record.state.is_final}


def _entries(runs: tuple[Run, ...], states: dict[str, str]) -> list[dict[str, Any]]:
    return [
        {"id": run.id, "settings": dict(run.settings), "stored": states.get(run.id)} for run in runs
    ]
