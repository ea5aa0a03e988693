"""The sections of a config as frozen models, with the rules that a single value can break.

Rules that need the names of Keras's parts are in `regcli.config.checks`.
"""

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator

from regcli.config.check_grammar import CheckTexts
from regcli.config.dataset_section import Dataset
from regcli.config.early_stopping import EarlyStopping
from regcli.config.keras_parts import Loss, Optimizer
from regcli.config.metric_keys import MetricNames, Ranking
from regcli.config.model_section import Model
from regcli.config.problems import Path, did_you_mean, shown
from regcli.config.row_keys import MOST_FOLDS
from regcli.config.section import (
    WHOLE,
    ClassWeight,
    Count,
    Section,
    Seed,
    Strength,
    broken_rule,
)
from regcli.config.selection_keys import Existing, Selection, StrengthGroup
from regcli.config.strength_grids import AutoGrid, Grid
from regcli.config.tokens import takers_of_inputs
from regcli.metrics.registry import DEFAULT_RANKING, RANKED
from regcli.penalties.registry import NAMED


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
        "all",
        description="What the strengths are for: the kernels of all layers, of hidden ones (all "
        "but the output layer), or of layers by name, pattern (conv*) or kind (Conv2D); "
        "lstm/recurrent_kernel, or recurrent_kernel for every layer, names single weights.",
    )
    groups: Annotated[tuple[StrengthGroup, ...], Field(strict=False)] | None = Field(
        None,
        description="Strengths of some layers or weights in place of l1 and l2, such as "
        "{layers: conv*, l1: 1e-4}. Groups must not overlap; a layer's own l1 and l2 come first.",
    )
    existing: Existing | None = Field(
        None,
        description="What becomes of regularizers that the model itself has on weights that "
        "strengths are for: add (the default) sums both, replace removes the model's, keep leaves "
        "such weights without strengths, error refuses them.",
    )
    group: Literal["inputs", "units"] | None = Field(
        None,
        description="Weights that become 0 together: those of an input column with all inputs that "
        "it became (the first kernel must take the columns directly), or those into a hidden unit.",
    )
    group_strength: Strength | None = Field(
        None,
        description="Strength of the sum over groups of √p·‖W_g‖, p the inputs of a group's column "
        "(1 for units).",
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


class Training(Section):
    """How the model is trained."""

    optimizer: Optimizer = Field(
        default_factory=lambda: Optimizer.model_validate("adam"),
        description="A Keras optimizer by name, or a mapping with name and arguments.",
    )
    loss: Loss | None = Field(
        None, description="A Keras loss; by default it follows from the target."
    )
    epochs: Annotated[int, Field(ge=0), WHOLE] = Field(
        50,
        description="Passes over the training rows. 0 with method proximal: one Dense layer under "
        "a convex loss is solved to its optimum at once.",
    )
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

    @property
    def varies(self) -> bool:
        """Whether it asks for more than the config itself."""
        return any((self.l1, self.l2, self.seeds, self.folds, self.vary, self.variants))

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
        if takers_of_inputs(self.model.layers):
            # The model is frozen, and `Config(…)` ignores another object that a validator returns.
            unscaled = self.dataset.model_copy(update={"scale": "none"})
            object.__setattr__(self, "dataset", unscaled)
        return self

    @property
    def margin(self) -> float:
        """The margin of the verdict."""
        return (self.verdict or Verdict()).margin

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
