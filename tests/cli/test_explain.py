"""`regcli explain`: what is minimised, and the names of strengths elsewhere, both ways."""

from pathlib import Path

import pytest

from . import processes
from .in_process import document, problem, regcli
from .processes import loaded_packages

LOGISTIC = """
 objective   data loss + penalty
 data loss   (1/341)·Σᵢ loss(yᵢ, zᵢ), loss(y, z) = log(1 + exp(z)) − y·z
 penalty     0.01·Σ|W[output]| + 0.002·ΣW[output]²
 in words    The data loss is the mean, over the 341 training rows of
             breast_cancer, of the cross-entropy (log loss) of two classes
             between target y and the model's output z (Keras's
             BinaryCrossentropy).
             The penalty is l1 times the sum of magnitudes plus l2 times the
             sum of squares of each kernel's weights, as in Keras's
             kernel_regularizer: no ½ before l2, and no 1/n.
             Not regularized: 1 bias.
             Keras prints the objective as loss. Each training step uses the
             mean over its 32 rows and the whole penalty.

                                 weight_decay
 kernel   shape     l1      l2     in PyTorch
 ────────────────────────────────────────────
 output   30×1    0.01   0.002          0.004

 scikit-learn   LogisticRegression(C=0.2094679514, l1_ratio=0.7142857143,
                solver="saga")
                C = 1/(n·(l1 + 2·l2)), l1_ratio = l1/(l1 + 2·l2)
                · solver saga, because liblinear penalizes the intercept;
                before scikit-learn 1.8 add penalty="elasticnet"
 glmnet         glmnet(x, y, family = "binomial", lambda = 0.014, alpha =
                0.7142857143, standardize = FALSE)
                lambda = l1 + 2·l2, alpha = l1/lambda
                · for columns scaled as regcli scales them; by default glmnet
                scales columns itself
 PyTorch        torch.optim.Adam(parameters, weight_decay=0.004)
                weight_decay = 2·l2
                · with a loss that has reduction='mean'; the same for SGD and
                others that add weight_decay·W to the gradient, but not for
                AdamW, which shrinks weights in a separate step
                · biases are regularized too, unless they are in a parameter
                group with weight_decay=0
                · PyTorch has no argument for l1: add l1·Σ|W| to the loss
"""


def test_logistic_regression(tmp_path: Path) -> None:
    arguments = ("explain", "logistic", "--l1", "0.01", "--l2", "0.002")
    done = regcli(*arguments, cwd=tmp_path, env={"COLUMNS": "80", "NO_COLOR": "1"})
    assert (done.returncode, done.stderr, done.stdout) == (0, "", LOGISTIC)
    assert list(tmp_path.iterdir()) == []


def test_a_network_as_a_document(tmp_path: Path) -> None:
    found = document("explain", "quickstart", "--l2", "0.01", "--json", cwd=tmp_path)
    assert found["schema_version"] == 1
    assert found["data"] == {
        "source": "digits", "train_rows": 1079, "outputs": 10, "batch_size": 32
    }  # fmt: skip
    assert found["objective"]["loss"] == "SparseCategoricalCrossentropy"
    assert found["objective"]["penalty"] == "0.01·(ΣW[dense]² + ΣW[dense_1]²)"
    assert found["kernels"] == [
        {"name": "dense", "shape": [64, 128], "l1": 0.0, "l2": 0.01},
        {"name": "dense_1", "shape": [128, 10], "l1": 0.0, "l2": 0.01},
    ]
    parameters = {entry["name"]: entry["parameters"] for entry in found["elsewhere"]}
    assert parameters == {
        "MLPClassifier": {"alpha": 0.64, "batch_size": 32.0},
        "torch": {"weight_decay": 0.02},
    }


BACK = """
 from      LogisticRegression: C = 0.5, l1_ratio = 0.2
 l1        0.0011730205278592375
 l2        0.002346041055718475
 formula   l1 = l1_ratio/(n·C), l2 = (1 − l1_ratio)/(2·n·C); n = 341 training
           rows, m = 1 output
 options   --l1 0.0011730205278592375 --l2 0.002346041055718475
"""


def test_the_other_way(tmp_path: Path) -> None:
    name = "LogisticRegression:C=0.5,l1_ratio=0.2"
    done = regcli("explain", "logistic", "--from", name, cwd=tmp_path, env={"COLUMNS": "80"})
    assert (done.returncode, done.stderr, done.stdout) == (0, "", BACK)


SKIPS = """
dataset: {name: digits}
model:
  layers:
    - Dense: {units: 16, name: a, activation: relu}
    - Dense: {units: 16, name: b, activation: relu, l2: 0.5}
    - Add: {inputs: [a, b], name: sum}
    - Dense: {units: 10, name: output}
regularization: {l1: 0.001}
"""
GRAPH = """
 layer    kind    output   parameters   takes   weights
 ──────────────────────────────────────────────────────────────────────
 input    input   64
 a        Dense   16            1,040   input   kernel l1 0.001
 b        Dense   16              272   a       kernel l1 0.001, l2 0.5
 sum      Add     16                    a, b
 output   Dense   10              170   sum     kernel l1 0.001

1,482 parameters
"""


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_the_model_as_a_graph(encoding: str, tmp_path: Path) -> None:
    (tmp_path / "skips.yaml").write_text(SKIPS)
    asked = ("explain", "skips.yaml", "--graph")
    environment = {"COLUMNS": "80", "PYTHONIOENCODING": encoding}
    done = processes.regcli(*asked, cwd=tmp_path, env=environment)
    wanted = GRAPH if encoding == "utf-8" else GRAPH.replace("─", "-")
    assert (done.returncode, done.stderr) == (0, "")
    assert [line.rstrip() for line in done.stdout.splitlines()] == wanted.splitlines()


def test_the_document_has_objective_and_model(tmp_path: Path) -> None:
    (tmp_path / "skips.yaml").write_text(SKIPS)
    found = document("explain", "skips.yaml", "--json", cwd=tmp_path)
    assert document("explain", "skips.yaml", "--graph", "--json", cwd=tmp_path) == found
    assert [each["takes"] for each in found["model"]["operations"]] == [
        *(["input"], ["a"], ["a", "b"], ["sum"])
    ]
    regularized = {each["name"]: each["regularized"] for each in found["model"]["operations"]}
    assert regularized["b"] == {"kernel": "l1 0.001, l2 0.5"}
    assert found["objective"]["penalty"].startswith("0.001·")


MISTAKES = {
    "logistic --graph --from torch:weight_decay=1": "regcli: --graph: must not be combined with "
    "--from",
    "logistic --from torch": "regcli: --from: must be NAME:PARAMETER=VALUE,…, "
    "like torch:weight_decay=1e-4, got 'torch'",
    "logistic --from torch:weight_decay=1 --l1 1": "regcli: --from: must not be combined with "
    "--l1 or --l2",
    "logistic --set regularization.layers=hidden --from torch:weight_decay=1": "regcli: --from: "
    "requires a kernel that regularization.l1 and l2 apply to, this config has none; name a "
    "layer in regularization.layers, or remove the layers' own l1 and l2",
    "logistic --l1 -1": "regcli: --l1 -1: regularization.l1: must be at least 0, got -1.0",
}


@pytest.mark.parametrize("line", MISTAKES)
def test_mistakes(line: str, tmp_path: Path) -> None:
    assert problem("explain", *line.split(), cwd=tmp_path) == MISTAKES[line]


def test_a_model_that_keras_refuses_is_placed_in_its_file(tmp_path: Path) -> None:
    text = "dataset: {name: iris}\nmodel:\n  layers:\n    - Conv2D: {filters: 2, kernel_size: 3}\n"
    (tmp_path / "wrong.yaml").write_text(text)
    assert problem("explain", "wrong.yaml", cwd=tmp_path).startswith(
        "wrong.yaml:4:7: model.layers.0: Conv2D does not fit its input of shape (4,): "
    )
    assert loaded_packages("explain", "nowhere", cwd=tmp_path, code=2) & {"tensorflow"} == set()
