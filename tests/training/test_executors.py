"""Every executor keeps one contract: the same batch, the same numbers, the same events."""

from pathlib import Path

import numpy as np
import pytest
from listeners import Notes
from spawned import SpawnedExecutor

from regcli.config.load import LoadedConfig, load_config
from regcli.data.references import Datasets
from regcli.planning.batches import Batch, make_batches
from regcli.planning.graph import RunGraph
from regcli.planning.members import plan_sweep
from regcli.planning.populations import EngineChoice
from regcli.planning.run import Run, make_runs
from regcli.store.store import open_store
from regcli.training.devices import prepare_device
from regcli.training.executor_choice import choose_executor
from regcli.training.executors import Executor, Materials

CONFIG = """\
dataset: {file: data.csv, target: y}
model: {layers: [Dense: {units: 4, activation: relu}]}
regularization: {method: proximal}
training: {epochs: 2, polish: 0, optimizer: {name: sgd, learning_rate: 0.1}}
sweep: {l2: '0,0.1'}
"""


@pytest.fixture
def loaded(tmp_path: Path) -> LoadedConfig:
    rng = np.random.default_rng(0)
    rows = rng.standard_normal((60, 3))
    lines = [f"{a},{b},{c},{int(a + b > 0)}" for a, b, c in rows]
    (tmp_path / "data.csv").write_text("\n".join(["a,b,c,y", *lines]) + "\n")
    (tmp_path / "c.yaml").write_text(CONFIG)
    return load_config(str(tmp_path / "c.yaml"))


def paths(loaded: LoadedConfig, data: Datasets) -> Batch:
    """Two paths of two points each, as one batch."""
    points: list[Run] = []
    for base in make_runs(plan_sweep(loaded).members, data):
        first = base.following(None, base.config, base.settings)
        strengths = base.config.regularization.model_copy(update={"l1": 0.01})
        config = base.config.model_copy(update={"regularization": strengths})
        second = first.following(first.id, config, {**base.settings, "l1": 0.01})
        points += [first, second]
    graph = RunGraph.of(points)
    (batch,) = make_batches(graph, graph.runs.keys(), data)
    return batch


def told_by(executor: Executor, batch: Batch) -> Notes:
    notes = Notes()
    executor.run(batch, notes)
    return notes


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["keras", "population"])
def test_a_batch_needs_nothing_of_the_memory_that_it_was_made_in(
    engine: EngineChoice, loaded: LoadedConfig, tmp_path: Path
) -> None:
    """In a process that is given the batch alone, the same numbers come out, bit for bit."""
    open_store(tmp_path / "runs").close()
    data = Datasets()
    batch = paths(loaded, data)
    here = choose_executor(batch, engine, Materials(prepare_device("cpu"), data))
    ours = told_by(here, batch)
    theirs = told_by(SpawnedExecutor(engine, tmp_path / "runs"), batch)
    assert ours.outcomes.keys() == theirs.outcomes.keys() == {run.id for run in batch.runs}
    assert (ours.started, ours.epochs, ours.texts) == (theirs.started, theirs.epochs, theirs.texts)
    for identity, outcome in ours.outcomes.items():
        other = theirs.outcomes[identity]
        assert (outcome.metrics, outcome.history) == (other.metrics, other.history)
        for name, values in outcome.weights.items():
            np.testing.assert_array_equal(values, other.weights[name])
