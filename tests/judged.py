"""Runs whose rows are known, for tests of the verdict."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from stored_examples import a_run

from regcli.results.records import DataSummary, RunRecord
from regcli.results.row_values import RunRows, kept_rows
from regcli.results.settings import by_setting
from regcli.results.verdict.judgement import MARGIN, Verdict, judge

Floats = NDArray[np.float64]
TEST_ROWS = 50


def right(wrong: int, seeds: int = 3, rows: int = 1000) -> Floats:
    """1 for every row but the first so many, of every seed: (seeds, rows)."""
    found = np.ones((seeds, rows))
    found[:, :wrong] = 0
    return found


class Grid:
    """A grid of runs, filled setting by setting; each has one value a seed and row."""

    def __init__(self, task: str = "multiclass", **config: Any) -> None:
        self.task, self.config = task, config
        self.records: list[RunRecord] = []
        self.rows: dict[str, RunRows] = {}

    def add(
        self,
        losses: Floats,
        right: Floats | None = None,
        nonzero: int = 640,
        split: int = 0,
        seeds: int | None = None,
        fold: tuple[int, int, int] | None = None,
        **settings: Any,
    ) -> None:
        """Add a setting, or its runs of one split or fold.

        Args:
            losses, right: (seeds, rows), of validation rows; those of the test rows are the first.
            split: the seed of the split.
            seeds: the first one's number.
            fold: its number, of how many, and the repeat; the other folds are trained on.
        """
        for place, own in enumerate(losses):
            seed = (seeds or 0) + place
            by_row: dict[str, Floats] = {"data_loss": own}
            if right is not None:
                by_row["accuracy"] = right[place]
            run_id = f"{len(self.records):012x}"
            self.records.append(self._record(run_id, by_row, nonzero, split, seed, fold, settings))
            test = {key: values[:TEST_ROWS] for key, values in by_row.items()}
            self.rows[run_id] = {"validation": kept_rows(by_row), "test": kept_rows(test)}

    def _record(
        self,
        run_id: str,
        by_row: dict[str, Floats],
        nonzero: int,
        split: int,
        seed: int,
        fold: tuple[int, int, int] | None,
        settings: dict[str, Any],
    ) -> RunRecord:
        example = a_run(run_id)
        assert example.sparsity is not None
        others = 3 if fold is None else fold[1] - 1
        rows = {"train": others * len(by_row["data_loss"]), "validation": len(by_row["data_loss"])}
        dataset: dict[str, Any] = {"seed": split}
        given = {"l1": 0.0, "l2": 0.0, **settings, "seed": seed, "fold": None, "method": "proximal"}
        if fold is not None:
            dataset["fold"] = dict(zip(("number", "of", "repeat"), fold, strict=True))
            given |= {"fold": fold[0], "repeat": fold[2]}
        own = {"dataset": dataset, "training": {"seed": seed, "epochs": 50}}
        scores = {key: float(values.mean()) for key, values in by_row.items()}
        test = {key: float(values[:TEST_ROWS].mean()) for key, values in by_row.items()}
        return a_run(
            run_id,
            settings=given if split == 0 else {**given, "dataset.seed": split},
            config={**example.config, **self.config, **own},
            metrics={"train": scores, "validation": scores, "test": test},
            sparsity=example.sparsity.model_copy(
                update={"nonzero": nonzero, "exact": 1 - nonzero / 640}
            ),
            data=DataSummary(
                source="made",
                fingerprint="f" * 12,
                task=self.task,
                rows={**rows, "test": TEST_ROWS},
                input_shape=(64,),
                columns=(),
            ),
        )

    def judge(self, margin: float = MARGIN) -> Verdict:
        """The verdict on the grid, which must have one."""
        verdict = judge(by_setting(self.records), self.rows.get, margin)
        assert verdict is not None
        return verdict
