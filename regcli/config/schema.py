"""The sections of a config as frozen models, with the rules that a single value can break.

Rules that need the names of Keras's parts are in `regcli.config.checks`.
"""

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator

from regcli.config import catalogue
from regcli.config.check_grammar import CheckTexts
from regcli.config.keras_parts import Layer, Loss, Optimizer
from regcli.config.metric_keys import MetricNames, Ranking
from regcli.config.problems import Path, composed, did_you_mean, shown
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
    """A class as text, as the data has it; YAML may have read it as a number or a boolean."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value) if isinstance(value, int | float) else value


MOST_FOLDS = 1_000


def _kind_of_part(value: object) -> str:
    """A file where it is text, unless that is a number in quotes."""
    if not isinstance(value, str):
        return "fraction"
    try:
        float(value)
    except ValueError:
        return "file" if value.strip() else "fraction"
    return "fraction"


PartOfRows = Annotated[
    Annotated[Share, Tag("fraction")] | Annotated[str, Tag("file")], Discriminator(_kind_of_part)
]
"""Rows for validation or test: a fraction of all, or a file of their own."""


class Fold(Section):
    """Which fold of a cross-validation is held out for validation."""

    number: Annotated[int, Field(ge=0), WHOLE] = Field(description="The fold, counted from 0.")
    of: Annotated[int, Field(ge=2, le=MOST_FOLDS), WHOLE] = Field(
        description="Number of folds that the rows without the test rows are dealt to."
    )
    repeat: Annotated[int, Field(ge=0), WHOLE] = Field(
        0, description="Which repetition, each of which deals the rows anew."
    )

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if self.number >= self.of:
            rule = "number must be below of, because folds are counted from 0"
            raise broken_rule(f"{rule}, got {self.number} of {self.of}", "number", "of")
        return self


class Dataset(Section):
    """Where the rows come from, how they are split, and how they are scaled."""

    name: str | None = Field(
        None,
        description="Name of a shipped data set.",
        json_schema_extra={"enum": [*catalogue.DATASETS, None]},
    )
    file: str | None = Field(
        None, description="A CSV, Parquet or NPZ file, relative to the config."
    )
    target: str | None = Field(
        None, description="The column to predict; not used for NPZ files, which hold y."
    )
    drop: Annotated[tuple[str, ...], Field(strict=False)] | None = Field(
        None, description="Columns of the file that are not used at all."
    )
    task: Literal["classification", "regression"] | None = Field(
        None, description="Classification or regression; by default it follows from the target."
    )
    test: PartOfRows = Field(
        0.2,
        description="Rows held out for testing: a fraction of all, 0 for none, or a file of the "
        "same columns.",
    )
    validation: PartOfRows = Field(
        0.2,
        description="Rows held out for validation, which ranks the settings: a fraction of all, "
        "0 for none, or a file of the same columns.",
    )
    groups: str | None = Field(
        None,
        description="A column of the file, such as a patient or a site, whose rows stay together: "
        "all of a group train, or none. It is no input.",
    )
    time: str | None = Field(
        None,
        description="A column of the file that says when each row was: the latest rows test, those "
        "before them validate, and folds train on what came before them. It is no input.",
    )
    fold: Fold | None = Field(
        None,
        description="The fold that is held out for validation, in place of a fraction. "
        "sweep.folds sets it for each run.",
    )
    scale: Literal["none", "standard", "minmax"] = Field(
        "standard",
        description="Scaling of the input columns, fitted on the training rows only. Not used "
        "where an Embedding takes the inputs.",
    )
    noise_features: Annotated[int, Field(ge=0, le=100_000), WHOLE] = Field(
        0, description="Number of irrelevant, random columns to add."
    )
    true_columns: Annotated[tuple[str, ...], Field(strict=False)] | None = Field(
        None,
        description="Columns of a file that the target is known to depend on, as in simulated "
        "data. The active inputs of each run are compared with them (precision and recall).",
    )
    positive: Annotated[str, BeforeValidator(_label)] | None = Field(
        None,
        description="The positive class of a target with two classes, for precision, recall, F1 "
        "and average precision. Default: the second class.",
    )
    seed: Seed = Field(0, description="Seed for the split and the noise columns.")

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.name is None) == (self.file is None):
            given = "neither" if self.name is None else "both"
            rule = f"needs either name (a shipped data set) or file, got {given}"
            raise broken_rule(rule, "name", "file")
        if self.target is not None and self.file is None:
            rule = "target requires file (a shipped data set has its own target)"
            raise broken_rule(f"{rule}, got target '{self.target}'", "target", "name")
        if self.file and not self.file.lower().endswith(".npz") and self.target is None:
            rule = "file requires target, the column to predict"
            raise broken_rule(f"{rule}; got file '{self.file}' without target", "file")
        if self.true_columns is not None and self.file is None:
            rule = "true_columns requires file (the true columns of a shipped data set are known)"
            raise broken_rule(f"{rule}, got name '{self.name}'", "true_columns", "name")
        return self

    @model_validator(mode="after")
    def _rows_to_train_on(self) -> Self:
        shares = [share for share in (self.test, self.validation) if not isinstance(share, str)]
        if sum(shares) >= 1:
            given = " + ".join(f"{share:g}" for share in shares)
            rule = "test + validation must be below 1 to leave rows to train on"
            raise broken_rule(f"{rule}, got {given}", "test", "validation")
        return self

    @model_validator(mode="after")
    def _columns_of_a_file(self) -> Self:
        is_table = self.file is not None and not self.file.lower().endswith(".npz")
        roles = [("groups", self.groups), ("time", self.time)]
        dropped = [("drop", column) for column in self.drop or ()]
        for key, column in [*roles, *dropped]:
            if column is not None and not is_table:
                rule = f"{key} requires a file with columns, CSV or Parquet"
                raise broken_rule(f"{rule}; got {key}: {column}", key)
            if column is not None and composed(column) == composed(self.target or ""):
                raise broken_rule(f"{key} must not be the target, got {column}", key, "target")
        for key, column in roles:
            if column is not None and composed(column) in map(composed, self.drop or ()):
                raise broken_rule(f"drop must not name {key}, got {column}", "drop", key)
        if self.groups is not None and self.time is not None:
            rule = "groups and time must not be combined"
            raise broken_rule(f"{rule}; got groups: {self.groups}, time: {self.time}", "time")
        for key, part in (("test", self.test), ("validation", self.validation)):
            if isinstance(part, str) and self.file is None:
                rule = f"{key} must be a fraction for a shipped data set"
                raise broken_rule(f"{rule}, got the file '{part}'", key, "name")
        return self


class Model(Section):
    """The architecture: a stack of Keras layers; the output layer may be left out."""

    layers: tuple[Layer, ...] = Field(
        (), strict=False, description="Keras layers in order; [] means the output layer only."
    )


class BiasStrengths(Section):
    """Strengths of the biases of the layers that are regularized."""

    l1: Strength = Field(0.0, description="Strength of l1·Σ|b|.")
    l2: Strength = Field(0.0, description="Strength of l2·Σb².")


def _checked_penalty(value: object) -> object:
    if value is None or (isinstance(value, str) and value in NAMED):
        return value
    *others, last = NAMED
    rule = f"must be {', '.join(others)} or {last}"
    raise ValueError(f"{rule}, got {shown(value)}{did_you_mean(value, NAMED)}")


class Regularization(Section):
    """The penalty, its strengths, and the layers that it applies to."""

    l1: Strength = Field(0.0, description="Strength of l1·Σ|W|, or of another penalty.")
    l2: Strength = Field(0.0, description="Strength of l2·ΣW².")
    penalty: Annotated[str | None, BeforeValidator(_checked_penalty)] = Field(
        None,
        description="Form of the penalty. elastic_net (the default) is l1·Σ|W| + l2·ΣW². The "
        "others do not shrink large weights and are not convex. Biases always use elastic_net.",
        json_schema_extra={"enum": [*NAMED, None]},
    )
    gamma: Annotated[float, Field(allow_inf_nan=False)] | None = Field(
        None,
        description="Shape of a penalty that is not convex: it is constant for weights whose "
        "magnitude is above gamma·l1. "
        + "; ".join(
            f"{penalty.name}: above {p.above:g}, default {p.default:g}"
            for penalty in NAMED.values()
            for p in penalty.shape_parameters
        )
        + ".",
    )
    method: Literal["penalty", "proximal"] = Field(
        "penalty",
        description="penalty: added to the loss, like Keras's kernel_regularizer; "
        "proximal: a proximal step after each update, which makes weights exactly 0.",
    )
    layers: Selection = Field(
        "all", description="all, hidden (all but the output layer), or a list of layer names."
    )
    group: Literal["inputs", "units"] | None = Field(
        None,
        description="Weights that become 0 together: those of an input column (the first kernel "
        "must take the columns directly), or those into a hidden unit.",
    )
    group_strength: Strength | None = Field(
        None, description="Strength of the sum over groups of ‖W_g‖."
    )
    bias: BiasStrengths | None = Field(
        None, description="Strengths of the biases. Default: biases are not regularized."
    )


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
"""The results of a part's rows that early stopping can watch."""


class EarlyStopping(Section):
    """When to stop before the last epoch; the best weights are always restored."""

    monitor: str = Field(
        "validation.data_loss",
        pattern=rf"^(train|validation)\.({'|'.join(MONITORED)})$",
        description="Result to watch: validation.data_loss, validation.accuracy, …",
    )
    patience: Count = Field(10, description="Epochs without improvement before stopping.")
    min_delta: float = Field(
        0.0,
        ge=0,
        allow_inf_nan=False,
        description="Smallest change that counts as an improvement.",
    )


class Training(Section):
    """How the model is trained."""

    optimizer: Optimizer = Field(
        default_factory=lambda: Optimizer.model_validate("adam"),
        description="A Keras optimizer by name, or a mapping with name and arguments.",
    )
    loss: Loss | None = Field(
        None, description="A Keras loss; by default it follows from the target."
    )
    epochs: Count = Field(50, description="Passes over the training rows.")
    batch_size: Count = Field(32, description="Rows of one training step.")
    seed: Seed = Field(0, description="Seed for initialization and shuffling.")
    class_weight: Annotated[ClassWeights | None, BeforeValidator(_checked_weights)] = Field(
        None,
        description="Weight of each class's rows in the loss: balanced, or a mapping of classes "
        "to weights.",
    )
    polish: Annotated[int, Field(ge=0, le=1_000_000), WHOLE] | None = Field(
        None,
        description="Maximum number of full-batch steps after proximal training. Default: 10,000 "
        "for a model of one Dense layer, which reaches its optimum; 100 for other models; 0 after "
        "early stopping or dropout. Cannot be combined with constraints or weight decay.",
    )
    early_stopping: EarlyStopping | None = Field(
        None, description="When to stop early. Default: all epochs are trained."
    )


class Sweep(Section):
    """The grid: each key lists the values to try, and every combination is trained."""

    l1: AutoGrid | None = Field(
        None,
        description="Values of regularization.l1; auto:9 means 9 values from the largest useful "
        "one down.",
    )
    l2: Grid | None = Field(None, description="Values of regularization.l2.")
    seeds: Annotated[int, Field(ge=1, le=10_000), WHOLE] | None = Field(
        None, description="Number of seeds, counted up from training.seed."
    )
    folds: Annotated[int, Field(ge=2, le=MOST_FOLDS), WHOLE] | None = Field(
        None,
        description="Number of folds for cross-validation: each setting is trained once for each "
        "fold, which is held out in place of the validation rows. Test rows stay apart.",
    )
    repeats: Annotated[int, Field(ge=1, le=MOST_FOLDS), WHOLE] | None = Field(
        None, description="How often the rows are dealt anew to folds."
    )
    vary: dict[str, Any] = Field(
        default_factory=dict, description="Values of any other key, by its dotted name."
    )

    variants: Annotated[tuple[dict[str, Any], ...], Field(strict=False)] | None = Field(
        None,
        description="Methods to compare, each a mapping with a name and the keys that it sets, to "
        "one value or to several: {name: dropout, model.layers.1.Dropout.rate: [0.2, 0.5]}. Each "
        "is combined with the other keys of the grid.",
    )

    @model_validator(mode="after")
    def _variants_have_names(self) -> Self:
        names: list[object] = [variant.get("name") for variant in self.variants or ()]
        for name in names:
            if not isinstance(name, str) or not name:
                raise broken_rule(f"every variant needs a name; got {shown(name)}", "variants")
            if names.count(name) > 1:
                raise broken_rule(
                    f"variants must have different names, got {name} twice", "variants"
                )
        return self

    @model_validator(mode="after")
    def _repeats_of_folds(self) -> Self:
        if self.repeats is not None and self.folds is None:
            raise broken_rule(f"repeats requires folds; got repeats: {self.repeats}", "repeats")
        return self


class Verdict(Section):
    """How the verdict on a sweep is reached."""

    margin: Annotated[float, Field(gt=0, lt=1, allow_inf_nan=False)] = Field(
        0.01,
        description="Largest difference that makes no difference to you: of an accuracy or another "
        "share in its own unit (0.01 is one point), of a loss or an error as a share of the "
        "reference's (0.01 is 1 %).",
    )


class Config(Section):
    """A whole config file."""

    name: str = Field(
        "unnamed", min_length=1, max_length=80, description="Name of the runs in lists and tables."
    )
    dataset: Dataset
    model: Model = Field(default_factory=Model)
    regularization: Regularization = Field(default_factory=lambda: Regularization())
    training: Training = Field(default_factory=lambda: Training())
    sweep: Sweep = Field(default_factory=lambda: Sweep())
    metrics: MetricNames | None = Field(
        None, description="Metrics to show. Default: accuracy, or r2 and mae for regression."
    )
    select_by: Ranking | None = Field(
        None,
        description="Result that ranks the settings. Default: validation.data_loss.",
        json_schema_extra={"enum": [*RANKED, None]},
    )
    verdict: Verdict | None = Field(
        None, description="How settings are compared. Default: with a margin of 0.01."
    )
    checks: CheckTexts | None = Field(
        None,
        description="Conditions that count as a failure, like validation.accuracy<0.9: of every "
        "run; of the best setting or the setting to use with best: or use: in front; of one "
        "setting with its values, like l1=0.01,l2=0:validation.accuracy<0.9.",
    )

    @model_validator(mode="after")
    def _scale_no_tokens(self) -> Self:
        """Inputs of an Embedding are whole numbers: they are not scaled, whatever the default."""
        layers = [(layer.kind, layer.arguments) for layer in self.model.layers]
        if taker_of_inputs(layers) is not None:
            # The model is frozen, and `Config(…)` ignores another object that a validator returns.
            unscaled = self.dataset.model_copy(update={"scale": "none"})
            object.__setattr__(self, "dataset", unscaled)
        return self

    def asked_metrics(self) -> dict[Path, str]:
        """Metrics that the config names, to show or to rank by, each with the key that names it."""
        asked: dict[Path, str] = {
            ("metrics", place): key for place, key in enumerate(self.metrics or ())
        }
        if self.select_by not in (None, DEFAULT_RANKING):
            asked["select_by",] = self.select_by.rpartition(".")[-1]
        return asked

    def resolved(self) -> dict[str, Any]:
        """The config with every default filled in, as plain data that reads back the same."""
        return self.model_dump(mode="json", exclude_none=True)
