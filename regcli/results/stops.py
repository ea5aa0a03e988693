"""Where a path ends. It is known without TensorFlow, so that a stored path is shown without it."""

from dataclasses import dataclass
from typing import Protocol

from regcli.results.records import RunState, Sparsity
from regcli.results.sparsity import nonzero_of


class Ended(Protocol):
    """A run that has ended, as its record or as what its trainer gave back."""

    @property
    def state(self) -> RunState:
        """How it ended."""

    @property
    def sparsity(self) -> Sparsity | None:
        """What is left of it; None where nothing was measured."""


@dataclass(frozen=True)
class Stop:
    """Where a path ends: at the first point without weights, or as sparse as requested.

    Attributes:
        max_nonzero: non-zero kernel weights of the whole model.
        max_inputs: active input columns, if that is to end it.
        layers: those whose kernels the growing strength reaches, by name, and single weights; None
            for all. Where these are empty, more of it changes nothing.
    """

    max_nonzero: int = 0
    max_inputs: int | None = None
    layers: frozenset[str] | None = None

    def ends_with(self, run: Ended) -> bool:
        """Whether no point after a run is to be trained."""
        if run.state is not RunState.FINISHED or run.sparsity is None:
            return True
        inputs = run.sparsity.active_inputs
        few_inputs = self.max_inputs is not None and inputs is not None
        is_narrow = few_inputs and (inputs or 0) <= (self.max_inputs or 0)
        is_sparse = run.sparsity.nonzero <= self.max_nonzero
        is_empty = self.layers is not None and nonzero_of(run.sparsity, self.layers) == 0
        return is_sparse or is_narrow or is_empty
