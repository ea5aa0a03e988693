"""Jobs, and which of them one trainer takes together."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from regcli.config.schema import Config
from regcli.data.dataset import Splits
from regcli.errors import ModelError
from regcli.planning.identity import content_hash
from regcli.planning.populations import EngineChoice, group_by_population
from regcli.results.stops import Stop
from regcli.training.outcome import Weights
from regcli.training.population.layout import Layout, plan_layout, usable_cores
from regcli.training.population.members import check_arguments, varied_arguments, why_not
from regcli.training.reference import prepare_model

# Seconds, measured on two cores with a small network: what a model costs `fit` before its first
# step and with each, and what a population costs before its first. A step in it is almost free.
_FIT_START = 0.6
_FIT_STEP = 0.0015
_POPULATION_START = 3.0


@dataclass(frozen=True)
class Job:
    """A member to train: the id of its run, its config, and its data.

    Attributes:
        weights: gives those of the stored run that it starts from; None for start weights.
        after: position of the job that makes that run, if it is one of them.
        stop: where the path ends that it is a point of.
    """

    name: str
    config: Config
    splits: Splits
    weights: Callable[[], Weights] | None = None
    after: int | None = None
    stop: Stop | None = None


@dataclass(frozen=True)
class Batch:
    """Jobs that one trainer takes together.

    Attributes:
        numbers: positions of the jobs.
        key: a name for the whole population, stored members included.
        layout: how they are spread over the machine; None for the reference trainer.
        reason: why the reference trainer takes them; empty where there is nothing to say.
    """

    numbers: tuple[int, ...]
    key: str
    layout: Layout | None
    reason: str = ""


class RefusedJob(Exception):  # noqa: N818 - it is a refusal, and the error is inside
    """A job whose model cannot be built, with the error that says why."""

    def __init__(self, number: int, error: ModelError) -> None:
        super().__init__(str(error))
        self.number = number
        self.error = error


def plan_batches(
    jobs: Sequence[Job], pending: Sequence[int], choice: EngineChoice, device: str
) -> tuple[Batch, ...]:
    """Check that every job's model can be built, and choose its trainer.

    Args:
        jobs: every member of a grid, so that a sweep that goes on has the layout it had before.
        pending: positions of those that are still to be trained.

    Raises:
        RefusedJob: for a model that Keras refuses, or one that `population` was asked for and
            cannot train.
    """
    waiting = set(pending)
    alike = group_by_population([job.config for job in jobs])
    groups = [group for members in alike for group in _with_equal_rows(jobs, members)]
    left = [(group, tuple(number for number in group if number in waiting)) for group in groups]
    return tuple(
        _plan_batch(jobs, numbers, group, choice, device) for group, numbers in left if numbers
    )


def _with_equal_rows(jobs: Sequence[Job], members: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """The members parted by how many rows, and columns, their splits have."""
    groups: dict[object, list[int]] = {}
    for number in members:
        shapes = tuple(part and part.x.shape for _, part in jobs[number].splits.parts())
        groups.setdefault(shapes, []).append(number)
    return map(tuple, groups.values())


def _plan_batch(
    jobs: Sequence[Job],
    numbers: tuple[int, ...],
    group: tuple[int, ...],
    choice: EngineChoice,
    device: str,
) -> Batch:
    key = content_hash(["population", *(jobs[number].name for number in group)])
    at_once = sum(jobs[number].after not in group for number in group)
    first = numbers[0]
    try:
        layout, reason = _choose_layout(jobs[first], at_once, len(group), choice, device)
    except ModelError as error:
        raise RefusedJob(first, error) from error
    _check_arguments(jobs, numbers)
    return Batch(numbers, key, layout, reason)


def _check_arguments(jobs: Sequence[Job], numbers: Sequence[int]) -> None:
    """Let Keras look at what the first job's model does not show of the others, once each."""
    checked = set()
    for number in numbers:
        config = jobs[number].config
        arguments = varied_arguments(config)
        if arguments in checked:
            continue
        checked.add(arguments)
        try:
            check_arguments(config)
        except ModelError as error:
            raise RefusedJob(number, error) from error


def _choose_layout(
    first: Job, at_once: int, members: int, choice: EngineChoice, device: str
) -> tuple[Layout | None, str]:
    """The layout of a population, or None and the reason why there is none.

    Args:
        at_once: members that need not wait for another to end.
        members: all of them, stored ones too: a sweep that goes on must not change its trainer.
    """
    model = prepare_model(first.config, first.splits).model
    reason = why_not(first.config, model)
    if choice == "keras":
        return None, ""
    if reason and choice == "population":
        raise ModelError(("model",), f"cannot be trained as a population: {reason}")
    if reason or (choice == "auto" and not is_worth_compiling(first, members)):
        return None, reason or ""
    threads = usable_cores() if "CPU" in device else 1
    return plan_layout(at_once, model, first.config, threads), ""


def is_worth_compiling(job: Job, members: int) -> bool:
    """Whether a population is likely to end sooner than `fit`, model by model."""
    training = job.config.training
    steps = training.epochs * math.ceil(len(job.splits.train) / training.batch_size)
    return members * (_FIT_START + steps * _FIT_STEP) > _POPULATION_START
