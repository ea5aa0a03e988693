"""An objective as a person reads it, and as a script does."""

import io
from dataclasses import replace

import pytest
from rich.console import Console

from regcli.config.counterparts import counterparts
from regcli.config.named_strengths import translate
from regcli.config.objective import Basis, Kernel, LossTerm, Objective
from regcli.config.outline import Outline
from regcli.penalties.elastic_net import ELASTIC_NET
from regcli.penalties.sparse_groups import INPUT_GROUPS, UNIT_GROUPS
from regcli.report.objective_view import (
    objective_document,
    objective_report,
    penalty_formula,
    translation_document,
    translation_view,
    words,
)
from regcli.report.sink import Sink
from regcli.report.writers import terminal


def a_kernel(name: str, shape: tuple[int, ...], l1: float, l2: float) -> Kernel:
    return Kernel(name, shape, ELASTIC_NET.strengths(l1=l1, l2=l2))


NETWORK = Objective(
    config="mine",
    source="rows.csv",
    basis=Basis(
        rows=1000,
        outputs=1,
        batch_size=50,
        family="squared",
        hidden=(8,),
        activation="relu",
        deviation=2.0,
    ),
    loss=LossTerm("MeanSquaredError", "z", "(y − z)²", "squared error"),
    kernels=(a_kernel("dense", (4, 8), 0.0, 0.02), a_kernel("output", (8, 1), 0.0, 0.02)),
    biases=(),
    unpenalised=9,
    additions=(),
    weight_decay=0.0,
    selects=True,
    outline=Outline((("input", (4,)),), (), ("input",)),
)
BY_LAYER = replace(
    NETWORK, kernels=(a_kernel("dense", (4, 8), 0.5, 0.02), a_kernel("output", (8, 1), 0.0, 0.03))
)
CONVOLUTION = replace(
    NETWORK,
    basis=replace(NETWORK.basis, family=None, reason="no Conv2D layer", hidden=()),
    weight_decay=0.004,
)


def lines(objective: Objective, width: int) -> list[str]:
    console = Console(file=io.StringIO(), width=width, markup=False)
    return terminal.text(objective_report(objective), console).splitlines()


@pytest.mark.parametrize("objective", [NETWORK, BY_LAYER, CONVOLUTION])
@pytest.mark.parametrize("width", [60, 80, 140, 10_000])
def test_everything_fits(objective: Objective, width: int) -> None:
    shown = lines(objective, width)
    assert max(map(len, shown)) <= width
    assert "…" not in "".join(shown)


def test_a_network() -> None:
    shown = lines(NETWORK, 10_000)
    assert shown[1:4] == [
        " objective   data loss + penalty",
        " data loss   (1/1000)·Σᵢ loss(yᵢ, zᵢ), loss(y, z) = (y − z)²",
        " penalty     0.02·(ΣW[dense]² + ΣW[output]²)",
    ]
    code = 'MLPRegressor(hidden_layer_sizes=(8,), activation="relu", alpha=1, batch_size=50)'
    assert f" scikit-learn   {code}" in shown
    assert " glmnet         no counterpart: it has no networks" in shown
    assert " PyTorch        torch.optim.Adam(parameters, weight_decay=0.04)" in shown


def test_strengths_that_differ_between_layers() -> None:
    assert penalty_formula(BY_LAYER) == "0.5·Σ|W[dense]| + 0.02·ΣW[dense]² + 0.03·ΣW[output]²"
    shown = lines(BY_LAYER, 10_000)
    why = "MLPRegressor has one alpha for all kernels, and no l1"
    assert f" scikit-learn   no counterpart: {why}" in shown
    assert " PyTorch        one parameter group per kernel, with its own weight_decay" in shown
    assert ["dense", "4×8", "0.5", "0.02", "0.04"] in [line.split() for line in shown]
    (entry,) = objective_document(BY_LAYER)["elsewhere"]
    assert (entry["name"], entry["parameters"]) == ("torch", None)


def test_biases_stand_below_the_kernels() -> None:
    objective = replace(NETWORK, biases=(a_kernel("output", (1,), 0.0, 0.1),), unpenalised=8)
    shown = lines(objective, 10_000)
    assert " penalty     0.02·(ΣW[dense]² + ΣW[output]²) + 0.1·Σb[output]²" in shown
    (row,) = [line for line in shown if "output, bias" in line]
    assert row.split() == ["output,", "bias", "1", "0", "0.1", "0.2"]
    assert "Biases have their own strengths, in the same form." in "\n".join(shown)
    (bias,) = objective_document(objective)["biases"]
    assert bias == {"name": "output", "shape": [1], "l1": 0.0, "l2": 0.1}


def test_a_model_that_only_pytorch_has() -> None:
    shown = lines(CONVOLUTION, 10_000)
    assert " scikit-learn   no counterpart: it has no Conv2D layer" in shown
    assert " glmnet         no counterpart: it has no Conv2D layer" in shown


def test_words() -> None:
    assert list(words(CONVOLUTION)) == [
        "The data loss is the mean, over the 1,000 training rows of rows.csv, of the squared error "
        "between target y and the model's output z (Keras's MeanSquaredError).",
        "The penalty is l1 times the sum of magnitudes plus l2 times the sum of squares of each "
        "kernel's weights, as in Keras's kernel_regularizer: no ½ before l2, and no 1/n.",
        "Not regularized: 9 biases and other parameters.",
        "Keras prints the objective as loss. Each training step uses the mean over its 50 rows "
        "and the whole penalty.",
        "In addition to the objective, weight_decay reduces every weight and bias by the "
        "fraction 0.004·(learning rate) at each step: training does not end at the minimum of "
        "the objective.",
    ]


def test_words_of_what_else_training_does() -> None:
    richer = replace(
        NETWORK,
        method="proximal",
        basis=replace(NETWORK.basis, penalty=UNIT_GROUPS),
        constraints=("MaxNorm(max_value=2, axis=0) of dense/kernel",),
        random_layers=("dropout", "gaussian_noise"),
    )
    assert list(words(richer))[2:] == [
        "The penalty also has group_strength times the length ‖W_g‖ = √ΣW² of the weights into "
        "each hidden unit: whole units are dropped.",
        "Not regularized: 9 biases and other parameters.",
        "Keras prints the objective as loss. Each training step follows the gradient of the mean "
        "over its 50 rows, then applies the proximal map of l1, l2 and groups, which makes weights "
        "exactly 0; other terms are part of the gradient.",
        "The constraints after 'subject to' are restored after each step.",
        "Random at each training step: dropout, gaussian_noise. Therefore training has no fixed "
        "objective; the objective shown here, like the scores, is that of the model without "
        "randomness.",
    ]
    assert " subject to   MaxNorm(max_value=2, axis=0) of dense/kernel" in lines(richer, 10_000)
    found = objective_document(richer)["objective"]
    assert found["method"] == "proximal"
    assert found["constraints"] == list(richer.constraints)
    assert found["random_layers"] == list(richer.random_layers)


def test_glmnet_s_own_groups_are_named() -> None:
    basis = Basis(1000, 3, 50, None, reason="no group penalty", penalty=INPUT_GROUPS)
    kernels = (a_kernel("output", (4, 3), 0.0, 0.0),)
    grouped = replace(NETWORK, kernels=kernels, basis=basis)
    shown = lines(grouped, 10_000)
    assert " scikit-learn   no counterpart: it has no group penalty" in shown
    assert (
        " glmnet no counterpart: it has groups of inputs only in multinomial models ("
        'type.multinomial = "grouped"), and without l1'
    ) in " ".join(" ".join(shown).split())


def test_a_model_without_strengths() -> None:
    free = replace(NETWORK, kernels=(a_kernel("output", (4, 1), 0.0, 0.0),))
    logistic = replace(free, basis=Basis(1000, 1, 50, "logistic"))
    shown = lines(logistic, 10_000)
    assert " penalty     0, because all strengths are 0" in shown
    code = 'LogisticRegression(C=np.inf, l1_ratio=0, solver="saga")'
    assert f" scikit-learn   {code}" in shown


def test_a_translation_says_what_keeps_its_own_strengths() -> None:
    found = translate("torch", {"weight_decay": 0.5}, counterparts(BY_LAYER.basis))
    console = Console(file=io.StringIO(), width=10_000, markup=False)
    sink = Sink(console, console)
    sink.show(translation_view(found, BY_LAYER))
    assert isinstance(console.file, io.StringIO)
    assert console.file.getvalue() == (
        "\n"
        " from      torch: weight_decay = 0.5\n"
        " l1        0.0\n"
        " l2        0.25\n"
        " formula   l2 = weight_decay/2; n = 1,000 training rows, m = 1 output\n"
        " options   --l1 0.0 --l2 0.25\n"
        " note      layers with their own l1 or l2 keep it\n"
    )
    assert translation_document(found) == {
        "schema_version": 1,
        "from": {"name": "torch", "parameters": {"weight_decay": 0.5}},
        "l1": 0.0,
        "l2": 0.25,
        "options": "--l1 0.0 --l2 0.25",
    }
