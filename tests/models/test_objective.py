"""What a config minimises, as it is told, is what Keras adds up."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from sklearn.linear_model import (  # noqa: F401 - in the code that is shown
    ElasticNet,
    Lasso,
    LogisticRegression,
    Ridge,
)
from sklearn.neural_network import MLPClassifier, MLPRegressor

from regcli.config import conversions
from regcli.config.counterparts import counterparts
from regcli.config.dataset_section import Dataset
from regcli.config.objective import Objective
from regcli.config.schema import Config
from regcli.config.stack import complete_stack
from regcli.data.sources import load_table
from regcli.data.splits import split
from regcli.models.build import build_model
from regcli.models.layer_strengths import layer_strengths
from regcli.models.read_objective import read_objective
from regcli.penalties.elastic_net import ELASTIC_NET
from regcli.penalties.registry import GROUPED
from regcli.report.objective_view import (
    data_loss_formula,
    objective_document,
    penalty_formula,
    words,
)
from regcli.training.loss_targets import class_weights

HIDDEN = {"Dense": {"units": 4, "activation": "relu"}}


def objective_of(data: str, layers: Any = (), **sections: Any) -> tuple[Objective, Any]:
    """The objective, and the model that it is of."""
    document = {"dataset": {"name": data}, "model": {"layers": list(layers)}, **sections}
    config = Config.model_validate(document)
    splits = split(load_table(config.dataset, None), config.dataset)  # type: ignore[arg-type]
    stack = complete_stack(config.model, splits.table.task, splits.outputs, splits.rank)
    strengths = layer_strengths(stack, config.regularization)
    model = build_model(stack, strengths, splits.train.x.shape[1:])
    return read_objective(config, splits), model


def computed(formula: str, model: Any) -> float:
    """A penalty formula as its numbers: W[name] and b[name] are looked up in the model."""
    numbers = {("W", layer.name): np.asarray(layer.kernel, np.float64) for layer in model.layers}
    numbers |= {("b", layer.name): np.asarray(layer.bias, np.float64) for layer in model.layers}
    sums = {
        r"Σ\|([Wb])\[(\w+)\]\|": lambda found: str(np.abs(numbers[found.groups()]).sum()),
        r"Σ([Wb])\[(\w+)\]²": lambda found: str(np.square(numbers[found.groups()]).sum()),
    }
    for pattern, value in sums.items():
        formula = re.sub(pattern, value, formula)
    return float(eval(formula.replace("·", "*")))


@pytest.mark.parametrize(
    "regularization",
    [
        {"l1": 0.01},
        {"l2": 0.02},
        {"l1": 0.01, "l2": 0.02},
        {"l1": 0.01, "l2": 0.02, "layers": "hidden"},
        {"l1": 0.01, "layers": ["output"]},
        {},
    ],
)
@pytest.mark.parametrize("own", [{}, {"l1": 0.5}, {"l1": 0.0, "l2": 3.0}])
def test_the_penalty_is_what_keras_adds(regularization: Any, own: Any) -> None:
    layers = [{"Dense": {"units": 4, **own}}, {"Dense": {"units": 5}}]
    found, model = objective_of("iris", layers, regularization=regularization)
    formula = penalty_formula(found).removesuffix(", because all strengths are 0")
    added = float(sum(model.losses))
    assert computed(formula, model) == pytest.approx(added, rel=1e-5)
    assert [kernel.shape for kernel in found.kernels] == [(4, 4), (4, 5), (5, 3)]


def test_formulas() -> None:
    found, _ = objective_of("iris", [HIDDEN], regularization={"l1": 1e-4, "l2": 0.25})
    assert penalty_formula(found) == (
        "0.0001·(Σ|W[dense]| + Σ|W[output]|) + 0.25·(ΣW[dense]² + ΣW[output]²)"
    )
    assert found.unpenalised == 4 + 3
    none, _ = objective_of("iris")
    assert penalty_formula(none) == "0, because all strengths are 0"


def test_biases_that_have_strengths_stand_in_the_formula() -> None:
    layers = [{"Dense": {"units": units, "bias_initializer": "ones"}} for units in (4, 3)]
    regularization = {"l1": 0.01, "bias": {"l1": 0.3, "l2": 0.1}, "layers": ["dense_1"]}
    found, model = objective_of("iris", layers, regularization=regularization)
    formula = penalty_formula(found)
    assert formula == "0.01·Σ|W[dense_1]| + 0.3·Σ|b[dense_1]| + 0.1·Σb[dense_1]²"
    assert computed(formula, model) == pytest.approx(float(sum(model.losses)), rel=1e-5)
    assert (found.unpenalised, found.additions) == (4, ())
    assert found.basis.reason == "no penalties except on kernels"
    everywhere, _ = objective_of("iris", layers, regularization={"bias": {"l2": 0.1}})
    assert everywhere.unpenalised == 0


def test_a_kernel_s_own_regularizer_is_counted_once() -> None:
    layer = {"Dense": {"units": 3, "kernel_regularizer": {"L2": {"l2": 0.5}}}}
    found, _ = objective_of("iris", [layer])
    assert penalty_formula(found) == "L2(l2=0.5) of dense/kernel"


def test_what_keras_itself_is_told_to_add_is_named() -> None:
    layer = {"Dense": {"units": 4, "bias_regularizer": {"L2": {"l2": 0.5}}}}
    activity = {"ActivityRegularization": {"l1": 0.1}}
    found, _ = objective_of("iris", [layer, activity], regularization={"l1": 0.01})
    assert found.additions == (
        "L2(l2=0.5) of dense/bias",
        "L1L2(l1=0.1, l2=0.0) of the outputs of activity_regularization",
    )
    assert penalty_formula(found).endswith(
        " + L2(l2=0.5) of dense/bias + L1L2(l1=0.1, l2=0.0) of the outputs of "
        "activity_regularization"
    )


LOSSES = [
    ("breast_cancer", [], None, "logistic", "log(1 + exp(z)) − y·z"),
    (
        "breast_cancer",
        [{"Dense": {"units": 1, "activation": "sigmoid"}}],
        "binary_crossentropy",
        "logistic",
        "−y·log(p) − (1 − y)·log(1 − p)",
    ),
    ("breast_cancer", [{"Dense": {"units": 2}}], None, "two_scores", "log(Σₖ exp(z[k])) − z[y]"),
    ("wine", [], None, "multinomial", "log(Σₖ exp(z[k])) − z[y]"),
    ("wine", [], "mse", "squared", "(1/3)·Σₖ (y[k] − z[k])²"),
    (
        "wine",
        [{"Dense": {"units": 3, "activation": "softmax"}}],
        "categorical_crossentropy",
        "multinomial",
        "−log(p[y])",
    ),
    (
        "wine",
        [],
        {"name": "categorical_crossentropy", "label_smoothing": 0.1},
        None,
        "CategoricalCrossentropy(y, z, label_smoothing=0.1)",
    ),
    ("diabetes", [], None, "squared", "(y − z)²"),
    ("diabetes", [], "huber", None, "Huber(y, z)"),
    (
        "diabetes",
        [{"Dense": {"units": 1}}, {"Activation": {"activation": "exponential"}}],
        "poisson",
        None,
        "Poisson(y, z)",
    ),
    (
        "wine",
        [{"Dense": {"units": 3}}, "Softmax"],
        None,
        "multinomial",
        "−log(p[y])",
    ),
]


@pytest.mark.parametrize(("data", "layers", "loss", "family", "formula"), LOSSES)
def test_losses(data: str, layers: Any, loss: Any, family: str | None, formula: str) -> None:
    found, _ = objective_of(data, layers, training={"loss": loss})
    assert (found.basis.family, found.loss.formula) == (family, formula)


REASONS = [
    ("iris", [HIDDEN, {"Dropout": {"rate": 0.1}}], "no Dropout layer"),
    (
        "iris",
        [{"Dense": {"units": 3, "kernel_constraint": "non_neg"}}],
        "no constraints on weights",
    ),
    (
        "iris",
        [HIDDEN, {"Dense": {"units": 4, "activation": "tanh"}}],
        "no networks whose layers have different activations",
    ),
    (
        "iris",
        [{"Dense": {"units": 4, "activation": "elu"}}],
        "no activations except relu, tanh, logistic, identity",
    ),
    ("iris", [{"Dense": {"units": 4, "use_bias": False}}], "no networks without biases"),
    (
        "breast_cancer",
        [HIDDEN, {"Dense": {"units": 2}}],
        "no networks that have two outputs for two classes",
    ),
]


@pytest.mark.parametrize(("data", "layers", "reason"), REASONS)
def test_models_that_others_do_not_know(data: str, layers: Any, reason: str) -> None:
    found, _ = objective_of(data, layers)
    assert (found.basis.family, found.basis.reason) == (None, reason)


def test_strengths_that_reach_no_kernel() -> None:
    own = {"Dense": {"units": 4, "l1": 0.0, "l2": 0.0}}
    reached, _ = objective_of("iris", [own])
    assert reached.selects
    hidden, _ = objective_of(
        "iris", [own, {"Dropout": {"rate": 0.1}}], regularization={"layers": "hidden"}
    )
    assert not hidden.selects


def test_the_deviation_is_that_of_the_training_rows() -> None:
    dataset = Dataset(name="diabetes", validation=0.3)
    splits = split(load_table(dataset, None), dataset)  # type: ignore[arg-type]
    found, _ = objective_of("diabetes", dataset={"name": "diabetes", "validation": 0.3})
    assert found.basis.deviation == pytest.approx(splits.train.y.std(dtype=np.float64))
    assert (found.basis.rows, found.basis.outputs) == (len(splits.train), 1)


@pytest.mark.parametrize("name", ["AdamW", "adam"])
def test_an_optimizer_that_decays_weights_is_named(name: str) -> None:
    found, _ = objective_of("iris", training={"optimizer": name})
    assert found.weight_decay == (0.004 if name == "AdamW" else 0)


@pytest.mark.parametrize("group", ["inputs", "units"])
def test_groups_are_named(group: str) -> None:
    regularization = {"l1": 0.1, "group": group, "group_strength": 0.5, "method": "proximal"}
    found, _ = objective_of("iris", [HIDDEN], regularization=regularization)
    assert (found.basis.penalty, found.method) == (GROUPED[group], "proximal")
    assert found.additions == (f"0.5·Σ‖W_g‖ over the {group} of dense/kernel",)
    assert found.basis.reason == "no group penalty"
    none, _ = objective_of("iris", regularization={"group": "inputs", "group_strength": 0})
    assert (none.basis.penalty, none.basis.reason) == (ELASTIC_NET, "")


def test_constraints_and_random_layers_are_named() -> None:
    layers = [
        {"Dense": {"units": 4, "kernel_constraint": {"MaxNorm": {"max_value": 2}}}},
        {"Dropout": {"rate": 0.1}},
    ]
    found, _ = objective_of("iris", layers)
    assert found.constraints == ("MaxNorm(max_value=2, axis=0) of dense/kernel",)
    assert found.random_layers == ("dropout",)


# Classes that have weights


def weighted_of(data: str, layers: Any = (), **sections: Any) -> tuple[Objective, Any, Any]:
    """The objective, the splits and the weight of each training row."""
    document = {"dataset": {"name": data}, "model": {"layers": list(layers)}, **sections}
    config = Config.model_validate(document)
    splits = split(load_table(config.dataset, None), config.dataset)  # type: ignore[arg-type]
    weights = class_weights(config.training, splits)
    assert weights is not None
    found = read_objective(config, splits, weights)
    return found, splits, weights[splits.train.y]


SKLEARN = {"breast_cancer": {"malignant": 3.0, "benign": 0.5}, "wine": "balanced"}


@pytest.mark.parametrize("data", SKLEARN)
@pytest.mark.parametrize(("l1", "l2"), [(0.0, 0.02), (0.03, 0.01)])
def test_logistic_regression_with_class_weights_has_its_optimum_at_ours(
    data: str, l1: float, l2: float
) -> None:
    found, splits, s = weighted_of(
        data, regularization={"l1": l1, "l2": l2}, training={"class_weight": SKLEARN[data]}
    )
    logistic, *_ = counterparts(found.basis)
    C, l1_ratio = logistic.convert(l1, l2) or (0.0, 0.0)
    code = logistic.code.format(C=C, l1_ratio=l1_ratio)
    fitted = eval(code.removesuffix(")") + ", tol=1e-6, max_iter=100_000)")
    x = splits.train.x.astype(np.float64)
    labels = np.array(splits.table.classes)[splits.train.y]
    fitted.fit(x, labels)
    excess = fitted.predict_proba(x) - (labels[:, None] == fitted.classes_)
    excess = excess[:, -len(fitted.coef_) :] * s[:, None] / len(s)
    slope, W = excess.T @ x + 2 * l2 * fitted.coef_, fitted.coef_
    resting = np.maximum(np.abs(slope) - l1, 0)
    assert np.where(W != 0, np.abs(slope + l1 * np.sign(W)), resting).max() < 1e-5
    np.testing.assert_allclose(excess.sum(axis=0), 0, atol=1e-5)


def test_class_weights_stand_in_formula_and_words() -> None:
    weights = {"malignant": 3.0}
    found, _, s = weighted_of("breast_cancer", training={"class_weight": weights})
    assert data_loss_formula(found) == (
        "(1/341)·Σᵢ s[yᵢ]·loss(yᵢ, zᵢ), loss(y, z) = log(1 + exp(z)) − y·z"
    )
    assert list(words(found))[1] == (
        "s[y] is the weight of a row's class, from class_weight: 3 for malignant, 1 for benign. "
        "The mean divides by the number of rows, not by the sum of their weights."
    )
    assert found.basis.class_weights is not None
    assert found.basis.class_weights.by_class == (("malignant", 3.0), ("benign", 1.0))
    assert found.basis.class_weights.mean == pytest.approx(s.mean())
    balanced, _, _ = weighted_of("breast_cancer", training={"class_weight": "balanced"})
    assert balanced.basis.class_weights is not None
    assert balanced.basis.class_weights.mean == 1


@pytest.mark.parametrize(
    ("layers", "loss", "reason"),
    [
        ([HIDDEN], None, "no networks with class weights"),
        ([], "mse", "no class weights with a squared error"),
    ],
)
def test_others_do_not_know_some_weighted_models(layers: Any, loss: Any, reason: str) -> None:
    training = {"class_weight": "balanced", "loss": loss}
    found, _, _ = weighted_of("wine", layers, training=training)
    assert (found.basis.family, found.basis.reason) == (None, reason)


# scikit-learn's networks: one step of its own, whose gradient is compared


def test_mlp_classifier_has_the_gradient_of_the_objective() -> None:
    check_network(MLPClassifier, "wine", conversions.to_mlp_classifier, 1.0)


def test_mlp_regressor_has_half_the_gradient_of_the_objective() -> None:
    check_network(MLPRegressor, "diabetes", conversions.to_mlp_regressor, 0.5)


def check_network(kind: Any, data: str, to_alpha: Any, share: float) -> None:
    """After one step of SGD from known weights, W has moved by rate · share · dF/dW."""
    l2, batch = 0.03, 25
    config = Config.model_validate({"dataset": {"name": data}})
    splits = split(load_table(config.dataset, None), config.dataset)  # type: ignore[arg-type]
    x, y = splits.train.x[:batch].astype(np.float64), splits.train.y[:batch]
    y = (
        ((y - y.mean()) / y.std()).astype(np.float64)
        if data == "diabetes"
        else np.arange(batch) % 3
    )
    theirs = kind(
        hidden_layer_sizes=(4,),
        activation="tanh",
        alpha=to_alpha(batch, l2),
        batch_size=batch,
        solver="sgd",
        momentum=0.0,
        learning_rate_init=0.01,
        random_state=0,
        shuffle=False,
    )
    theirs.partial_fit(x, y, **({"classes": np.arange(3)} if kind is MLPClassifier else {}))
    before = [kernel.copy() for kernel in (*theirs.coefs_, *theirs.intercepts_)]
    theirs.partial_fit(x, y)
    slopes = gradient(before, x, y, l2)
    for old, new, slope in zip(before, (*theirs.coefs_, *theirs.intercepts_), slopes, strict=True):
        np.testing.assert_allclose((old - new) / 0.01, share * slope, rtol=1e-4, atol=1e-6)


def gradient(numbers: list[Any], x: Any, y: Any, l2: float) -> list[Any]:
    """The gradient of regcli's objective, by Keras in float64."""
    import tensorflow as tf

    variables = [tf.Variable(number, dtype=tf.float64) for number in numbers]
    W, V, b, c = variables
    with tf.GradientTape() as tape:
        z = tf.tanh(tf.constant(x) @ W + b) @ V + c
        if z.shape[1] == 1:
            loss = tf.reduce_mean((y[:, None] - z) ** 2)
        else:
            entropy = keras.losses.SparseCategoricalCrossentropy(from_logits=True, dtype="float64")
            loss = entropy(tf.constant(y), z)
        objective = loss + l2 * (tf.reduce_sum(W**2) + tf.reduce_sum(V**2))
    return [slope.numpy() for slope in tape.gradient(objective, variables)]


# Targets that are scaled, and rows that have weights


def test_a_scaled_target_stands_in_formula_and_words() -> None:
    config = Config.model_validate(
        {"dataset": {"name": "diabetes", "target": {"log": True, "scale": "standard"}}}
    )
    splits = split(load_table(config.dataset, None), config.dataset)  # type: ignore[arg-type]
    found = read_objective(config, splits)
    own = np.log(splits.train.y.astype(np.float64))
    document = objective_document(found)["objective"]
    assert document["target"] == (
        f"y = (log(target) − {own.mean():.6g}) / {own.std():.6g}; "
        f"prediction = exp({own.mean():.6g} + {own.std():.6g}·z)"
    )
    assert list(words(found))[1:3] == [
        "The target y is the natural logarithm of target, scaled to mean 0 and standard deviation "
        "1 over the training rows. Losses, penalty and strengths, also those of other libraries, "
        "are on its scale; r2, mae, rmse and mape compare the prediction with target in its own "
        "unit.",
        "A model of a logarithm predicts a typical value, which is below the mean where errors are "
        "large.",
    ]
    assert found.basis.deviation == pytest.approx(1)


def weighted_rows() -> tuple[Objective, Any]:
    """A linear model of a quantity whose rows have weights, and its splits."""
    config = Config.model_validate({"dataset": {"name": "diabetes", "seed": 1}})
    table = load_table(config.dataset, None)  # type: ignore[arg-type]
    weights = (1 + np.arange(len(table.y)) % 3).astype(np.float32)
    splits = split(replace(table, weights=weights), config.dataset)
    named = config.dataset.model_copy(update={"weights": "w"})
    return read_objective(config.model_copy(update={"dataset": named}), splits), splits


@pytest.mark.parametrize(("l1", "l2"), [(0.0, 0.02), (3.0, 0.0), (3.0, 0.01)])
def test_least_squares_of_weighted_rows_has_its_optimum_at_ours(l1: float, l2: float) -> None:
    found, splits = weighted_rows()
    known = [each for each in counterparts(found.basis) if each.library == "scikit-learn"]
    ((chosen, values),) = [(each, v) for each in known if (v := each.convert(l1, l2)) is not None]
    names = [parameter.name for parameter in chosen.parameters]
    code = chosen.code.format(**dict(zip(names, values, strict=True)))
    x, y, w = (
        np.asarray(part, np.float64)
        for part in (splits.train.x, splits.train.y, splits.train.weights)
    )
    fitted = eval(code)
    slope = 2 * (w * (fitted.predict(x) - y)) @ x / len(y) + 2 * l2 * fitted.coef_
    W = fitted.coef_
    resting = np.maximum(np.abs(slope) - l1, 0)
    assert np.where(W != 0, np.abs(slope + l1 * np.sign(W)), resting).max() < 2e-2
    assert chosen.invert(*values) == pytest.approx((l1, l2))


def test_row_weights_stand_in_formula_and_words() -> None:
    found, splits = weighted_rows()
    assert data_loss_formula(found) == "(1/266)·Σᵢ wᵢ·loss(yᵢ, zᵢ), loss(y, z) = (y − z)²"
    mean = splits.train.weights.mean(dtype=np.float64)
    assert list(words(found))[1] == (
        f"w is the weight of a row, from column w; its mean is {mean:.6g}. The mean of the losses "
        "divides by the number of rows, not by the sum of their weights. Doubling the weights has "
        "the effect of halving the strengths."
    )
    assert "glmnet" not in [each["library"] for each in objective_document(found)["elsewhere"]]


def test_groups_of_columns_are_named(tmp_path: Path) -> None:
    rows = [
        f"{number},{'uvw'[number % 3]},{number % 7},2021-03-{number % 28 + 1:02}"
        for number in range(40)
    ]
    (tmp_path / "t.csv").write_text("\n".join(["a,b,y,day", *rows]) + "\n")
    config = Config.model_validate(
        {
            "dataset": {
                "file": "t.csv",
                "target": "y",
                "types": {"day": "date"},
                "task": "regression",
            },
            "regularization": {"group": "inputs", "group_strength": 0.5},
        }
    )
    splits = split(load_table(config.dataset, tmp_path), config.dataset)
    found = read_objective(config, splits)
    assert found.additions == ("0.5·Σ√p_g·‖W_g‖ over the columns of output/kernel",)
    assert found.joined == (("b", 3), ("day", 4))
    assert found.basis.reason == "no group penalty"
    told = list(words(found))
    assert told[2:4] == [
        "The penalty also has group_strength times √p_g·‖W_g‖ of each column g of the data: p_g is "
        "the number of inputs that it became, and ‖W_g‖ = √ΣW² the length of all their weights in "
        "the first kernel. Whole columns are dropped.",
        "Columns of several inputs: b (3), day (4).",
    ]
    none = config.regularization.model_copy(update={"group_strength": 0.0})
    assert read_objective(config.model_copy(update={"regularization": none}), splits).joined == ()
