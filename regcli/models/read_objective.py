"""What a config minimises, read from the Keras model that it builds."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from regcli.config.objective import (
    Basis,
    ClassWeights,
    Kernel,
    LearntTarget,
    Objective,
    RowWeights,
)
from regcli.config.schema import Config, Regularization
from regcli.data.dataset import Splits
from regcli.models.interface import Interface
from regcli.models.kernel_penalties import FREE, BothPenalties, counted_names, strengths_of
from regcli.models.loss_family import loss_family, loss_term
from regcli.models.model_source import ModelSource, model_source
from regcli.models.outputs import output_of
from regcli.models.parts import make_loss, make_optimizer
from regcli.models.randomness import has_randomness
from regcli.models.read_outline import read_outline
from regcli.models.weights import kernel_names, variable_name
from regcli.penalties.covered_weights import KERNELS
from regcli.penalties.elastic_net import ELASTIC_NET
from regcli.penalties.penalty import Penalty, Strengths
from regcli.penalties.sparse_groups import InputGroups, SparseGroups
from regcli.results.sparsity import is_among

_PLAIN = KERNELS | {"bias"}
_ACTIVATIONS = {"relu": "relu", "tanh": "tanh", "sigmoid": "logistic", "linear": "identity"}
"""What scikit-learn's networks call Keras's activations."""


def read_objective(
    config: Config, splits: Splits, class_weights: NDArray[np.float32] | None = None
) -> Objective:
    """The objective of a config on its data.

    Args:
        class_weights: what multiplies the loss of each class's rows, (classes,), if anything does.

    Raises:
        ModelError: if Keras refuses a part of the config.
    """
    source = model_source(config, Interface.of_splits(splits))
    strengths = source.strengths(config.regularization)
    model = source.build(strengths)
    counted = counted_names(model, strengths)
    output = output_of(model)
    loss = make_loss(config.training.loss, splits.table.task, output)
    kernels = tuple(_with_strengths(model, [n for n in counted if not n.endswith("/bias")]))
    return Objective(
        config=config.name,
        source=splits.table.source,
        basis=_basis(config, splits, model, loss, _weights(config, splits, class_weights)),
        loss=loss_term(config.training.loss, loss, output),
        kernels=kernels,
        biases=tuple(_biases(model)),
        unpenalised=_unpenalised(model, counted),
        additions=tuple(_additions(model, counted)),
        weight_decay=float(make_optimizer(config.training.optimizer).weight_decay or 0.0),
        method=config.regularization.method,
        constraints=tuple(_constraints(model)),
        random_layers=tuple(layer.name for layer in model.layers if has_randomness(layer)),
        target=_target(config, splits),
        selects=_selects(source, config.regularization, counted),
        outline=read_outline(model),
        joined=_joined(model, splits),
    )


def _target(config: Config, splits: Splits) -> LearntTarget | None:
    transform, asked = splits.target_transform, config.dataset.target_settings
    if transform is None:
        return None
    name = asked.column or "target"
    return LearntTarget(
        name=name,
        formula=transform.formula(name),
        inverse=transform.inverse_formula("z"),
        log=transform.log,
        is_scaled=asked.scale != "none",
    )


def _biases(model: keras.Model) -> Iterator[Kernel]:
    """Every bias that has strengths."""
    return _with_strengths(
        model,
        [
            variable_name(model, variable)
            for variable in model.trainable_variables
            if variable.path.endswith("/bias") and strengths_of(_first_part(variable.regularizer))
        ],
    )


def _with_strengths(model: keras.Model, names: Sequence[str]) -> Iterator[Kernel]:
    """Weights with the strengths of the regularizer that Keras has put on each.

    A layer's only one has the layer's name, if it is a kernel or a bias; others have their own.
    """
    plain = [name for name in names if name.rsplit("/", 1)[-1] in _PLAIN]
    owners = [name.split("/", 1)[0] for name in plain]
    by_name = {variable_name(model, v): v for v in model.trainable_variables}
    for name in names:
        regularizer, owner = by_name[name].regularizer, name.split("/", 1)[0]
        yield Kernel(
            name=owner if name in plain and owners.count(owner) == 1 else name,
            shape=tuple(by_name[name].shape),
            strengths=strengths_of(_first_part(regularizer)) or FREE,
        )


def _unpenalised(model: keras.Model, counted: Collection[str]) -> int:
    """Trained numbers that are neither a kernel's nor under another regularizer."""
    return sum(
        int(np.prod(variable.shape))
        for variable in model.trainable_variables
        if variable_name(model, variable) not in counted and variable.regularizer is None
    )


def _additions(model: keras.Model, counted: Collection[str]) -> Iterator[str]:
    """What the layers' other regularizers add, which are arguments of Keras's own."""
    for name, penalty, strengths in _grouped(model):
        yield penalty.group_term(strengths.numbers, name)
    for variable in model.trainable_variables:
        name, regularizer = variable_name(model, variable), variable.regularizer
        if isinstance(regularizer, BothPenalties):
            yield f"{_part_text(regularizer.named)} of {name}"
        elif regularizer is not None and not _has_strengths(name, counted, regularizer):
            yield f"{_part_text(regularizer)} of {name}"
    for layer in model.layers:
        if layer.activity_regularizer is not None:
            yield f"{_part_text(layer.activity_regularizer)} of the outputs of {layer.name}"


def _has_strengths(name: str, counted: Collection[str], regularizer: Any) -> bool:
    """Whether a regularizer's strengths are listed with the weight itself."""
    is_one = name in counted or name.endswith("/bias")
    return is_one and strengths_of(regularizer) is not None


def _first_part(regularizer: Any) -> Any:
    """The regularizer made from strengths, where the layer names another one too."""
    return regularizer.ours if isinstance(regularizer, BothPenalties) else regularizer


def _grouped(model: keras.Model) -> Iterator[tuple[str, SparseGroups, Strengths]]:
    """Names of the kernels that have a penalty of groups, the penalty, and its strengths."""
    for variable in model.trainable_variables:
        own = strengths_of(_first_part(variable.regularizer))
        if own and isinstance(own.penalty, SparseGroups) and own.numbers["group"]:
            yield variable_name(model, variable), own.penalty, own


def _joined(model: keras.Model, splits: Splits) -> tuple[tuple[str, int], ...]:
    """Columns whose inputs are one group, and how many each has; none where groups are units."""
    if not any(isinstance(penalty, InputGroups) for _, penalty, _ in _grouped(model)):
        return ()
    inputs = Counter(splits.preparation.sources)
    return tuple((column, count) for column, count in inputs.items() if count > 1)


def _constraints(model: keras.Model) -> Iterator[str]:
    for variable in model.trainable_variables:
        if variable.constraint is not None:
            yield f"{_part_text(variable.constraint)} of {variable_name(model, variable)}"


def _part_text(part: Any) -> str:
    arguments = ", ".join(f"{key}={value}" for key, value in part.get_config().items())
    return f"{type(part).__name__}({arguments})"


def _selects(source: ModelSource, regularization: Regularization, counted: Collection[str]) -> bool:
    """Whether the strengths of the config itself reach a kernel, or a weight that it names."""
    reached = [source.reached(regularization, strength) for strength in ("l1", "l2")]
    return any(is_among(name, names) for names in reached for name in counted)


def _weights(
    config: Config, splits: Splits, weights: NDArray[np.float32] | None
) -> ClassWeights | None:
    if weights is None:
        return None
    balanced = config.training.class_weight == "balanced"
    by_row = weights[splits.train.y.astype(np.int64)]
    return ClassWeights(
        # As they are written: 0.1 rather than the float32 next to it.
        by_class=tuple(
            (n, float(str(w))) for n, w in zip(splits.table.classes, weights, strict=True)
        ),
        mean=1.0 if balanced else float(by_row.mean(dtype=np.float64)),  # no rounding of float32
        balanced=balanced,
    )


def _row_weights(config: Config, splits: Splits) -> RowWeights | None:
    weights = splits.train.weights
    if weights is None:
        return None
    return RowWeights(str(config.dataset.weights), float(weights.mean(dtype=np.float64)))


def _basis(
    config: Config,
    splits: Splits,
    model: keras.Model,
    loss: keras.losses.Loss,
    weights: ClassWeights | None,
) -> Basis:
    output, rows = output_of(model), len(splits.train)
    family = loss_family(config.training.loss, loss, output)
    reason = "" if family else f"no {type(loss).__name__} of such an output"
    if weights and family == "squared":
        reason = "no class weights with a squared error"
    by_row = _row_weights(config, splits)
    if by_row and (family != "squared" or len(model.layers) > 1):
        reason = reason or "weights of rows on a scale of its own, which is not translated"
    reason = _unusual_part(model) or reason
    hidden = tuple(int(getattr(layer, "units", 0)) for layer in model.layers[:-1])
    if hidden and not reason:
        reason = "no networks with class weights" if weights else ""
        reason = reason or _why_no_network(model, splits, family)
    activation = getattr(model.layers[0], "activation", None)
    squared = family == "squared" and output.units == 1
    learnt = splits.as_learnt(splits.train.y).astype(np.float64)
    return Basis(
        rows=rows,
        outputs=output.units,
        batch_size=min(config.training.batch_size, rows),
        family=None if reason else family,
        reason=reason,
        hidden=() if reason else hidden,
        activation=_ACTIVATIONS.get(getattr(activation, "__name__", ""), ""),
        has_bias=bool(getattr(model.layers[-1], "use_bias", False)),
        deviation=float(np.std(learnt)) if squared and not by_row else None,
        class_weights=weights,
        row_weights=by_row,
        penalty=_penalty(model),
    )


def _penalty(model: keras.Model) -> Penalty:
    """The penalty of the kernels where it is not an elastic net, else the elastic net."""
    every = (strengths_of(_first_part(v.regularizer)) for v in model.trainable_variables)
    found = (own.penalty for own in every if own and not own.is_elastic_net)
    return next(found, ELASTIC_NET)


def _unusual_part(model: keras.Model) -> str:
    """Something in a model that scikit-learn and glmnet do not have; empty where there is none."""
    if not isinstance(model, keras.Sequential):
        return "no graphs of layers"
    for layer in model.layers:
        if type(layer) is not keras.layers.Dense:
            return f"no {type(layer).__name__} layer"
        if layer.kernel_constraint or layer.bias_constraint:
            return "no constraints on weights"
        if not layer.trainable or layer.lora_enabled:
            return "no partly trained layers"
    if len(model.input_shape) != 2:
        return "no inputs that are tensors"
    if grouped := next(_grouped(model), None):
        return f"no {grouped[1].title}"
    others = [*_biases(model), *_additions(model, kernel_names(model))]
    return "no penalties except on kernels" if others else ""


def _why_no_network(model: keras.Model, splits: Splits, family: str | None) -> str:
    """Why none of scikit-learn's networks is like a stack of Dense layers; empty where one is."""
    activations = {layer.activation.__name__ for layer in model.layers[:-1]}
    if not activations <= _ACTIVATIONS.keys():
        return f"no activations except {', '.join(_ACTIVATIONS.values())}"
    if len(activations) > 1:
        return "no networks whose layers have different activations"
    if not all(layer.use_bias for layer in model.layers):
        return "no networks without biases"
    if family == "two_scores":
        return "no networks that have two outputs for two classes"
    if (family == "squared") != (splits.table.task == "regression"):
        return "no networks for classes with a squared error"
    return ""
