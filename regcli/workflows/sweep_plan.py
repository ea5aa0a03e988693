"""A sweep before it is trained: its populations, and what they are expected to take."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from regcli.config.load import LoadedConfig
from regcli.data.references import Datasets
from regcli.planning.expected_time import Cost, Expectation
from regcli.planning.members import plan_sweep
from regcli.planning.populations import EngineChoice
from regcli.planning.run import make_runs, require_code_allowed
from regcli.planning.workload import workloads
from regcli.store.store import open_store
from regcli.store.store_errors import DATABASE_NAME
from regcli.workflows.graph_training import device_of
from regcli.workflows.stored_costs import stored_costs, stored_states

COMMAND_SECONDS = 3.0
"""Of a sweep's command beside training and TensorFlow: Python starts, the verdict is shown."""
PROCESS_SECONDS = 8.0
"""Until training begins, where nothing tells it: TensorFlow is loaded."""

Say = Callable[[str], None]
"""Tells a person what is being done, before it is."""


def expect_sweep(loaded: LoadedConfig, folder: Path, data: Datasets) -> Expectation:
    """What a sweep would train, and take by the runs of a store; no TensorFlow is loaded.

    Args:
        folder: the store; it need not be there.

    Raises:
        ConfigError, DataError: as before a training.
        StoreError: the store cannot be read.
    """
    runs = make_runs(plan_sweep(loaded).members, data)
    if not (folder / DATABASE_NAME).exists() and not folder.is_file():
        found = workloads(runs, (), data)
        return Expectation(found, (None,) * len(found), COMMAND_SECONDS + PROCESS_SECONDS)
    with open_store(folder, create=False) as store:
        found = workloads(runs, stored_states(store), data)
        known = stored_costs(found, store, data)
        process = known.process or PROCESS_SECONDS
        return Expectation(found, known.costs, COMMAND_SECONDS + process)


def measure_sweep(
    expected: Expectation, device: str, engine: EngineChoice, data: Datasets, say: Say
) -> Expectation:
    """The same, with the costs of a trial of every population that is to be trained.

    Nothing is stored.

    Args:
        device: `auto`, `cpu`, `gpu` or `gpu:N`.

    Raises:
        ConfigError, DeviceError, EngineError: as before a training.
        KeyboardInterrupt: a person has ended it.
    """
    pending = [run for workload in expected.workloads for run in workload.pending]
    if not pending:
        return expected
    require_code_allowed(pending)
    say("loading TensorFlow")
    started, worked = time.perf_counter(), time.process_time()
    from regcli.training.executors import Materials
    from regcli.training.trial_chunk import peak_memory, trial_cost

    runs = [run for workload in expected.workloads for run in workload.batch.runs]
    materials = Materials(device_of(runs, device, engine), data)
    process = _process_seconds(time.perf_counter() - started, time.process_time() - worked)
    costs: list[Cost | None] = []
    for number, work in enumerate(expected.workloads, 1):
        if not work.pending:
            costs.append(None)
            continue
        say(f"training a trial of population {number} of {len(expected.workloads)}")
        costs.append(trial_cost(work.batch, work.pending, work.steps, engine, materials))
    return replace(expected, costs=tuple(costs), process=process, peak_memory=peak_memory())


def _process_seconds(seconds: float, worked: float) -> float:
    """Seconds before and after training, from those that loading TensorFlow took.

    Where other processes have their share of the machine, the rest of a command is as slow.

    Args:
        worked: seconds of a processor in them.
    """
    slowness = max(1.0, seconds / worked) if worked else 1.0
    return seconds + slowness * COMMAND_SECONDS
