"""Which setting would be chosen again: from the values of runs' rows to losses to choose by."""

from collections.abc import Hashable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from regcli.results.settings import Ranking, SettingSummary, fold_of, held_out_rows
from regcli.results.statistics.selection import Selection, over_repeats
from regcli.results.verdict.samples import Samples

Floats = NDArray[np.float64]
Part = tuple[Hashable, int]
"""A part of validation rows that all folds of one repeat make: its split, and the repeat."""


def choose_again(
    settings: Sequence[SettingSummary], ranking: Ranking, samples: Samples, best: int
) -> Selection | None:
    """Choosing again on resampled rows; None where some setting's rows are not known.

    Without them the others would be chosen too often.
    """
    sign = -1.0 if ranking.highest else 1.0
    found = [_losses(setting, ranking.key, samples) for setting in settings]
    wanted = _shape(found[best])
    places = [place for place, each in enumerate(settings) if each.mean(ranking.key) is not None]
    if any(_shape(found[place]) != wanted for place in places):
        return None
    matrices = [np.stack([sign * found[place][part] for place in places]) for part in found[best]]
    if not matrices or min(losses.shape[1] for losses in matrices) < 2:
        return None
    selection = over_repeats(matrices)
    recurrence = np.zeros(len(settings))
    recurrence[places] = selection.recurrence
    return replace(selection, recurrence=recurrence)


def _shape(parts: dict[Part, Floats]) -> dict[Part, int]:
    return {part: len(values) for part, values in parts.items()}


def _losses(setting: SettingSummary, key: str, samples: Samples) -> dict[Part, Floats]:
    """A setting's values of a result, (rows,) for each part, seeds averaged; empty if not known.

    The rows of a part are those of its folds one after the other. Folds count alike, as they do in
    the mean that ranks settings: values of a fold with fewer rows count for more.
    """
    folds: dict[Part, dict[int, list[Floats]]] = {}
    for run in setting.records:
        rows, fold = samples.rows(run, key), fold_of(run)
        if rows is None:
            return {}
        number, repeat = (0, 0) if fold is None else (fold.number, fold.repeat)
        part = folds.setdefault((held_out_rows(run), repeat), {})
        part.setdefault(number, []).append(rows)
    if any(len(set(map(len, seeds))) > 1 for part in folds.values() for seeds in part.values()):
        return {}
    return {
        part: _alike([np.mean(seeds, axis=0) for _, seeds in sorted(by_number.items())])
        for part, by_number in folds.items()
    }


def _alike(folds: Sequence[Floats]) -> Floats:
    """The values of folds one after the other, (rows,), whose mean is that of the folds' means."""
    total = sum(map(len, folds))
    return np.concatenate([values * (total / (len(folds) * len(values))) for values in folds])
