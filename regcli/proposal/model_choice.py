"""The model of a first config, and how it is trained: what so many rows and inputs can bear."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from regcli.config.task import Task
from regcli.data.profile.column_kinds import ColumnKind, ColumnProfile
from regcli.proposal.dataset_choice import DATE_PARTS, KEPT_CATEGORIES

_ROWS_FOR_A_NET, _ROWS_FOR_A_WIDER_NET = 400, 2000
_ROWS_AN_INPUT = 10
"""Training rows for each input, below which a net learns its rows by heart."""
_MANY_INPUTS = 500
"""Inputs beyond which the exact optimum of a linear model takes seconds."""
_STEPS = 1500
"""Training steps after which such models have converged."""
_FEWEST_EPOCHS, _MOST_EPOCHS = 20, 200
_BATCHES = 50
"""Steps of one epoch at most, where there are rows enough for them."""
_SMALLEST_BATCH, _LARGEST_BATCH = 16, 2048


@dataclass(frozen=True)
class ModelChoice:
    """A model, its training, and the grid of strengths to try.

    Attributes:
        layers: of Keras; empty for the output layer alone.
        why: why this model, as a sentence.
        method: how penalties are applied.
        l1, l2: the grids; no l2 where each run takes long.
        folds: of cross-validation; None for one share of validation rows.
    """

    layers: Sequence[Mapping[str, Any]]
    why: str
    method: str
    learning_rate: float
    epochs: int
    batch_size: int
    l1: str
    l2: str | None
    folds: int | None


def choose_model(rows: int, inputs: int, task: Task, folds: int | None) -> ModelChoice:
    """What to train on so many rows of so many inputs.

    A net of one small layer where there are 400 rows or more and ten for each input; a linear model
    otherwise, of which the exact optimum is found.

    Args:
        rows: rows that are not for testing.
        folds: as `fold_count` says.
    """
    train = rows * (folds - 1) // folds if folds else rows * 3 // 4
    batch = _batch_size(train)
    epochs = min(max(-(-_STEPS * batch // train), _FEWEST_EPOCHS), _MOST_EPOCHS)
    counts = f"{rows:,} rows for {inputs:,} {'input' if inputs == 1 else 'inputs'}"
    if rows < _ROWS_FOR_A_NET or rows < _ROWS_AN_INPUT * inputs:
        what = "linear regression" if task == "regression" else "logistic regression"
        why = f"{counts}, too few for a net: {what}, the output layer alone"
        l2 = "0,0.001,0.01,0.1" if inputs <= _MANY_INPUTS else None
        return ModelChoice((), why, "proximal", 0.01, epochs, batch, "0,auto:6", l2, folds)
    units = 16 if rows < _ROWS_FOR_A_WIDER_NET else 32
    why = f"{counts}: one small layer can learn what is not linear; layers: [] is linear"
    layers = ({"Dense": {"units": units, "activation": "relu"}},)
    l1, l2 = "0,log:1e-4:1e-1:4", "0,log:1e-4:1e-2:3"
    return ModelChoice(layers, why, "penalty", 0.01, epochs, batch, l1, l2, folds)


def count_inputs(columns: Sequence[ColumnProfile], marks_gaps: bool) -> int:
    """About how many inputs some columns become.

    Args:
        marks_gaps: whether a column with gaps has an input more that says where they are.
    """
    return sum(_inputs_of(column, marks_gaps) for column in columns)


def _inputs_of(column: ColumnProfile, marks_gaps: bool) -> int:
    gaps = 1 if marks_gaps and column.gaps.count else 0
    if column.kind is ColumnKind.DATE:
        return len(DATE_PARTS) + gaps
    if column.kind is not ColumnKind.CATEGORY or column.distinct <= 2:
        return 1 + gaps
    return min(column.distinct, KEPT_CATEGORIES + 1) + gaps


def _batch_size(train: int) -> int:
    """A power of two that makes at most 50 steps of an epoch."""
    size = _SMALLEST_BATCH
    while size < _LARGEST_BATCH and train > size * _BATCHES:
        size *= 2
    return size
