"""Which runs become one batch, by the rows of their splits."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from planned import run_of

from regcli.config.schema import Config
from regcli.data.dataset import Part, Splits
from regcli.data.references import DataReference, Datasets
from regcli.planning.batches import MOST_FILLING, Batch, Sizes, make_batches, rooms
from regcli.planning.graph import RunGraph

CONFIG = Config.model_validate({"dataset": {"name": "iris"}, "model": {"layers": []}})
IRIS = Datasets().split(CONFIG.dataset, Path())
PARTS = st.tuples(st.integers(1, 300), st.integers(1, 50), st.integers(1, 50))


def splits_of(train: int, validation: int | None = 10, columns: int = 4) -> Splits:
    """Iris with so many rows in its parts, and so many columns."""

    def part(rows: int) -> Part:
        return Part(np.zeros((rows, columns), np.float32), np.zeros(rows, np.int32))

    return replace(
        IRIS,
        train=part(train),
        validation=None if validation is None else part(validation),
        columns=IRIS.columns[:columns],
    )


class Named(Datasets):
    """Splits by the fingerprint of a reference."""

    def __init__(self, splits: Mapping[str, Splits]) -> None:
        super().__init__()
        self.splits = splits

    def of(self, reference: DataReference) -> Splits:
        return self.splits[reference.fingerprint]


def batches_of(splits: Mapping[str, Splits], pending: str | None = None) -> tuple[Batch, ...]:
    """The batches of two runs on each split; those of one split are to be trained, or all."""
    runs = [
        replace(run_of(f"{name}{place}", CONFIG), data=DataReference(CONFIG.dataset, Path(), name))
        for place in range(2)
        for name in splits
    ]
    graph = RunGraph.of(runs)
    chosen = {run.id for run in runs if pending in (None, run.data.fingerprint)}
    return make_batches(graph, chosen, Named(splits))


FOLDS = {"a": splits_of(91), "b": splits_of(90, 11), "c": splits_of(91)}


def test_folds_are_one_batch() -> None:
    (batch,) = batches_of(FOLDS)
    assert [run.id for run in batch.runs] == ["a0", "b0", "c0", "a1", "b1", "c1"]
    assert (batch.members, batch.at_once) == (6, 6)
    assert [reference.fingerprint for reference in batch.data] == ["a", "b", "c"]


def test_what_is_left_of_a_population_knows_every_split_of_it() -> None:
    (whole,), (rest,) = batches_of(FOLDS), batches_of(FOLDS, pending="b")
    assert [run.id for run in rest.runs] == ["b0", "b1"]
    assert (rest.key, rest.members, rest.data) == (whole.key, whole.members, whole.data)


@pytest.mark.parametrize(
    "other", [splits_of(91, None), splits_of(91, columns=3)], ids=["no validation", "columns"]
)
def test_other_parts_or_columns_are_another_batch(other: Splits) -> None:
    batches = batches_of({"a": FOLDS["a"], "other": other})
    assert [[run.id for run in batch.runs] for batch in batches] == [
        ["a0", "a1"],
        ["other0", "other1"],
    ]


def test_rows_that_are_far_from_equally_many_are_batches_of_their_own() -> None:
    splits = {"few": splits_of(20), "many": splits_of(900), "fewer": splits_of(18)}
    batches = batches_of(splits)
    assert [[run.id for run in batch.runs] for batch in batches] == [
        ["few0", "fewer0", "few1", "fewer1"],
        ["many0", "many1"],
    ]
    assert [len(batch.data) for batch in batches] == [2, 1]


@pytest.mark.parametrize("folds", [2, 3, 5, 10, 50])
def test_training_parts_that_grow_from_fold_to_fold_are_one_population(folds: int) -> None:
    block = 30
    grown = {(block * (fold + 1), block, block): 6 for fold in range(folds)}
    assert set(rooms(grown).values()) == {0}


@given(st.dictionaries(PARTS, st.integers(1, 9), min_size=1, max_size=12))
def test_filling_is_bounded_in_every_population(members: dict[Sizes, int]) -> None:
    found = rooms(members)
    assert found.keys() == members.keys()
    for room in set(found.values()):
        own = {sizes: count for sizes, count in members.items() if found[sizes] == room}
        longest = sum(max(sizes[part] for sizes in own) for part in range(3))
        computed = longest * sum(own.values())
        assert computed <= MOST_FILLING * sum(sum(sizes) * n for sizes, n in own.items())
