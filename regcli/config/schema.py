"""What a config says: frozen models of every section, with the rules that one value can break.

Rules that need the names of Keras's parts are in `regcli.config.checks`.
"""

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator

from regcli.config import catalogue
from regcli.config.keras_parts import Layer, Loss, Optimizer
from regcli.config.metric_keys import MetricNames, Ranking
from regcli.config.problems import Path, did_you_mean, shown
from regcli.config.section import (
    WHOLE,
    ClassWeight,
    Count,
    Section,
    Seed,
    Share,
    Strength,
    broken_rule,
)
from regcli.config.strength_grids import AutoGrid, Grid
from regcli.config.tokens import taker_of_inputs
from regcli.metrics.registry import DEFAULT_RANKING, RANKED, WATCHED
from regcli.penalties.registry import NAMED


def _checked_selection(value: object) -> object:
    rule = "must be all, hidden or a list of layer names"
    if isinstance(value, list | tuple):
        for item in value:
            if not isinstance(item, str):
                raise ValueError(f"{rule}, got {shown(item)} in the list")
    elif value not in ("all", "hidden"):
        near = did_you_mean(value, ("all", "hidden"))
        raise ValueError(f"{rule}, got {shown(value)}{near}")
    return value


Selection = Annotated[
    Literal["all", "hidden"] | Annotated[tuple[str, ...], Field(strict=False)],
    BeforeValidator(_checked_selection),
]


def _label(value: object) -> object:
    """A class as the data has it, which YAML may take for a number or for true or false."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value) if isinstance(value, int | float) else value


class Dataset(Section):
    """Where the rows come from, how they are split, and how they are scaled."""

    name: str | None = Field(
        None,
        description="A shipped data set.",
        json_schema_extra={"enum": [*catalogue.DATASETS, None]},
    )
    file: str | None = Field(
        None, description="A CSV, Parquet or NPZ file, relative to the config."
    )
    target: str | None = Field(None, description="The column to predict; not used by NPZ files.")
    task: Literal["classification", "regression"] | None = Field(
        None, description="Follows from the target unless given."
    )
    test: Share = Field(0.2, description="Fraction of rows held out for testing; 0 for none.")
    validation: Share = Field(
        0.2, description="Fraction of rows that rank the settings; 0 for none."
    )
    scale: Literal["none", "standard", "minmax"] = Field(
        "standard",
        description="How columns are scaled, fitted on the training rows alone; none where an "
        "Embedding takes them.",
    )
    noise_features: Annotated[int, Field(ge=0, le=100_000), WHOLE] = Field(
        0, description="Irrelevant columns to add."
    )
    true_columns: Annotated[tuple[str, ...], Field(strict=False)] | None = Field(
        None,
        description="Columns of a file that its target is known to depend on, as in planted data: "
        "what is found is measured by them, with precision and recall.",
    )
    positive: Annotated[str, BeforeValidator(_label)] | None = Field(
        None,
        description="The class that precision, recall, F1 and average precision are about, where "
        "the target has two; the second one unless given.",
    )
    seed: Seed = Field(0, description="Seed of the split and of the noise columns.")

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.name is None) == (self.file is None):
            given = "neither" if self.name is None else "both"
            rule = f"needs either name (a shipped data set) or file, got {given}"
            raise broken_rule(rule, "name", "file")
        if self.target is not None and self.file is None:
            rule = "target requires file; a shipped data set has its own"
            raise broken_rule(f"{rule}, got target '{self.target}'", "target", "name")
        if self.file and not self.file.lower().endswith(".npz") and self.target is None:
            rule = "file needs target, the column to predict"
            raise broken_rule(f"{rule}, got file '{self.file}' alone", "file")
        if self.true_columns is not None and self.file is None:
            rule = "true_columns requires file; what a shipped data set depends on is known"
            raise broken_rule(f"{rule}, got it for {self.name}", "true_columns", "name")
        if self.test + self.validation >= 1:
            shares = f"{self.test:g} + {self.validation:g}"
            rule = "test + validation must be below 1 to leave rows to train on"
            raise broken_rule(f"{rule}, got {shares}", "test", "validation")
        return self


class Model(Section):
    """The architecture: a stack of Keras layers; the output layer may be left out."""

    layers: tuple[Layer, ...] = Field(
        (), strict=False, description="Keras layers in order; [] is the output layer alone."
    )


class BiasStrengths(Section):
    """Strengths of the biases of the layers that are regularized."""

    l1: Strength = 0.0
    l2: Strength = 0.0


def _checked_penalty(value: object) -> object:
    if value is None or (isinstance(value, str) and value in NAMED):
        return value
    *others, last = NAMED
    rule = f"must be {', '.join(others)} or {last}"
    raise ValueError(f"{rule}, got {shown(value)}{did_you_mean(value, NAMED)}")


class Regularization(Section):
    """The strengths and the layers they apply to."""

    l1: Strength = Field(0.0, description="Strength of l1·Σ|W|, or of the penalty that is named.")
    l2: Strength = Field(0.0, description="Strength of l2·ΣW².")
    penalty: Annotated[str | None, BeforeValidator(_checked_penalty)] = Field(
        None,
        description="What l1 multiplies: elastic_net (the default) is l1·Σ|W| + l2·ΣW²; the others "
        "do not shrink large weights, and are not convex. Biases have the elastic net's.",
        json_schema_extra={"enum": [*NAMED, None]},
    )
    gamma: Annotated[float, Field(allow_inf_nan=False)] | None = Field(
        None,
        description="Where the penalty that is named levels off, at gamma·l1: "
        + "; ".join(
            f"above {p.above:g} for {penalty.name}, {p.default:g} unless given"
            for penalty in NAMED.values()
            for p in penalty.shape_parameters
        )
        + ".",
    )
    method: Literal["penalty", "proximal"] = Field(
        "penalty",
        description="penalty: part of the loss, as kernel_regularizer does; "
        "proximal: a step after each update that makes zeros exact.",
    )
    layers: Selection = Field(
        "all", description="all, hidden (all but the output layer), or a list of layer names."
    )
    group: Literal["inputs", "units"] | None = Field(
        None,
        description="What is dropped as a whole: input columns, where the first kernel takes the "
        "columns themselves, or hidden units.",
    )
    group_strength: Strength | None = Field(
        None, description="Strength of the sum over groups of ‖W_g‖."
    )
    bias: BiasStrengths | None = Field(None, description="Strengths of the biases; none if absent.")


def _checked_weights(value: object) -> object:
    if value is None or value == "balanced" or isinstance(value, dict):
        return value
    rule = "must be balanced, or a mapping of classes to weights"
    raise ValueError(f"{rule}, got {shown(value)}{did_you_mean(value, ['balanced'])}")


def _weights_of(value: object) -> str:
    return "by class" if isinstance(value, dict) else "balanced"


ClassWeights = Annotated[
    Annotated[Literal["balanced"], Tag("balanced")]
    | Annotated[dict[str, ClassWeight], Tag("by class")],
    Discriminator(_weights_of),
]


MONITORED = ("data_loss", "objective", *WATCHED)
"""What early stopping can watch of the rows of a part."""


class EarlyStopping(Section):
    """When to stop before the last epoch; the best weights are always restored."""

    monitor: str = Field(
        "validation.data_loss",
        pattern=rf"^(train|validation)\.({'|'.join(MONITORED)})$",
        description="What must improve: validation.data_loss, validation.accuracy, …",
    )
    patience: Count = Field(10, description="Epochs without improvement before stopping.")
    min_delta: float = Field(
        0.0, ge=0, allow_inf_nan=False, description="The least change that counts."
    )


class Training(Section):
    """How the model is fitted."""

    optimizer: Optimizer = Field(
        default_factory=lambda: Optimizer.model_validate("adam"),
        description="A Keras optimizer by name, or a mapping with name and arguments.",
    )
    loss: Loss | None = Field(
        None, description="A Keras loss; follows from the target if left out."
    )
    epochs: Count = 50
    batch_size: Count = 32
    seed: Seed = Field(0, description="Seed of the start weights and of the batch order.")
    class_weight: Annotated[ClassWeights | None, BeforeValidator(_checked_weights)] = Field(
        None, description="What multiplies the loss of each class's rows: balanced, or by class."
    )
    polish: Annotated[int, Field(ge=0, le=1_000_000), WHOLE] | None = Field(
        None,
        description="Most full-batch steps after proximal training, with or without strengths; "
        "10,000 for a model of one Dense layer, which ends at its optimum, and 100 for others "
        "unless given, none after early stopping or dropout. "
        "Must not be beside constraints, which they would break, or weight decay.",
    )
    early_stopping: EarlyStopping | None = None


class Sweep(Section):
    """The grid: each key holds the values to try; their product is trained."""

    l1: AutoGrid | None = Field(
        None,
        description="Values of regularization.l1; auto:9 goes from the largest useful one down.",
    )
    l2: Grid | None = Field(None, description="Values of regularization.l2.")
    seeds: Annotated[int, Field(ge=1, le=10_000), WHOLE] | None = Field(
        None, description="Number of seeds, counted up from training.seed."
    )
    vary: dict[str, Any] = Field(
        default_factory=dict, description="Values for any other dotted key."
    )


class Config(Section):
    """A whole config file."""

    name: str = Field("unnamed", min_length=1, max_length=80)
    dataset: Dataset
    model: Model = Field(default_factory=Model)
    regularization: Regularization = Field(default_factory=lambda: Regularization())
    training: Training = Field(default_factory=lambda: Training())
    sweep: Sweep = Field(default_factory=lambda: Sweep())
    metrics: MetricNames | None = Field(
        None, description="Metrics to show; accuracy, or r2 and mae, unless given."
    )
    select_by: Ranking | None = Field(
        None,
        description="The result that ranks the settings; validation.data_loss unless given.",
        json_schema_extra={"enum": [*RANKED, None]},
    )

    @model_validator(mode="after")
    def _scale_no_tokens(self) -> Self:
        """Whole numbers that an Embedding looks up are not scaled, whatever the default is."""
        layers = [(layer.kind, layer.arguments) for layer in self.model.layers]
        if taker_of_inputs(layers) is not None:
            # Past the freeze: a validator that returns another object is ignored by `Config(…)`.
            unscaled = self.dataset.model_copy(update={"scale": "none"})
            object.__setattr__(self, "dataset", unscaled)
        return self

    def asked_metrics(self) -> dict[Path, str]:
        """Keys of the metrics that are shown or rank, by where the config asks for them."""
        asked: dict[Path, str] = {
            ("metrics", place): key for place, key in enumerate(self.metrics or ())
        }
        if self.select_by not in (None, DEFAULT_RANKING):
            asked["select_by",] = self.select_by.rpartition(".")[-1]
        return asked

    def resolved(self) -> dict[str, Any]:
        """The config with every default filled in, as plain data that reads back the same."""
        return self.model_dump(mode="json", exclude_none=True)
