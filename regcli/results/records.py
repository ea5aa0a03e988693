"""The record of a run: an immutable snapshot of everything that came out of training one member."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from regcli.data.task import Task

SCHEMA_VERSION = 1
"""Version of the JSON document; part of every run's id."""

CENTER, WIDTH = "input/center", "input/width"
"""Names under which a run's scaling of columns stands beside its weights."""


class RunState(StrEnum):
    """How a run ended."""

    FINISHED = "finished"
    DIVERGED = "diverged"
    FAILED = "failed"
    INTERRUPTED = "interrupted"

    @property
    def is_final(self) -> bool:
        """Whether training the same member again would only repeat this outcome."""
        return self in {RunState.FINISHED, RunState.DIVERGED}


class Record(BaseModel):
    """Base of the immutable records. NaN and infinities are written as null."""

    model_config = ConfigDict(frozen=True, ser_json_inf_nan="null")


class LayerSparsity(Record):
    """Zeros of one kernel."""

    name: str
    shape: tuple[int, ...]
    exact: float
    near: float


class Sparsity(Record):
    """Zeros of a model's kernels (biases left out).

    Attributes:
        exact: share of kernel weights that are 0.0.
        near: share of kernel weights whose magnitude is below `threshold`.
        active_inputs: input columns that can still change the output; None where the layers do not
            let columns be followed.
        live_units: for each hidden layer, units that can still change the output.
    """

    exact: float
    near: float
    threshold: float
    nonzero: int
    total: int
    active_inputs: int | None
    live_units: Mapping[str, int]
    layers: tuple[LayerSparsity, ...]


class Optimality(Record):
    """How far a run is from the conditions that hold at an optimum (KKT).

    Attributes:
        residual: the largest distance from 0 to the subdifferential of the objective, over weights.
        relative: its share of the largest gradient of a kernel's weight.
        settled: whether that share is small enough to call the run settled.
        polish_steps: full-batch steps that were taken after training.
    """

    residual: float
    relative: float
    settled: bool
    polish_steps: int


class DataSummary(Record):
    """What the run was trained on.

    Attributes:
        rows: rows of each part: train, validation, test.
        input_shape: shape of one row as the model takes it.
        true_columns: names of the columns that the target depends on, where that is known.
    """

    source: str
    fingerprint: str
    task: Task
    rows: Mapping[str, int]
    input_shape: tuple[int, ...]
    columns: tuple[str, ...]
    classes: tuple[str, ...] = ()
    true_columns: tuple[str, ...] | None = None


Scores = Mapping[str, float | None]
"""data_loss, penalty, objective, and accuracy or r2 and mae; empty for a part without rows."""


class RunRecord(Record):
    """One member's outcome, complete; what the store keeps and every view is made from."""

    id: str
    name: str
    state: RunState
    settings: Mapping[str, Any]
    config: Mapping[str, Any]
    engine: str
    epochs: int
    seconds: float
    metrics: Mapping[str, Scores] = Field(default_factory=dict)
    sparsity: Sparsity | None = None
    optimality: Optimality | None = None
    """Of runs with a proximal step."""
    history: Mapping[str, tuple[float | None, ...]] = Field(default_factory=dict)
    data: DataSummary | None = None
    environment: Mapping[str, str] = Field(default_factory=dict)
    message: str = ""
    """Why the run is not finished; empty where it is."""
    created: str
    """When the run ended: ISO 8601, UTC."""


class SweepRecord(Record):
    """The runs of one grid, in the order of the grid."""

    id: str
    name: str
    engine: str
    seconds: float
    run_ids: tuple[str, ...]
    created: str
