"""The points of a path with folds as arrays by strength, in the order of scikit-learn's `alphas_`.

That is from the largest strength down, while a path itself goes up.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regcli.api.finished_run import Run
from regcli.config.row_keys import Fold
from regcli.data.parts.row_parts import parts_of
from regcli.data.sources import load_table
from regcli.store.stored_configs import config_of, data_folder

Floats = NDArray[np.float64]
_STREAM = ("repeat", "fold", "seed")
"""What tells the paths of a sweep apart, beside the strength."""


def strengths_along(runs: Sequence[Run], along: str) -> Floats:
    """The strengths of a path, (strengths,), falling."""
    return np.array(sorted({_strength(run, along) for run in runs}, reverse=True))


def by_fold(
    runs: Sequence[Run], along: str, strengths: Floats, score: Callable[[Run], float | None]
) -> Floats:
    """A score of each point, (strengths, folds); NaN where it has none.

    A path ends where all that the strength reaches is zero: there, and beyond, its points have the
    score of the last one, because more of the strength changes nothing.
    """
    paths = sorted({_path_of(run) for run in runs})
    found = np.full((len(strengths), len(paths)), np.nan)
    reached = np.zeros(found.shape, bool)
    places = {strength: place for place, strength in enumerate(strengths.tolist())}
    for run in runs:
        cell = places[_strength(run, along)], paths.index(_path_of(run))
        value = score(run)
        found[cell], reached[cell] = np.nan if value is None else value, True
    for place in range(len(strengths) - 2, -1, -1):
        weaker = found[place + 1]
        found[place] = np.where(reached[place], found[place], weaker)
    return found


def folds_of_rows(run: Run) -> NDArray[np.int64] | None:
    """The fold that held each row out, (rows,), counted from 0, in the first repetition.

    Args:
        run: any of the sweep.

    Returns:
        −1 for rows that no fold held out; None where several folds held one out.
    """
    config = config_of(run.record).dataset
    table = load_table(config, data_folder(run.record))
    assert config.fold is not None
    folds = np.full(len(table.y), -1)
    for number in range(config.fold.of):
        own = Fold(number=number, of=config.fold.of)
        held_out = parts_of(table, config.model_copy(update={"fold": own})).validation
        if (folds[held_out] >= 0).any():
            return None
        folds[held_out] = number
    return folds


def _strength(run: Run, along: str) -> float:
    key = along if along in run.settings else f"regularization.{along}"
    return float(run.settings[key])


def _path_of(run: Run) -> tuple[Any, ...]:
    return tuple(run.settings.get(key) or 0 for key in _STREAM)
