"""Parts and folds whose groups of rows stay together."""

import numpy as np
from numpy.typing import NDArray

from regcli.data.parts.partition import Integers


def deal_groups(
    labels: Integers, groups: Integers, shares: NDArray[np.float64], rng: np.random.Generator
) -> Integers:
    """The part of each row, (rows,): whole groups, as near to the shares of each class as they go.

    Groups whose classes are least even tend to come first; each goes to the part where the sum of
    squares of what parts have too much or too little, in shares of each class, is lowest with it,
    and of parts that are alike to the emptiest.

    Source: the greedy rule of scikit-learn's StratifiedGroupKFold, with parts of unequal size.

    Args:
        labels: class numbers from 0, (rows,); all 0 where there are no classes.
        groups: group numbers from 0, (rows,).
        shares: of the rows, that each part should have, (parts,).
    """
    counts = np.zeros((groups.max() + 1, labels.max() + 1))
    np.add.at(counts, (groups, labels), 1)
    wanted = shares[:, np.newaxis] * counts.sum(axis=0)
    sizes = np.maximum(counts.sum(axis=0), 1)
    filled = np.zeros_like(wanted)
    part_of = np.zeros(len(counts), np.int64)
    shuffled = rng.permutation(len(counts))
    spread = counts[shuffled].std(axis=1) if counts.shape[1] > 1 else counts[shuffled, 0]
    # Without chance here, repetitions would deal groups of different sizes alike.
    spread = spread * rng.uniform(0.5, 1.0, len(spread))
    for group in shuffled[np.argsort(-spread, kind="stable")]:
        own = counts[group]
        added = (own * (2 * (filled - wanted) + own) / sizes**2).sum(axis=1)
        added = np.where(shares > 0, np.round(added, 12), np.inf)
        emptiest = filled.sum(axis=1) / np.maximum(shares, 1e-12)
        part = int(np.lexsort((emptiest, added))[0])
        filled[part] += own
        part_of[group] = part
    return part_of[groups]
