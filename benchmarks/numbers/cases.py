"""What is trained on both sides: many kinds of layers, penalties, optimizers and ways to run."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

POPULATION = ("--engine", "population")
KERAS = ("--engine", "keras")


@dataclass(frozen=True)
class Case:
    """A config and the command that trains it.

    Attributes:
        command: without the config's name, which comes second.
        export: whether the first run's model is exported, and predicts.
    """

    name: str
    config: str
    command: tuple[str, ...]
    export: bool = False


MLP = "model: {layers: [{Dense: {units: 8, activation: relu}}]}\n"
TWO_LAYERS = """\
model: {layers: [{Dense: {units: 8, activation: relu}}, {Dense: {units: 6, activation: tanh}}]}
"""
IRIS, WINE = "dataset: {name: iris}\n", "dataset: {name: wine}\n"
SHORT = "training: {epochs: 2, batch_size: 16}\n"
PROXIMAL = "regularization: {method: proximal}\n"
CNN = """\
dataset: {file: images.npz, scale: minmax}
model:
  layers:
    - Conv2D: {filters: 3, kernel_size: 3, padding: same, activation: relu}
    - BatchNormalization
    - MaxPooling2D
    - Conv2D: {filters: 4, kernel_size: 2}
    - Flatten
training: {epochs: 2, batch_size: 16}
"""
STEPS = "dataset: {file: steps.npz}\n"
TABLE = "dataset: {file: rows.csv, target: kind}\n"

CASES = (
    Case(
        "net, grid of both strengths",
        IRIS + MLP + SHORT,
        ("sweep", "--l1", "0,0.01", "--l2", "0,0.01", "--seeds", "2", *POPULATION),
        export=True,
    ),
    Case("net, by fit", IRIS + MLP + SHORT, ("sweep", "--l1", "0,0.01", *KERAS)),
    Case(
        "proximal net, polished",
        WINE + TWO_LAYERS + PROXIMAL + SHORT,
        ("sweep", "--l1", "0,0.003,0.03", *POPULATION),
    ),
    Case(
        "proximal net by fit, both methods",
        WINE + MLP + "training: {epochs: 2}\n",
        ("sweep", "--l1", "0.01", "--method", "penalty,proximal", *KERAS),
    ),
    Case(
        "one layer, to its optimum",
        "dataset: {name: breast_cancer}\n" + PROXIMAL + "training: {epochs: 3}\n",
        ("sweep", "--l1", "0.01,0.1", "--l2", "0,0.01", *POPULATION),
    ),
    Case(
        "one layer, squared loss, by fit",
        "dataset: {name: sparse_linear}\n" + PROXIMAL + "training: {epochs: 3}\n",
        ("sweep", "--l1", "0.5", *KERAS),
    ),
    Case(
        "regression, huber, momentum",
        "dataset: {name: diabetes, validation: 0.3}\n" + MLP + "training: {epochs: 2, loss: huber, "
        "optimizer: {name: sgd, learning_rate: 0.01, momentum: 0.9, nesterov: true}}\n",
        ("sweep", "--l2", "0,0.1", *POPULATION),
    ),
    Case(
        "groups of inputs",
        "dataset: {name: breast_cancer, noise_features: 5}\n" + MLP + SHORT
        + "regularization: {method: proximal, group: inputs, group_strength: 0.01, l1: 0.001}\n",
        ("sweep", "--vary", "regularization.group_strength=0.01,0.1", *POPULATION),
    ),
    Case(
        "groups of units, by fit",
        WINE + TWO_LAYERS + "training: {epochs: 2, polish: 10}\nregularization: {method: proximal, "
        "group: units, group_strength: 0.02, layers: hidden, l2: 0.01}\n",
        ("train", *KERAS),
    ),
    Case(
        "strengths of biases and of layers",
        IRIS + "model: {layers: [{Dense: {units: 6, l1: 0.01}}, {Dense: {units: 4, l2: 0.1}}]}\n"
        "regularization: {l1: 0.001, bias: {l1: 0.01, l2: 0.02}}\n" + SHORT,
        ("sweep", "--l2", "0,0.01", *POPULATION),
    ),
    Case("images", CNN, ("sweep", "--l1", "0,0.001", *POPULATION)),
    Case(
        "images, proximal, by fit",
        CNN + "regularization: {method: proximal, l1: 0.001}\n",
        ("train", *KERAS),
        export=True,
    ),
    Case(
        "steps, LSTM",
        STEPS + "model: {layers: [{LSTM: {units: 4}}]}\n" + SHORT,
        ("sweep", "--l2", "0,0.01", *POPULATION),
        export=True,
    ),
    Case(
        "steps, many layers, by fit",
        STEPS + "model:\n  layers:\n    - Conv1D: {filters: 4, kernel_size: 2}\n"
        "    - Bidirectional: {layer: {GRU: {units: 3, return_sequences: true}}}\n"
        "    - TimeDistributed: {layer: {Dense: {units: 3}}}\n    - GlobalMaxPooling1D\n" + SHORT,
        ("sweep", "--l1", "0.01", *KERAS),
    ),
    Case(
        "tokens",
        "dataset: {file: tokens.npz}\nmodel: {layers: [{Embedding: {input_dim: 9, output_dim: 3}}, "
        "GlobalAveragePooling1D]}\n" + SHORT,
        ("sweep", "--l2", "0,0.1", *POPULATION),
    ),
    Case(
        "weights of classes, by fit",
        IRIS + "training: {epochs: 2, class_weight: {setosa: 1, versicolor: 2.5}}\n",
        ("sweep", "--l1", "0,0.01", *KERAS),
    ),
    Case(
        "balanced classes, early stopping",
        "dataset: {name: breast_cancer, validation: 0.3}\n" + MLP + "training: {epochs: 6, "
        "class_weight: balanced, early_stopping: {monitor: validation.accuracy, patience: 1}}\n",
        ("sweep", "--l1", "0,0.01,0.1", *POPULATION),
    ),
    Case(
        "averages of weights",
        WINE + MLP + "training: {epochs: 3, optimizer: {name: lamb, use_ema: true, "
        "ema_momentum: 0.9, ema_overwrite_frequency: 5}}\n",
        ("sweep", "--l1", "0,0.01", *POPULATION),
    ),
    Case(
        "averages of weights, by fit",
        WINE + MLP + "training: {epochs: 2, optimizer: {name: adam, use_ema: true}}\n",
        ("train", *KERAS),
    ),
    Case(
        "dropout and normalization",
        WINE + "model: {layers: [{Dense: {units: 8}}, BatchNormalization, ReLU, "
        "{Dropout: {rate: 0.3}}]}\n" + SHORT,
        ("sweep", "--vary", "model.layers.3.Dropout.rate=0.1,0.5", *POPULATION),
    ),
    Case(
        "noise, known columns, by fit",
        "dataset: {file: rows.csv, target: amount, noise_features: 3, true_columns: [a, c], "
        "scale: minmax}\n" + MLP + SHORT,
        ("sweep", "--l1", "0,0.01", *KERAS),
    ),
    Case(
        "schedule and weight decay",
        TABLE + MLP + "training: {epochs: 3, optimizer: {name: adamw, weight_decay: 0.01, "
        "learning_rate: {CosineDecay: {initial_learning_rate: 0.01, decay_steps: 9}}}}\n",
        ("sweep", "--l2", "0,0.01", "--seeds", "2", *POPULATION),
    ),
    Case(
        "losses, by fit",
        "dataset: {name: friedman1}\n" + MLP + SHORT,
        ("sweep", "--vary", "training.loss=mae,log_cosh", *KERAS),
    ),
    Case(
        "constraints",
        IRIS + "model: {layers: [{Dense: {units: 6, activation: relu, kernel_constraint: "
        "{MaxNorm: {max_value: 1}}}}, {Dense: {units: 3, kernel_constraint: non_neg}}]}\n" + SHORT,
        ("sweep", "--l1", "0,0.01", *POPULATION),
    ),
    Case(
        "path of one layer, refitted",
        "dataset: {name: breast_cancer}\ntraining: {epochs: 3}\n",
        ("path", "--points", "4", "--refit", *KERAS),
    ),
    Case(
        "path of a net, refitted, to an end",
        WINE + MLP + SHORT,
        ("path", "--values", "0.001,0.01,0.1", "--seeds", "2", "--refit", "--max-nonzero", "60",
         *POPULATION),
    ),
    Case(
        "path along groups",
        WINE + MLP + "regularization: {group: inputs}\n" + SHORT,
        ("path", "--along", "group_strength", "--values", "0.01,0.1", *KERAS),
    ),
    Case(
        "divergence",
        "dataset: {name: diabetes}\ntraining: {epochs: 2, optimizer: {name: sgd}}\n",
        ("sweep", "--vary", "training.optimizer.learning_rate=0.001,1e30", *POPULATION),
    ),
    Case(
        "splits of their own",
        IRIS + MLP + SHORT,
        ("sweep", "--vary", "dataset.seed=0,1", "--l1", "0,0.01", *POPULATION),
    ),
    Case(
        "largest strength of one layer",
        IRIS + PROXIMAL + SHORT,
        ("sweep", "--l1", "0,auto:2", *KERAS),
    ),
)  # fmt: skip


def write_data(folder: Path) -> None:
    """The files that the configs name, the same numbers every time."""
    chance = np.random.default_rng(0)
    y = np.arange(72) % 2
    for name, shape in {"images": (6, 6, 1), "steps": (5, 3)}.items():
        x = chance.standard_normal((72, *shape)) + 0.7 * y.reshape(-1, *[1] * len(shape))
        np.savez(folder / f"{name}.npz", x=x.astype(np.float32), y=y)
    np.savez(folder / "tokens.npz", x=chance.integers(0, 9, (72, 6)), y=y)
    lines = ["a,b,c,kind,amount"]
    for a, b, c in chance.standard_normal((90, 3)).round(3):
        kind = "low" if a < -0.5 else "high" if a + c > 0.5 else "middle"
        lines.append(f"{a},{b},{c},{kind},{3 * a - 2 * c + b * b / 4:.4f}")
    (folder / "rows.csv").write_text("\n".join(lines) + "\n")
