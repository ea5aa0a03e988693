"""How good the setting is that looks best, and how often it would look best again."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

RESAMPLES = 1000
MOST_NUMBERS = 4_000_000
"""Counts of rows that are drawn at a time."""


@dataclass(frozen=True)
class Selection:
    """What bootstrap samples of the rows say of choosing the best setting.

    Attributes:
        corrected: the mean loss to expect of the setting that is chosen, in the losses' unit.
        apparent: the mean loss of the one that looks best; lower, since chance helped it.
        recurrence: how often each setting was chosen, (settings,); they add up to 1.
    """

    corrected: float
    apparent: float
    recurrence: Floats


def bias_corrected(losses: Floats, seed: int = 0, resamples: int = RESAMPLES) -> Selection:
    """Bootstrap bias-corrected selection: choose on drawn rows, score on those that were not drawn.

    Nothing is trained again. Of settings that are equally good on the drawn rows the first is
    chosen.

    Args:
        losses: out of sample, (settings, rows), lower is better; at least 2 rows.
        seed: of the draws.
        resamples: bootstrap samples of the rows.

    Source: Tsamardinos, I., Greasidou, E. & Borboudakis, G. (2018), Bootstrapping the out-of-sample
    predictions for efficient and accurate cross-validation, Machine Learning 107.
    """
    settings, rows = losses.shape
    rng = np.random.default_rng(seed)
    chosen_counts = np.zeros(settings, np.int64)
    total, used = 0.0, 0
    step = max(1, min(MOST_NUMBERS // max(rows, settings), resamples))
    for start in range(0, resamples, step):
        drawn = rng.multinomial(rows, np.full(rows, 1 / rows), size=min(step, resamples - start))
        chosen = (drawn @ losses.T).argmin(axis=1)
        chosen_counts += np.bincount(chosen, minlength=settings)
        left = drawn == 0
        counts = left.sum(axis=1)
        sums = (left * losses[chosen]).sum(axis=1)
        total += float((sums[counts > 0] / counts[counts > 0]).sum())
        used += int((counts > 0).sum())
    apparent = float(losses.mean(axis=1).min())
    return Selection(total / used if used else apparent, apparent, chosen_counts / resamples)


def over_repeats(matrices: Sequence[Floats], resamples: int = RESAMPLES) -> Selection:
    """`bias_corrected` for each repeat of a cross-validation, or for each split, averaged.

    Each repeat scores the same rows by models of its own, so rows are drawn within a repeat: a row
    that was drawn in one and left in another would be scored by a choice that it had part in. The
    choice is then by one repeat, which recurs less often than one by the mean of all.

    Args:
        matrices: losses out of sample, (settings, rows) each, of the same settings.
        resamples: over all repeats together, so that more of them take no longer.
    """
    share = math.ceil(resamples / len(matrices))
    found = [bias_corrected(losses, seed, share) for seed, losses in enumerate(matrices)]
    if len(found) == 1:
        return found[0]
    return Selection(
        float(np.mean([each.corrected for each in found])),
        float(np.mean([losses.mean(axis=1) for losses in matrices], axis=0).min()),
        np.mean([each.recurrence for each in found], axis=0),
    )
