"""Training next to other processes of the same store: the others wait for what one trains."""

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from regcli.planning.batches import Batch
from regcli.planning.events import Noted
from regcli.workflows.claims import Claims
from regcli.workflows.keeper import Keeper

if TYPE_CHECKING:
    from regcli.training.executors import Executor

SECONDS_BETWEEN = 1.0
"""Seconds between checks whether the others have finished."""

Chosen = Sequence[tuple["Executor", Batch]]
"""Batches with their trainers."""


def train_shared(chosen: Chosen, keeper: Keeper, claims: Claims) -> None:
    """Train what no other process trains, and wait for the rest to be stored.

    What another process leaves undone, because it died or the run failed there, is trained here.

    Raises:
        KeyboardInterrupt: what has ended until then is stored.
    """
    left = _train_own(chosen, keeper, claims)
    if left:
        count = sum(len(batch.runs) for _, batch in left)
        runs = "1 run is" if count == 1 else f"{count:,} runs are"
        keeper(Noted(f"{runs} being trained by another process; waiting for its results"))
    while left:
        time.sleep(SECONDS_BETWEEN)
        left = _train_own(_without_stored(left, keeper), keeper, claims)


def _train_own(chosen: Chosen, keeper: Keeper, claims: Claims) -> Chosen:
    """Train the runs of each batch that can be claimed; the batches of those that cannot."""
    left = []
    for executor, batch in chosen:
        own, others = _shared_out(batch, claims.take([run.id for run in batch.runs]))
        if own.runs:
            executor.run(own, keeper)
        if others.runs:
            left.append((executor, others))
    return left


def _shared_out(batch: Batch, claimed: set[str]) -> tuple[Batch, Batch]:
    """The runs of a batch that can be trained now, and those that others train or come after."""
    waiting = {run.id for run in batch.runs}
    own = []
    for run in batch.runs:
        if run.id in claimed and run.parent not in waiting:
            own.append(run)
            waiting.remove(run.id)
    others = tuple(run for run in batch.runs if run.id in waiting)
    return replace(batch, runs=tuple(own)), replace(batch, runs=others)


def _without_stored(chosen: Chosen, keeper: Keeper) -> Chosen:
    """Take what others have stored, and leave out those runs and all after an end."""
    store = keeper.workspace.store
    found = store.find(run.id for _, batch in chosen for run in batch.runs)
    for record in found.values():
        if record.state.is_final:
            keeper.know(record)
    reached = {run.id for run in keeper.graph.reached(keeper.known)} - keeper.known.keys()
    kept = [
        (executor, replace(batch, runs=tuple(run for run in batch.runs if run.id in reached)))
        for executor, batch in chosen
    ]
    return [(executor, batch) for executor, batch in kept if batch.runs]
