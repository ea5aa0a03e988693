"""Sections of a page that are made from settings alone."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from judged import Grid, right

from regcli.report.pages.data_section import data_section
from regcli.report.pages.page import Section, Sheet
from regcli.report.pages.settings_section import settings_section
from regcli.report.pages.slices import plot_key
from regcli.results.records import RunRecord
from regcli.results.settings import by_setting
from regcli.store.store import Store, open_store
from regcli.workflows.stored_evidence import Evidence


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path) as opened:
        yield opened


def evidence(store: Store, records: Sequence[RunRecord]) -> Evidence:
    """Runs without a verdict."""
    return Evidence(store, (), by_setting(records), 0, {}, "", None)


def runs(*strengths: float) -> list[RunRecord]:
    grid = Grid()
    for strength in strengths:
        grid.add(1 - right(10), right(10), l1=strength)
    return grid.records


def sheet(section: Section) -> Sheet:
    first = section.blocks[0]
    assert isinstance(first, Sheet)
    return first


@pytest.mark.parametrize(("strengths", "has_tests"), [((0.0, 0.1), False), ((0.1,), True)])
def test_without_a_verdict_one_setting_alone_has_its_test_scores(
    strengths: tuple[float, ...], has_tests: bool, store: Store
) -> None:
    table = sheet(settings_section(evidence(store, runs(*strengths)))).table
    places = [n for n, column in enumerate(table.columns) if column.key.startswith("test.")]
    assert places
    shown = [row.values[n] is not None for row in table.rows for n in places]
    assert set(shown) == {has_tests}


def test_the_baseline_has_an_answer_for_each_metric(store: Store) -> None:
    (run, *_) = runs(0.1)
    assert run.data is not None
    scores = {"accuracy": 0.5, "log_loss": 0.6931, "f1": None}
    data = run.data.model_copy(update={"baseline": {"validation": scores, "test": scores}})
    table = sheet(data_section(evidence(store, [run.model_copy(update={"data": data})]))).table
    assert dict(row.values for row in table.rows)["baseline"] == (
        "the best constant answer for each metric, on validation rows: accuracy 0.5, "
        "log_loss 0.6931"
    )


def test_the_baseline_of_folds_is_their_mean_as_below_the_table(store: Store) -> None:
    grid = Grid()
    for l1 in (0.0, 0.1):
        for fold in range(2):
            grid.add(1 - right(10, 1), right(10, 1), fold=(fold, 2, 0), l1=l1)
    records = []
    for run in grid.records:
        assert run.data is not None
        baseline = {"validation": {"accuracy": 0.5 + 0.25 * run.settings["fold"]}}
        data = run.data.model_copy(update={"baseline": baseline})
        records.append(run.model_copy(update={"data": data}))
    table = sheet(data_section(evidence(store, records))).table
    assert dict(row.values for row in table.rows)["baseline"].endswith(": accuracy 0.625")


def test_plots_of_other_names_have_other_keys() -> None:
    names = ["dense_1.l1", "dense-1.l1", "dense 1.l1", "dense/1.l1", "dense~1.l1", "dense1.l1"]
    keys = [plot_key("path", name) for name in names]
    assert keys[:3] == ["path-dense_1.l1", "path-dense-1.l1", "path-dense~20~1.l1"]
    assert len(set(keys)) == len(names)
