"""Which runs of a setting have each row once."""

from collections.abc import Sequence

from regcli.results.records import RunRecord
from regcli.results.settings import fold_of, seed_of, split_of


def rows_once(runs: Sequence[RunRecord]) -> list[RunRecord]:
    """The first run, with the other folds of its seed, repeat and split: no row is in two of them.

    Other seeds and repeats have the same rows again, which would pass for independent ones.
    """
    return [run for run in runs if _without_fold(run) == _without_fold(runs[0])]


def _without_fold(run: RunRecord) -> tuple[int, int | None, int | None]:
    fold = fold_of(run)
    return seed_of(run), split_of(run), None if fold is None else fold.repeat
