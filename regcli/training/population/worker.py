"""One thread, one program, and the members that wait for its slots."""

import queue
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from regcli.data.row_order import batch_order, order_in_pieces
from regcli.models.reasons import said
from regcli.planning.events import EpochsDone, RunsEnded
from regcli.planning.graph import Frontier, RunGraph
from regcli.stacked.program import EpochProgram
from regcli.stacked.recipe import Arrays
from regcli.stacked.shared_traces import SharedTraces
from regcli.stacked.streamed_program import Order, StreamedProgram
from regcli.training.population.checkpoint import SECONDS_BETWEEN, Checkpoints, SavedMember
from regcli.training.population.ended_members import make_outcomes
from regcli.training.population.member_run import MemberRun
from regcli.training.population.population_recipe import PopulationRecipe, Program
from regcli.training.population.starts import started_from

Events = queue.Queue[EpochsDone | RunsEnded | BaseException | None]
"""What workers tell: events, then None, or the exception that ended them."""


class PopulationFailedError(Exception):
    """A program that could not be compiled or run; what it raised is the cause."""

    def __init__(self, cause: BaseException) -> None:
        self.out_of_memory = isinstance(cause, tf.errors.ResourceExhaustedError)
        super().__init__("out of memory" if self.out_of_memory else said(cause))


class Worker(threading.Thread):
    """Keeps the slots of one program filled until no member is left.

    A member leaves its slot when its epochs are over, its patience has run out or its loss is no
    longer finite; the next in the queue takes the slot. So early stopping costs no second shape,
    and a member that has stopped no longer changes.
    """

    def __init__(
        self,
        recipe: PopulationRecipe,
        size: int,
        device: str,
        events: Events,
        stop: threading.Event,
        checkpoints: Checkpoints | None,
        traces: SharedTraces,
    ) -> None:
        super().__init__(daemon=True)
        self.recipe, self.size, self.device = recipe, size, device
        self.events, self.stop, self.checkpoints = events, stop, checkpoints
        self.traces = traces
        self.waiting: deque[MemberRun] = deque()
        self.frontier = Frontier(RunGraph[MemberRun].of(()))
        self.slots: dict[int, MemberRun] = {}
        self.ended: list[tuple[MemberRun, Arrays]] = []

    def take(self, runs: Sequence[MemberRun]) -> None:
        """Be given the members to train, those that others start from before these."""
        graph = RunGraph.of(runs)
        self.frontier = Frontier(graph)
        self.waiting.extend(graph.roots)

    def run(self) -> None:
        """Train until no member is left; what goes wrong is handed on."""
        try:
            with tf.device(self.device):
                self._train(self._program())
            self.events.put(None)
        except BaseException as error:
            self.events.put(error)

    def _program(self) -> Program:
        """The one whose rows are where the splits have them."""
        if self.recipe.splits[0].is_scanned:
            return StreamedProgram(self.recipe, self.size)
        return EpochProgram(self.recipe, self.size, self.traces)

    def _train(self, program: Program) -> None:
        last_saved = time.monotonic()
        while not self.stop.is_set():
            self._fill(program)
            if not self.slots:
                break
            self._train_epoch(program)
            self._collect(program)
            if self.checkpoints and time.monotonic() - last_saved > SECONDS_BETWEEN:
                self._save(program, self.checkpoints)
                last_saved = time.monotonic()
        if not self.stop.is_set():
            self._hand_on(program)
            assert not self.frontier.left, "a member was never started"
        elif self.recipe.polish is None:  # which can take much longer than the epochs in hand
            self._hand_on(program)

    def _save(self, program: Program, checkpoints: Checkpoints) -> None:
        self._hand_on(program)
        states = program.read_states(self.slots)
        for slot, run in self.slots.items():
            checkpoints.save(run.id, SavedMember(states[slot], run.progress(), run.best))

    def _fill(self, program: Program) -> None:
        """Put members into free slots, with all that training had changed before it was stopped."""
        free = [slot for slot in range(self.size) if slot not in self.slots]
        taken = {slot: self.waiting.popleft() for slot in free[: len(self.waiting)]}
        if not taken:
            return
        self.slots.update(taken)
        program.place({slot: run.start for slot, run in taken.items()})
        states = {}
        for slot, run in taken.items():
            saved = self.checkpoints and self.checkpoints.load(run.id)
            if saved:
                run.resume(saved.progress, saved.best)
                states[slot] = saved.state
        program.write_states(states)

    def _train_epoch(self, program: Program) -> None:
        started = time.perf_counter()
        logs = {name: np.array(values) for name, values in self._logs(program).items()}
        share = (time.perf_counter() - started) / len(self.slots)
        for slot, run in self.slots.items():
            run.take(slot, logs, share)
        self.events.put(EpochsDone(len(self.slots)))

    def _logs(self, program: Program) -> Mapping[str, Any]:
        """What an epoch of all slots logs."""
        if not isinstance(program, StreamedProgram):
            logs: Mapping[str, Any] = program.train_epoch(self._order())
            return logs
        train, width = self.recipe.parts["train"], self.recipe.splits[0].row_numbers
        orders: dict[tuple[int, int], Order] = {}
        own = [0] * self.size
        for slot, run in self.slots.items():
            key = (run.start.seed, run.epoch)
            orders.setdefault(key, partial(order_in_pieces, *key, len(train), width))
            own[slot] = list(orders).index(key)
        return program.stream_epoch(list(orders.values()), own)

    def _order(self) -> NDArray[np.int32]:
        """Each slot's order of its rows, (rows, slots), begun anew where its split has fewer.

        One seed, epoch and number of rows has one order.
        """
        train, width = self.recipe.parts["train"], self.recipe.splits[0].row_numbers
        rows, counts = len(train), train.counts.tolist()
        drawn: dict[tuple[int, int, int], NDArray[np.int64]] = {}
        order = np.zeros((rows, self.size), np.int32)
        for slot, run in self.slots.items():
            key = (run.start.seed, run.epoch, counts[run.start.split])
            if key not in drawn:
                drawn[key] = np.resize(batch_order(*key, width), rows)
            order[:, slot] = drawn[key] + run.start.split * rows
        return order

    def _collect(self, program: Program) -> None:
        """Keep the weights of members that ended or got better; free the slots of the ended."""
        ended = [slot for slot, run in self.slots.items() if run.state is not None]
        if not ended and not any(run.improved for run in self.slots.values()):
            return
        stacked = program.read()
        for slot, run in self.slots.items():
            if run.improved:
                run.best = [part.copy() for part in program.unstack(stacked, slot)]
        ends = program.read_ends() if ended else []
        for slot in ended:
            run = self.slots.pop(slot)
            # As in `fit`: early stopping puts weights back after the optimizer left its averages.
            left = ends if run.patience is None else stacked
            last = [part.copy() for part in program.unstack(left, slot)]
            self.ended.append((run, run.best or last))
        is_followed = any(self.frontier.waits_for(run.id) for run, _ in self.ended)
        if is_followed or len(self.ended) >= self.size:
            self._hand_on(program)

    def _hand_on(self, program: Program) -> None:
        """Score the finished members together, and report them."""
        if self.ended:
            outcomes = make_outcomes(program, self.ended)
            self.events.put(RunsEnded(outcomes, "population"))
            self.ended = []
            for identity, outcome in outcomes:
                for run in reversed(self.frontier.end(identity, outcome)):
                    run.start = started_from(run.start, outcome.weights, self.recipe)
                    self.waiting.appendleft(run)
