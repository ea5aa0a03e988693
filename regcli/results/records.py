"""The record of a run: an immutable snapshot of everything that came out of training one member."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from regcli.config.task import Task

SCHEMA_VERSION = 1
"""Version of the JSON document."""

IDENTITY_VERSION = 3
"""Part of every run's id: a release in which runs of some kind give other numbers counts it up."""

STRENGTHS = frozenset({"l1", "l2", "group_strength"})
"""Settings, by the last part of their names, that shrink weights."""

CENTER, WIDTH = "input/center", "input/width"
"""Names under which a run's scaling of columns is stored with its weights."""


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
    """Zeros of one kernel.

    Attributes:
        nonzero: weights that are not 0.0; None in records of before this was measured.
        gzip_bytes: size of the float32 weights after gzip; None as for `nonzero`.
        norm: √ΣW², the Euclidean norm of its weights; None as for `nonzero`.
        largest: max|W|, the largest magnitude of a weight; None as for `nonzero`.
    """

    name: str
    shape: tuple[int, ...]
    exact: float
    near: float
    nonzero: int | None = None
    gzip_bytes: int | None = None
    norm: float | None = None
    largest: float | None = None


Scores = Mapping[str, float | None]
"""data_loss, penalty, objective, and every metric of the task; empty for a part without rows.

Where classes have weights, weighted_data_loss too: the objective without the penalty.
"""


class AfterZeroing(Record):
    """What is left of a model whose near zeros are set to 0.0, and how well it then does.

    Attributes:
        nonzero, active_inputs, live_units, active_columns, precision, recall, f1, active_noise: as
            in `Sparsity`.
        metrics: for train, validation and test: as in `RunRecord`, without what holds the penalty.
    """

    nonzero: int
    active_inputs: int | None
    live_units: Mapping[str, int]
    active_columns: tuple[str, ...] | None
    precision: float | None
    recall: float | None
    f1: float | None
    active_noise: int | None = None
    metrics: Mapping[str, Scores] = Field(default_factory=dict)


class Sparsity(Record):
    """Zeros of a model's kernels (biases left out).

    What has a default is None in records of before it was measured.

    Attributes:
        exact: share of kernel weights that are 0.0.
        near: share of kernel weights whose magnitude is below `threshold`.
        active_inputs: input columns that can still change the output; None where the layers do not
            let columns be followed.
        live_units: for each hidden layer, units that can still change the output.
        active_columns: names of the active inputs, in the data's order; None where there are more
            than `results.sparsity.MOST_NAMED`, or `active_inputs` is None.
        precision: share of the active inputs that are true columns; None where no input is active
            or the true columns are not known.
        recall: share of the true columns that are active; None where they are not known.
        f1: harmonic mean of precision and recall, 0 where no true column is active.
        active_noise: how many of the active inputs are columns of `dataset.noise_features`; None
            where there are no such columns.
        gzip_bytes: sum of the kernels' sizes as float32, each compressed with gzip.
        norm, largest: √ΣW² and max|W| over all kernels; null where a weight is not finite.
        after_zeroing: the same once the near zeros are exact ones.
    """

    exact: float
    near: float
    threshold: float
    nonzero: int
    total: int
    active_inputs: int | None
    live_units: Mapping[str, int]
    layers: tuple[LayerSparsity, ...]
    active_columns: tuple[str, ...] | None = None
    precision: float | None = None
    recall: float | None = None
    f1: float | None = None
    active_noise: int | None = None
    gzip_bytes: int | None = None
    norm: float | None = None
    largest: float | None = None
    after_zeroing: AfterZeroing | None = None

    @property
    def hidden_units(self) -> int:
        """Units of the layers that `live_units` counts, dead ones included."""
        return sum(layer.shape[-1] for layer in self.layers if layer.name in self.live_units)


class Optimality(Record):
    """How far a run is from the conditions that hold at an optimum (KKT).

    Attributes:
        residual: the largest distance from 0 to the subdifferential of the objective, over weights.
        pull: the largest gradient of the data loss by a kernel's weight, in magnitude.
        relative: the largest residual by a weight's own scale: the slope of its penalty, or where
            that is less, a thousandth of the objective by the weight.
        settled: whether the run has converged: by the gap where there is one, else by `relative`.
        polish_steps: full-batch steps that were taken after training.
        gap: the most that the objective can be above its minimum, as a share of it: the duality
            gap at the weights as they are kept; None where none is known, and in older records.
        reason: why a run has not converged, where more steps would not help; of one that has,
            what that does not say; else empty.
    """

    residual: float
    pull: float
    relative: float
    settled: bool
    polish_steps: int
    gap: float | None = None
    reason: str = ""


class DataSummary(Record):
    """What the run was trained on.

    Attributes:
        rows: rows of each part: train, validation, test.
        input_shape: shape of one row as the model takes it.
        true_columns: names of the columns that the target depends on, where that is known.
        folder: where a relative file starts from, which is the folder of the config; None for a
            data set with a name, and in records of before it was kept. Documents leave it out: it
            says something of this machine alone.
        baseline: for validation and test, the metrics of the best constant answers, as
            `data.baseline` has them; empty in records of before it was measured.
        preparation: the name of what made inputs of the table's columns, under which the store
            keeps it; None where inputs are the columns as they are.
        positive: of two classes the one that precision, recall and the like are about; None for
            other targets, and in records of before there was one.
        target_transform: what was done to a quantity for training, as `TargetTransform.as_plain`
            has it; None where nothing was.
        dialect: how its file was written, as `Table.dialect`; None for plain CSV, for what is no
            text, and in records of before it was kept. Documents leave it out.
        ranges: the name of what its columns span in the training rows, under which the store keeps
            it; None of tensors, and in records of before it was kept. Documents leave it out.
        leaks: columns that predict the target too well, a sentence each; empty in records of before
            they were kept. Documents leave them out: the verdict has them.
    """

    source: str
    fingerprint: str
    task: Task
    rows: Mapping[str, int]
    input_shape: tuple[int, ...]
    columns: tuple[str, ...]
    classes: tuple[str, ...] = ()
    true_columns: tuple[str, ...] | None = None
    preparation: str | None = None
    positive: str | None = None
    folder: str | None = None
    baseline: Mapping[str, Scores] = Field(default_factory=dict)
    target_transform: Mapping[str, bool | float] | None = None
    dialect: Mapping[str, str] | None = None
    ranges: str | None = None
    leaks: tuple[str, ...] = ()


_PARENT_KEYS = frozenset({"start_from", "keep_zeros"})


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
    parent: str | None = None
    """The run whose weights it started from; None for start weights."""
    keep_zeros: bool = False
    """Whether kernel weights that were zero in its parent stayed so."""
    identity: int | None = None
    """Version of the identity that its id was made by; None in records of before it was kept."""

    @model_validator(mode="after")
    def _take_parent_from_config(self) -> Self:
        """Earlier versions had the parent among the keys of the config."""
        training = self.config.get("training")
        if isinstance(training, Mapping) and "start_from" in training:
            # Past the freeze: a validator that returns another object is ignored by `Record(…)`.
            object.__setattr__(self, "parent", training["start_from"])
            object.__setattr__(self, "keep_zeros", bool(training.get("keep_zeros")))
        return self

    @property
    def own_config(self) -> Mapping[str, Any]:
        """The config without what earlier versions had in it of the parent."""
        training = self.config.get("training")
        if not isinstance(training, Mapping):
            return self.config
        kept = {key: value for key, value in training.items() if key not in _PARENT_KEYS}
        return {**self.config, "training": kept}

    @property
    def refit_of(self) -> str | None:
        """The run whose support this one was trained on, its zeros held; None for other runs."""
        return self.parent if self.keep_zeros else None


class SweepRecord(Record):
    """The runs of one grid, in the order of the grid.

    Attributes:
        metrics, select_by: as in its config.
        margin: of its verdict; None in records of before it was kept.
        keys: of the settings of its runs; none in records of before they were kept.
        variants: the name of each run's variant; none without variants.
    """

    id: str
    name: str
    engine: str
    seconds: float
    run_ids: tuple[str, ...]
    created: str
    metrics: tuple[str, ...] | None = None
    select_by: str | None = None
    margin: float | None = None
    keys: tuple[str, ...] = ()
    variants: tuple[str, ...] = ()
