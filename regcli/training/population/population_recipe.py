"""What the members of a population share, besides what their training needs."""

from dataclasses import dataclass

from regcli.data.dataset import Splits
from regcli.results.sparsity import InputColumns
from regcli.stacked.program import EpochProgram
from regcli.stacked.recipe import Recipe
from regcli.training.polish import Polish


@dataclass(frozen=True)
class PopulationRecipe(Recipe):
    """A recipe, with what members that have ended are polished and scored by.

    Attributes:
        polish: the end of proximal training; None of any other.
        positive: of two classes the one that precision, recall and the like are about.
        columns: what the inputs are called.
        counted: names of the weights whose zeros are counted.
        asked: keys of the metrics that the configs ask for.
        splits: those whose rows the recipe has, in their order.
    """

    polish: Polish | None
    positive: int
    columns: InputColumns
    counted: tuple[str, ...]
    asked: frozenset[str]
    splits: tuple[Splits, ...]


Program = EpochProgram[PopulationRecipe]
"""The program of a population, which its recipe can be asked of."""
