"""Choices between how well settings do and how simple they are."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Simplicity:
    """What a setting's models are made of; a setting is simpler by the first that differs.

    Attributes:
        nonzero: kernel weights that are not 0, the mean over its runs.
        inputs: active inputs, the mean over its runs; None where they cannot be followed.
        strengths: of all penalties, by name.
    """

    nonzero: float
    inputs: float | None
    strengths: tuple[float, ...]

    @property
    def order(self) -> tuple[float, float, tuple[float, ...]]:
        """Sorts the simplest first."""
        inputs = 0.0 if self.inputs is None else self.inputs
        return self.nonzero, inputs, tuple(-strength for strength in self.strengths)

    def is_as_strong_as(self, other: "Simplicity") -> bool:
        """Whether no strength is below that of another setting."""
        pairs = zip(self.strengths, other.strengths, strict=True)
        return all(own >= others for own, others in pairs)


def within_one_error(
    losses: Sequence[float], error: float, simplicity: Sequence[Simplicity]
) -> int:
    """Position of the simplest setting within one standard error of the best.

    It is never weaker than the best: none of its strengths is lower, nor has it more non-zero
    weights.

    Args:
        losses: mean loss of each setting, lower is better; NaN for one without.
        error: standard error of the best setting's mean loss.

    Source: Breiman, L., Friedman, J., Olshen, R. & Stone, C. (1984), Classification and Regression
    Trees, section 3.4.3.
    """
    best = min((place for place, loss in enumerate(losses) if loss == loss), key=losses.__getitem__)
    near = [
        place
        for place, loss in enumerate(losses)
        if loss <= losses[best] + error
        and simplicity[place].is_as_strong_as(simplicity[best])
        and simplicity[place].nonzero <= simplicity[best].nonzero
    ]
    return min(near or [best], key=lambda place: (simplicity[place].order, losses[place]))


def not_dominated(losses: Sequence[float], sizes: Sequence[float]) -> list[int]:
    """Positions of settings that no other beats in loss without being larger, the smallest first.

    The Pareto set of loss and size; of settings that are equal in both the first is in it.
    """
    order = sorted(
        (place for place, loss in enumerate(losses) if loss == loss),
        key=lambda place: (sizes[place], losses[place], place),
    )
    found: list[int] = []
    for place in order:
        if not found or losses[place] < losses[found[-1]]:
            found.append(place)
    return found
