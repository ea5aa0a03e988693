"""regcli's own population trainer, through the door that the session uses."""

import time

from benchmarks.workload import Workload
from regcli.config.stack import complete_stack
from regcli.data.free_memory import available
from regcli.models.build import build_model
from regcli.models.layer_strengths import layer_strengths
from regcli.planning.events import EpochsDone
from regcli.processors import usable_cores
from regcli.stacked.layout import Layout, plan_layout
from regcli.training.devices import prepare_device
from regcli.training.population.trainer import PopulationMember, train_population


def plan(work: Workload) -> Layout:
    """The layout that a sweep of this workload gets."""
    config = work.configs[0]
    stack = complete_stack(config.model, work.splits.table.task, work.splits.outputs)
    strengths = layer_strengths(stack, config.regularization)
    model = build_model(stack, strengths, work.splits.train.x.shape[1:])
    size = config.training.batch_size
    return plan_layout(len(work.configs), model, size, usable_cores(), available())


def steady_seconds_per_step(work: Workload) -> float:
    """Seconds of a model-step once compiled, in the layout that a sweep gets."""
    return seconds_per_step(work)[0]


def seconds_per_step(work: Workload, layout: Layout | None = None) -> tuple[float, float]:
    """Seconds of a model-step once compiled, and from the start to the first epoch's end."""
    device = prepare_device("cpu", many_programs=True)
    layout = layout or plan(work)
    started = time.perf_counter()
    marks: list[tuple[float, int]] = []
    members = [
        PopulationMember(str(number), config, work.splits)
        for number, config in enumerate(work.configs)
    ]
    for event in train_population(members, layout, device):
        if isinstance(event, EpochsDone):
            marks.append((time.perf_counter(), event.count))
    # Every program's first epoch compiles it, and one may still do so while another trains.
    skipped = max(2 * layout.threads, len(marks) // 4)
    first, last = marks[skipped - 1][0], marks[-1][0]
    trained = sum(count for _, count in marks[skipped:])
    return (last - first) / (trained * work.steps), marks[layout.threads - 1][0] - started
