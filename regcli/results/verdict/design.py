"""The design of an experiment: which runs of a setting are scored on the same rows, and how many.

Settings are compared run by run. A run's *place* says which run of another setting it is compared
with: that of the same split, the same fold and the same seed.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from regcli.results.records import RunRecord
from regcli.results.settings import fold_of, held_out_rows, seed_of, validation_rows

Floats = NDArray[np.float64]
Places = tuple[tuple[Hashable, Hashable], ...]
"""Of each run the rows that it is scored on, and what tells it apart from others scored there."""


PARTS = ("train", "validation", "test")


@dataclass(frozen=True)
class Design:
    """Runs by the rows that they are scored on: groups, of which each has runs of every seed.

    On validation rows each fold of each split is a group. Test rows are the same for all folds of a
    split, whose runs are then one group.

    Attributes:
        groups: the positions of their runs.
        seeds: of a group, the fewest of any.
        splits: of rows into test rows and others.
        folds, repeats: of a split; 0 without folds.
        rows: of each part how many different ones the runs of a split are scored on.
        ratios: of each part its rows over those that are trained on, the mean over groups.
    """

    groups: tuple[tuple[int, ...], ...]
    seeds: int
    splits: int
    folds: int
    repeats: int
    rows: Mapping[str, int]
    ratios: Mapping[str, float]

    def mean_by_group(self, values: Floats) -> Floats:
        """Values of runs, (runs,), averaged over the runs of each group: (groups,)."""
        if len({len(group) for group in self.groups}) == 1:
            means: Floats = values[np.array(self.groups)].mean(axis=1)
            return means
        return np.array([values[list(group)].mean() for group in self.groups])


def places_of(runs: Sequence[RunRecord], of_test: bool) -> Places:
    """The places of runs, scored on validation rows or on test rows."""
    if of_test:
        return tuple((held_out_rows(run), (seed_of(run), fold_of(run))) for run in runs)
    return tuple((validation_rows(run), seed_of(run)) for run in runs)


def design_of(places: Places, runs: Sequence[RunRecord]) -> Design:
    """The design of runs with these places; at least one."""
    groups: dict[Hashable, list[int]] = {}
    for position, (rows, _) in enumerate(places):
        groups.setdefault(rows, []).append(position)
    folds = {fold for run in runs if (fold := fold_of(run)) is not None}
    splits, repeats = len(set(map(held_out_rows, runs))), len({fold.repeat for fold in folds})
    firsts = [runs[group[0]] for group in groups.values()]
    counts = {part: np.array([_rows(run, part) for run in firsts]) for part in PARTS}
    # Each repeat scores the same rows again, by folds that are groups of their own.
    scored = splits * repeats if len(groups) > splits and folds else splits
    return Design(
        groups=tuple(map(tuple, groups.values())),
        seeds=min(len({seed_of(runs[each]) for each in group}) for group in groups.values()),
        splits=splits,
        folds=len({fold.number for fold in folds}),
        repeats=repeats,
        rows={part: int(count.sum()) // scored for part, count in counts.items()},
        ratios={
            part: float(np.mean(count / np.maximum(1, counts["train"])))
            for part, count in counts.items()
        },
    )


def _rows(run: RunRecord, part: str) -> int:
    return 0 if run.data is None else run.data.rows.get(part, 0)
