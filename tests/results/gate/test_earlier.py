"""A sweep beside an earlier one: paired by row where the rows are the same, else by the means."""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from judged import Floats, Grid, right

from regcli.errors import UsageError
from regcli.report.check_words import CheckWords
from regcli.report.run_documents import sweep_document
from regcli.results.gate.earlier import (
    Change,
    Earlier,
    compare_with,
    of_document,
    of_sweep,
    read_document,
)
from regcli.results.records import DataSummary, SweepRecord
from regcli.results.settings import by_setting
from regcli.results.verdict.judgement import judge

ROWS = 2000


def one(correct: Floats, losses: Floats | None = None, seeds: int = 0, **config: Any) -> Grid:
    made = Grid(**config)
    made.add(1.0 - correct if losses is None else losses, correct, seeds=seeds, l1=0.0)
    return made


def earlier_of(made: Grid, name: str = "before") -> Earlier:
    return of_sweep(name, by_setting(made.records), None, made.rows.get)


def change(now: Grid, before: Earlier, tolerance: float = 0.01) -> Change:
    found = compare_with(before, by_setting(now.records), None, now.rows.get, tolerance)
    assert found is not None
    return found


def said(now: Grid, before: Earlier, tolerance: float = 0.01) -> str:
    words = CheckWords(by_setting(now.records))
    return words.change(change(now, before, tolerance), "before")


def test_worse_by_the_whole_interval() -> None:
    before = earlier_of(one(right(100, 3, ROWS)))
    assert said(one(right(180, 3, ROWS)), before) == (
        "setting to use: accuracy −4.00 pt against before (95% −4.87 to −3.13; 3 seeds × 2,000 "
        "rows, paired): worse by more than 1 pt"
    )
    assert said(one(right(180, 3, ROWS)), before, 0.05) == (
        "setting to use: accuracy −4.00 pt against before (95% −4.87 to −3.13; 3 seeds × 2,000 "
        "rows, paired): not worse by more than 5 pt"
    )


def test_a_difference_that_may_be_chance_is_no_failure() -> None:
    found = change(one(right(125, 3, ROWS)), earlier_of(one(right(100, 3, ROWS))))
    assert found.mean == pytest.approx(-0.0125)
    assert not found.is_failure


def test_better_is_never_a_failure() -> None:
    assert not change(one(right(20, 3, ROWS)), earlier_of(one(right(100, 3, ROWS)))).is_failure


def test_the_interval_is_that_of_differences_row_by_row() -> None:
    """Rows that both get wrong say nothing: 30 rows changed of 300 that are wrong."""
    now, before = one(right(330, 1, ROWS)), one(right(300, 1, ROWS))
    sample = change(now, earlier_of(before)).difference
    assert sample is not None
    # One seed, counts of rows: the variance with one more row each way (Bonett & Price).
    differences = np.concatenate([np.zeros(ROWS - 30), -np.ones(30), [1.0, -1.0]])
    assert sample.estimate.variance == pytest.approx(differences.var(ddof=1) / (ROWS + 2))
    assert (sample.seeds, sample.rows, sample.splits) == (1, ROWS, 1)


@pytest.mark.parametrize("seeds", [0, 1, 2, 7])
def test_other_seeds_pair_by_row_too(seeds: int) -> None:
    found = change(one(right(180, 3, ROWS), seeds=seeds), earlier_of(one(right(100, 3, ROWS))))
    assert (found.unpaired, found.is_failure) == ("", True)
    assert found.difference is not None
    assert found.difference.seeds == 3


def test_a_seed_that_both_have_is_compared_with_itself() -> None:
    """Seed 1 has the same rows wrong in both, so that only the others differ."""
    rng = np.random.default_rng(0)
    rows = (rng.random((3, ROWS)) > 0.1).astype(float)
    before = one(rows, seeds=0)
    now = one(rows[1:], seeds=1)
    found = change(now, earlier_of(before))
    assert found.difference is not None
    assert found.difference.estimate.mean == 0
    assert found.difference.seeds == 2


def loss_of(mean: float, rows: int = 200, seeds: int = 2) -> Grid:
    losses = np.random.default_rng(1).normal(mean, 0.001, (seeds, rows))
    made = Grid(task="regression")
    made.add(losses, l1=0.0)
    return made


def test_a_loss_is_compared_as_a_share_of_the_earlier_one() -> None:
    before = earlier_of(loss_of(2.0))
    assert change(loss_of(2.1), before).is_failure
    assert not change(loss_of(2.1), before, 0.06).is_failure
    assert not change(loss_of(1.9), before).is_failure
    assert said(loss_of(2.1), before).startswith("setting to use: loss +5.00% against before (95% ")


def test_other_rows_do_not_pair() -> None:
    before = one(right(100, 3, ROWS))
    now = one(right(130, 3, ROWS))
    data = now.records[0].data
    assert isinstance(data, DataSummary)
    other = data.model_copy(update={"fingerprint": "0" * 12})
    now.records = [run.model_copy(update={"data": other}) for run in now.records]
    assert said(now, earlier_of(before)) == (
        "setting to use: accuracy −1.50 pt against before, not paired: the validation rows "
        "differ; the mean is worse by more than 1 pt"
    )
    assert said(now, earlier_of(before), 0.02).endswith("; the mean is not worse by more than 2 pt")


def test_runs_without_rows_do_not_pair() -> None:
    before = one(right(100, 3, ROWS))
    before.rows.clear()
    assert change(one(right(100, 3, ROWS)), earlier_of(before)).unpaired == (
        "runs were stored without their rows"
    )


def test_a_metric_that_rows_say_nothing_of_does_not_pair() -> None:
    def scored(value: float) -> Grid:
        made = one(right(100, 2, ROWS), select_by="validation.average_precision")
        made.records = [
            run.model_copy(update={"metrics": {"validation": {"average_precision": value}}})
            for run in made.records
        ]
        return made

    found = change(scored(0.9), earlier_of(scored(0.95)))
    assert (found.unpaired, found.is_failure) == (
        "no row tells how sure validation.average_precision is",
        True,
    )


def test_another_metric_is_refused() -> None:
    now = one(right(100, 2, ROWS))
    before = loss_of(2.0)
    with pytest.raises(UsageError) as refused:
        change(now, earlier_of(before))
    assert str(refused.value) == (
        "before: has no validation.accuracy, which this sweep is compared by"
    )


def two_settings() -> Grid:
    made = Grid()
    losses = np.random.default_rng(0).normal(0.3, 0.2, (2, ROWS))
    made.add(losses, right(100, 2, ROWS), l1=0.0)
    made.add(losses + 0.001, right(101, 2, ROWS), nonzero=120, l1=0.01)
    return made


def written(made: Grid, verdict: bool = True) -> dict[str, Any]:
    """The JSON document of a sweep, as it reads back."""
    sweep = SweepRecord(
        id="5" * 12, name="s", engine="keras", seconds=1.0, run_ids=(), created="2026-01-01"
    )
    given = judge(by_setting(made.records), made.rows.get) if verdict else None
    document = sweep_document(sweep, 0, made.records, verdict=given)
    found: dict[str, Any] = json.loads(json.dumps(document))
    return found


def from_document(document: Mapping[str, Any], stored: Grid | None = None) -> Earlier:
    records, use = read_document(json.dumps(document), "p.json")
    kept = {} if stored is None else {run.id: run for run in stored.records}
    rows = {} if stored is None else stored.rows
    return of_document("p.json", records, use, kept, rows.get)


def test_the_setting_to_use_of_a_document() -> None:
    found = from_document(written(two_settings()))
    assert found.setting.settings["l1"] == 0.01
    assert change(one(right(131, 2, ROWS)), found).unpaired == "its runs are not in this store"
    assert change(one(right(131, 2, ROWS)), found).is_failure
    assert not change(one(right(111, 2, ROWS)), found).is_failure


def test_a_document_whose_runs_are_stored_pairs() -> None:
    made = two_settings()
    found = change(one(right(101, 2, ROWS)), from_document(written(made), made))
    assert found.unpaired == ""


def test_a_run_that_was_trained_again_since_is_not_that_of_the_document() -> None:
    made = two_settings()
    document = written(made)
    for run in document["runs"]:
        run["metrics"]["validation"]["accuracy"] += 0.001
    found = change(one(right(101, 2, ROWS)), from_document(document, made))
    assert found.unpaired == "its runs are not in this store"


def test_a_document_without_a_verdict() -> None:
    with pytest.raises(UsageError) as refused:
        from_document(written(two_settings(), verdict=False))
    assert str(refused.value) == (
        "p.json: has no verdict, so nothing says which of its settings to use"
    )
    alone = from_document(written(one(right(9)), verdict=False))
    assert alone.setting.settings["l1"] == 0.0


RULE = "p.json: must be a JSON document of a sweep, as regcli writes it"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", f"{RULE}; line 1 is not JSON"),
        ('{\n"runs": [1,', f"{RULE}; line 2 is not JSON"),
        ("[]", f"{RULE}; it has no runs"),
        ("{}", f"{RULE}; it has no runs"),
        ('{"schema_version": 1, "runs": ["a"]}', f"{RULE}; it has no runs"),
        ('{"schema_version": 1, "runs": [{"id": "a"}]}', f"{RULE}; a run in it is not complete"),
        ('{"schema_version": 9, "runs": []}', f"{RULE}, of version 1; its version is 9"),
        ('{"schema_version": 1, "runs": [], "verdict": 3}', f"{RULE}; it has no runs"),
        ("[" * 100_000, f"{RULE}; it has no runs"),
    ],
)
def test_what_is_no_document(text: str, message: str) -> None:
    with pytest.raises(UsageError) as refused:
        read_document(text, "p.json")
    assert str(refused.value) == message


def outcomes(rng: np.random.Generator, accuracy: Floats, seeds: int) -> Floats:
    """Which rows of a model are right: some rows are harder, and each seed differs a little."""
    noise = rng.normal(0, 0.03, (seeds, 1))
    found: Floats = (rng.random((seeds, len(accuracy))) < accuracy + noise * 0.1).astype(float)
    return found


def reruns(loss: float, tolerance: float = 0.01, rows: int = 4000, seeds: int = 5) -> int:
    """How many of 20 reruns with other seeds fail, of a model that has lost so much."""
    rng = np.random.default_rng(20261127)
    # Rows of a hard and of an easy kind, as most data has: their accuracies average to 0.93.
    accuracy = np.where(rng.random(rows) < 0.1, 0.5, 0.978)
    before = earlier_of(one(outcomes(rng, accuracy, seeds)))
    failed = 0
    for number in range(1, 21):
        now = one(outcomes(rng, accuracy - loss, seeds), seeds=100 * number)
        failed += change(now, before, tolerance).is_failure
    return failed


@pytest.mark.parametrize("tolerance", [0.01, 0.0])
def test_reruns_with_other_seeds_hardly_ever_fail(tolerance: float) -> None:
    assert reruns(0.0, tolerance) <= 1


def test_a_loss_of_three_points_is_caught() -> None:
    assert reruns(0.03) >= 18
