"""Which executor trains a batch: the chosen one, or the faster one that can train it."""

import math

from regcli.data.free_memory import available
from regcli.errors import EngineError, ModelError
from regcli.planning.batches import Batch
from regcli.planning.populations import EngineChoice
from regcli.planning.run import Run
from regcli.processors import usable_cores
from regcli.stacked.layout import plan_layout
from regcli.stacked.refusals import called_by_member
from regcli.training.executors import Executor, Materials
from regcli.training.fit_executor import FitExecutor
from regcli.training.population.from_configs import check_arguments, varied_arguments, why_not
from regcli.training.population_executor import PopulationExecutor
from regcli.training.reference import prepare_model
from regcli.training.solver_executor import SolverExecutor

# Seconds, measured on two cores with a small network: what a model costs `fit` before its first
# step and with each, and what a population costs before its first. A step in it is almost free.
_FIT_START = 0.6
_FIT_STEP = 0.0015
_POPULATION_START = 3.0


class RefusedRunError(Exception):
    """A run whose model cannot be built, with the error that says why."""

    def __init__(self, run: Run, error: ModelError) -> None:
        super().__init__(str(error))
        self.run = run
        self.error = error


def choose_executor(batch: Batch, choice: EngineChoice, materials: Materials) -> Executor:
    """Check that every model of a batch can be built, and choose its trainer.

    Raises:
        RefusedRunError: for a model that Keras refuses.
        EngineError: `population` is chosen, and cannot train the model.
    """
    first = batch.runs[0]
    try:
        executor = _executor(first, batch, choice, materials)
    except ModelError as error:
        raise RefusedRunError(first, error) from error
    _check_arguments(batch)
    return executor


def _executor(first: Run, batch: Batch, choice: EngineChoice, materials: Materials) -> Executor:
    splits = materials.data.of(first.data)
    prepared = prepare_model(first.config, splits)
    model = prepared.model
    if not first.config.training.epochs:
        return SolverExecutor(materials, prepared.loss)
    reason = why_not(first.config, model, splits.table, first.keep_zeros)
    if choice == "keras":
        return FitExecutor(materials)
    if reason and choice == "population":
        raise EngineError(f"population cannot train this model: {reason}; use auto or keras")
    rows = max(len(materials.data.of(reference).train) for reference in batch.data)
    if reason or (choice == "auto" and not is_worth_compiling(first, rows, batch)):
        return FitExecutor(materials, reason or "")
    threads = usable_cores() if "CPU" in materials.device else 1
    size = first.config.training.batch_size
    layout = plan_layout(batch.at_once, model, size, threads, available())
    return PopulationExecutor(materials, layout, called_by_member(model))


def _check_arguments(batch: Batch) -> None:
    """Have Keras check the arguments that differ from the first run's model, once each."""
    checked = set()
    for run in batch.runs:
        arguments = varied_arguments(run.config)
        if arguments in checked:
            continue
        checked.add(arguments)
        try:
            check_arguments(run.config)
        except ModelError as error:
            raise RefusedRunError(run, error) from error


def is_worth_compiling(run: Run, rows: int, batch: Batch) -> bool:
    """Whether a population is likely to end sooner than `fit`, model by model."""
    training = run.config.training
    steps = training.epochs * math.ceil(rows / training.batch_size)
    return batch.members * (_FIT_START + steps * _FIT_STEP) > _POPULATION_START
