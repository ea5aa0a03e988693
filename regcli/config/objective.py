"""What a config minimises, as plain data: its loss, its rows, and each kernel's strengths."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from regcli.config.outline import Outline
from regcli.penalties.elastic_net import ELASTIC_NET
from regcli.penalties.penalty import Penalty, Strengths

Family = Literal["squared", "logistic", "two_scores", "multinomial"]
"""Losses that others minimise too: squared error; two classes by one score or by one each; more."""

Method = Literal["penalty", "proximal"]


@dataclass(frozen=True)
class Kernel:
    """A kernel, or a bias, by its layer's name, and its strengths."""

    name: str
    shape: tuple[int, ...]
    strengths: Strengths

    @property
    def numbers(self) -> dict[str, float]:
        """The penalty's parameters by name, without those of groups."""
        own = self.strengths
        return {p.name: own.numbers[p.name] for p in own.penalty.parameters if not p.of_groups}


@dataclass(frozen=True)
class LossTerm:
    """The loss of one row.

    Attributes:
        name: Keras's class, with what the config gives it.
        symbol: what its formula calls the model's outputs: z for scores, p for probabilities.
        formula: in terms of the target y and that symbol.
        words: what it is called, in a few words.
    """

    name: str
    symbol: Literal["z", "p"]
    formula: str
    words: str


@dataclass(frozen=True)
class ClassWeights:
    """What multiplies the loss of each class's rows.

    Attributes:
        by_class: a weight for each class by name, in the data's order.
        mean: over the training rows; 1 where they are balanced.
        balanced: whether they are n/(k·n_c), which others know by that name too.
    """

    by_class: tuple[tuple[str, float], ...]
    mean: float
    balanced: bool


@dataclass(frozen=True)
class RowWeights:
    """What multiplies the loss of each row: its column, and its mean over the training rows."""

    column: str
    mean: float


@dataclass(frozen=True)
class LearntTarget:
    """What a model learns of a quantity in place of its own values.

    Attributes:
        name: what the quantity is called.
        formula: what is learnt, y, in terms of that name.
        inverse: the prediction of the quantity, in terms of the model's output z.
        log: whether a logarithm is learnt.
        is_scaled: whether center and width of the training rows are taken out.
    """

    name: str
    formula: str
    inverse: str
    log: bool
    is_scaled: bool


@dataclass(frozen=True)
class Basis:
    """What the strengths in other libraries depend on, besides the strengths.

    Attributes:
        rows: training rows, n.
        outputs: units of the output layer, m.
        batch_size: rows of a step, n at most.
        family: the loss that others know of; None where the model or its loss is of no such kind.
        reason: what scikit-learn and glmnet do not have, where there is no family; else empty.
        hidden: units of each hidden layer.
        activation: of the hidden layers, as scikit-learn calls it.
        has_bias: whether the layers have biases.
        deviation: standard deviation (of n) of the training targets as they are learnt, if they are
            one quantity.
        class_weights: None where every class counts 1.
        row_weights: None where every row counts 1.
        penalty: of the kernels; of all of them if it has no groups.
    """

    rows: int
    outputs: int
    batch_size: int
    family: Family | None
    reason: str = ""
    hidden: tuple[int, ...] = ()
    activation: str = ""
    has_bias: bool = True
    deviation: float | None = None
    class_weights: ClassWeights | None = None
    row_weights: RowWeights | None = None
    penalty: Penalty = ELASTIC_NET


@dataclass(frozen=True)
class Objective:
    """The objective of a config on its data.

    Attributes:
        config: the config's name.
        source: the data set's name.
        biases: those that have strengths.
        unpenalised: trained numbers that the penalty does not hold, such as most biases.
        additions: terms of groups, and those that arguments of Keras's own add, such as a
            bias_regularizer, in words.
        weight_decay: shrinkage of all weights by the optimizer, outside the objective; or 0.
        selects: whether `regularization.l1` and `l2` reach any kernel.
        method: penalty or proximal.
        constraints: what weights are held to, such as MaxNorm, each with the name of the weights.
        random_layers: names of the layers that draw numbers in training.
        target: what is learnt in place of the target's own values; None where these are.
        outline: the model, layer by layer.
        joined: columns whose inputs are one group, and how many inputs, where groups are penalized.
    """

    config: str
    source: str
    basis: Basis
    loss: LossTerm
    kernels: tuple[Kernel, ...]
    biases: tuple[Kernel, ...]
    unpenalised: int
    additions: tuple[str, ...]
    weight_decay: float
    selects: bool
    outline: Outline
    method: Method = "penalty"
    constraints: tuple[str, ...] = ()
    random_layers: tuple[str, ...] = ()
    target: LearntTarget | None = None
    joined: tuple[tuple[str, int], ...] = ()


def common_strengths(kernels: Sequence[Kernel]) -> dict[str, float] | None:
    """The numbers of all kernels, or None where they differ or there is no kernel."""
    found = [kernel.numbers for kernel in kernels]
    return found[0] if found and all(numbers == found[0] for numbers in found) else None
