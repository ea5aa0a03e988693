"""A model as plain data: what is computed from what, and which weights that takes."""

from collections.abc import Iterator
from dataclasses import dataclass

Shape = tuple[int | None, ...]
"""Of one row; None where it differs from row to row."""


@dataclass(frozen=True)
class Regularized:
    """Weights of a layer that something is added for to the loss.

    Attributes:
        weights: their name within the layer, such as `kernel`.
        strengths: `l1 0.01, l2 0.1`, or another regularizer with its arguments.
    """

    weights: str
    strengths: str


@dataclass(frozen=True)
class Operation:
    """One call of a layer, of a plain operation, or of a model inside of the model.

    Attributes:
        kind: the class, such as `Dense`.
        shape: of its output for one row; of its first one where it has several.
        takes: names of the operations and inputs whose outputs it is given.
        parameters: numbers of the layer, those of its statistics too; 0 at a later call of a shared
            layer.
        trained: how many of them training changes.
        regularized: which of its weights are regularized.
        shares: whether the layer was called before, so that it shares those weights.
        inside: of a model, its own operations.
    """

    name: str
    kind: str
    shape: Shape
    takes: tuple[str, ...]
    parameters: int
    trained: int
    regularized: tuple[Regularized, ...] = ()
    shares: bool = False
    inside: tuple["Operation", ...] = ()


@dataclass(frozen=True)
class Outline:
    """A model.

    Attributes:
        inputs: their shapes by name.
        operations: each after those that it takes.
        outputs: names of the operations that end it.
        has_graph: whether it is known what takes what: not where a class has a `call` of its own.
    """

    inputs: tuple[tuple[str, Shape], ...]
    operations: tuple[Operation, ...]
    outputs: tuple[str, ...]
    has_graph: bool = True

    @property
    def is_chain(self) -> bool:
        """Whether each operation, at every depth, takes the one before it and nothing else."""
        return self.has_graph and _is_chain(self.inputs[0][0], self.operations, len(self.inputs))

    @property
    def parameters(self) -> int:
        """Numbers of all layers, each counted once."""
        return sum(operation.parameters for operation in self.operations)

    @property
    def trained(self) -> int:
        """How many of them training changes."""
        return sum(operation.trained for operation in self.operations)


def _is_chain(first: str, operations: tuple[Operation, ...], inputs: int = 1) -> bool:
    before = first
    for operation in operations:
        if operation.takes != (before,) or operation.shares:
            return False
        # What is inside of a model begins with what the model takes.
        if operation.inside and not _is_chain(before, operation.inside):
            return False
        before = operation.name
    return inputs == 1


def with_depths(
    operations: tuple[Operation, ...], depth: int = 0
) -> Iterator[tuple[int, Operation]]:
    """Every operation with the number of models that it is inside of, each model first."""
    for operation in operations:
        yield depth, operation
        yield from with_depths(operation.inside, depth + 1)
