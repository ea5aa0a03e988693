"""Tables fit the width they are given without cutting a number, and show text as it is."""

import io
import re
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from regcli.planning.events import Planned, RunStored
from regcli.report.contents import Column, Report, Row, Table, as_text
from regcli.report.counts import count_epochs, count_runs
from regcli.report.figures import COUNT, LOSS, PERCENT, SHARE, NumberStyle, figure
from regcli.report.formats import Format
from regcli.report.plan_runs import PlanRow, plan_view
from regcli.report.progress import PlainProgress, ending, setting_text
from regcli.report.run_documents import path_entry, run_entry
from regcli.report.run_list import run_list_view
from regcli.report.run_rows import run_rows
from regcli.report.setting_values import digits_for, short_texts, value_text
from regcli.report.side_by_side import comparison_view
from regcli.report.sink import Sink
from regcli.report.sweep_results import results_view
from regcli.report.writers import terminal
from regcli.report.writers.json_document import to_json
from regcli.results.records import RunRecord, RunState
from regcli.results.settings import Spread
from regcli.store.store_rows import RunSummary


def a_run(number: int, **settings: Any) -> RunRecord:
    return RunRecord(
        id=f"{number:012x}",
        name="digits",
        state=RunState.FINISHED,
        settings={},
        config={"name": "digits", "model": {"layers": "a text that is long"}, **settings},
        engine="keras",
        epochs=50,
        seconds=12.5,
        metrics={"train": {"data_loss": 0.123456 * (number + 1)}},
        created="2026-01-01T00:00:00+00:00",
    )


def a_sink(width: int) -> Sink:
    out, err = (Console(file=io.StringIO(), width=width, markup=False) for _ in range(2))
    return Sink(out, err)


def written(sink: Sink) -> list[str]:
    assert isinstance(sink.out.file, io.StringIO)
    return sink.out.file.getvalue().splitlines()


@pytest.mark.parametrize("width", [50, 80, 140, 10_000])
@pytest.mark.parametrize("count", [2, 3, 8])
def test_compared_runs_go_on_below(width: int, count: int) -> None:
    records = [a_run(number, strength=10.0**-number) for number in range(count)]
    sink = a_sink(width)
    sink.show(comparison_view(records))
    lines = written(sink)
    assert max(map(len, lines)) <= width
    words = " ".join(lines).split()
    assert [word for word in words if word.startswith("0000")] == [r.id for r in records]
    losses = {f"{record.metrics['train']['data_loss']:#.4g}" for record in records}
    assert losses <= set(words)


REFITTED = {"training": {"start_from": "00000000000a", "keep_zeros": True}}


def test_a_refitted_run_is_told_from_a_dense_one() -> None:
    point, refit = a_run(10), a_run(11, **REFITTED)
    assert [run_entry(run)["refit_of"] for run in (point, refit)] == [None, point.id]
    table = run_rows([point, refit])
    place = [column.key for column in table.columns].index("refit_of")
    assert [row.values[place] for row in table.rows] == [None, point.id]
    assert "refit_of" not in [column.key for column in run_rows([point]).columns]
    settings = {"l1": 0.0, "l2": 0.0, "seed": 3, "fold": None, "method": "penalty"}
    told = ending(refit.model_copy(update={"settings": settings}))
    assert told.startswith(f"refit of {point.id}, seed 3: train loss ")


def test_a_path_says_how_its_largest_strength_was_found() -> None:
    assert path_entry("l2", None) == {"along": "l2", "largest": None}
    found = path_entry("l1", (0.25, False))["largest"]
    assert found == {"strength": 0.25, "found_by": "trial"}


def test_runs_that_do_not_differ() -> None:
    records = [a_run(1), a_run(1)]
    sink = a_sink(80)
    sink.show(comparison_view(records))
    assert written(sink)[-1].strip() == "these runs do not differ"


PLAN = [
    ("3fa9c1d2e0b4", {"l1": 0.001, "model.layers.0.Dense.activation": "relu", "seed": 0}, None),
    ("77b0e2a1c9d8", {"l1": 0.0125, "model.layers.0.Dense.activation": "tanh", "seed": 0}, None),
]


def show_plan(sink: Sink, form: Format, runs: Sequence[PlanRow]) -> None:
    sink.show(plan_view(runs, {}), form)


def test_a_plan_has_a_column_for_each_key_that_differs() -> None:
    sink = a_sink(80)
    show_plan(sink, Format.TABLE, PLAN)
    rows = [line.split() for line in written(sink) if line.strip() and "──" not in line]
    assert rows == [
        ["run", "l1", "activation", "stored"],
        ["3fa9c1d2e0b4", "0.001", "relu", "to", "train"],
        ["77b0e2a1c9d8", "0.0125", "tanh", "to", "train"],
    ]


SPREADS = [
    (LOSS, 0.5, None, "0.5000"),
    (LOSS, 0.5, 0.0, "0.5000"),
    (LOSS, 9999.4, None, "9999"),
    (LOSS, 9999.6, None, "10,000"),
    (LOSS, -192_900.4, None, "-192,900"),
    (LOSS, 1_929_345.0, 23_000.0, "1,929,345 ±23,000"),
    (LOSS, 123_456_789.0, None, "123,456,789"),
    (LOSS, 1.5e12, None, "1.500e+12"),
    (LOSS, 0.08213, 0.00312, "0.0821 ±0.0031"),
    (LOSS, 2.3e-5, 1e-6, "2.30e-05 ±1.0e-06"),
    (LOSS, 2.3e-5, 3e-4, "2e-05 ±3.0e-04"),
    (LOSS, 0.0023, 0.00012, "0.00230 ±0.00012"),
    (LOSS, 0.5, 1e-7, "0.5000 ±<0.0001"),
    (SHARE, 0.91234, 0.0123, "0.912 ±0.012"),
    (SHARE, 0.00012, 0.0001, "0.0001 ±0.0001"),
    (PERCENT, 0.875, 0.0123, "87.5% ±1.2"),
    (PERCENT, 0.875, 0.0001, "87.5% ±<0.1"),
    (COUNT, 12345, 1000, "12,345 ±1,000"),
    (COUNT, 4.5, 0.70711, "4.5 ±0.7"),
]


@pytest.mark.parametrize(("style", "mean", "deviation", "text"), SPREADS)
def test_means_with_their_deviations(
    style: NumberStyle, mean: float, deviation: float | None, text: str
) -> None:
    assert str(figure(Spread(mean, deviation), style)) == text


def test_progress_names_a_method_that_is_not_keras_s() -> None:
    settings = {"l1": 0.5, "seed": 0, "fold": None}
    texts = [setting_text({**settings, "method": m}) for m in ("penalty", "proximal")]
    assert texts == ["l1 0.5, seed 0", "l1 0.5, seed 0, proximal"]


DECAYS = [
    {"ExponentialDecay": {"initial_learning_rate": rate, "decay_steps": 100, "decay_rate": 0.9}}
    for rate in (0.1, 0.01)
]


def test_values_are_written_as_they_would_be_called() -> None:
    assert [
        value_text(value)
        for value in (
            *(None, True, 0.000123456789, "relu", [8, 4], {"Dense": None}, {}),
            {"OrthogonalRegularizer": {"factor": 0.1}},
            {"name": "BinaryCrossentropy"},
            {"name": "sgd", "learning_rate": {"CosineDecay": {"decay_steps": 5}}},
            {"group": "inputs", "group_strength": 0.1},
        )
    ] == [
        *("none", "true", "0.0001235", "relu", "[8, 4]", "Dense", "()"),
        "OrthogonalRegularizer(factor=0.1)",
        "BinaryCrossentropy",
        "sgd(learning_rate=CosineDecay(decay_steps=5))",
        "(group=inputs, group_strength=0.1)",
    ]


SEED, BATCHES = [123456, 123457], [10_000, 10_001]


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        (SEED, ["123456", "123457"]),
        (BATCHES, ["10000", "10001"]),
        ([10**30, 10**30 + 1], ["1" + "0" * 30, "1" + "0" * 29 + "1"]),
        ([0.123451, 0.123454], ["0.123451", "0.123454"]),
        ([0.0012341, 0.0012344], ["0.0012341", "0.0012344"]),
        ([1e-3, 10**-2.5, 1e-2], ["0.001", "0.003162", "0.01"]),
        ([0.1 + 1e-12, 0.1 + 2e-12], ["0.100000000001", "0.100000000002"]),
        ([0.3, 0.1 + 0.2], ["0.3", "0.30000000000000004"]),
        ([1 / 3, 1 / 3 + 1e-5, 0.5], ["0.33333", "0.33334", "0.5"]),
        ([100000.0, 1234567.0], ["100000", "1234567"]),
        ([1, 1.0], ["1", "1"]),
        ([1e-300, 0.0], ["1e-300", "0"]),
        (
            [{"sgd": {"momentum": 0.1 + 1e-9}}, {"sgd": {"momentum": 0.1 + 2e-9}}],
            ["sgd(momentum=0.100000001)", "sgd(momentum=0.100000002)"],
        ),
        ([[1 / 3], [1 / 3 + 1e-6]], ["[0.333333]", "[0.333334]"]),
    ],
)
def test_different_values_look_different(values: list[object], texts: list[str]) -> None:
    digits = digits_for(values)
    assert [value_text(value, digits) for value in values] == texts
    sink = a_sink(100)
    show_plan(sink, Format.TABLE, [(str(n), {"x": value}, None) for n, value in enumerate(values)])
    shown = "\n".join(written(sink))
    assert len(set(texts)) == 1 or all(text in shown for text in texts)


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=8))
def test_no_two_numbers_look_the_same(values: list[float]) -> None:
    texts = {value_text(value, digits_for(values)) for value in values}
    assert len(texts) == len(set(values))
    short = short_texts(values)
    assert all(short[value_text(value, digits_for(values))] in texts for value in values)


def test_progress_tells_settings_apart() -> None:
    told = io.StringIO()
    progress = PlainProgress(Sink(Console(), Console(file=told, width=200)))
    records = [
        a_run(number).model_copy(update={"settings": {"l1": l1, "seed": 123456 + number}})
        for number, l1 in enumerate([1 / 3, 1 / 3 + 1e-7])
    ]
    progress(Planned(2, 0, 10, [record.settings for record in records]))
    for record in records:
        progress(RunStored(record))
    assert [line.partition(":")[0] for line in told.getvalue().splitlines()] == [
        "[1/2] l1 0.3333333, seed 123456",
        "[2/2] l1 0.3333334, seed 123457",
    ]


def test_values_are_shortened_to_what_tells_them_apart() -> None:
    regularizer = {"OrthogonalRegularizer": {"factor": 0.1}}
    assert list(short_texts([None, regularizer]).values()) == ["none", "OrthogonalRegular…"]
    few = [{"L2": {"l2": l2, "name": "w"}} for l2 in (1, 2)]
    assert list(short_texts(few).values()) == ["L2(…, l2=1)", "L2(…, l2=2)"]
    assert list(short_texts(DECAYS).values()) == [
        *("Exponent…rate=0.1)", "Exponent…ate=0.01)"),
    ]
    texts = ["a" * 30, "b" * 30]
    assert list(short_texts(texts).values()) == ["a" * 17 + "…", "b" * 17 + "…"]


def test_a_long_setting_leaves_room_for_results() -> None:
    key, regularizer = "model.layers.0.Dense.kernel_regularizer", "OrthogonalRegularizer"
    runs = [
        a_run(number).model_copy(update={"settings": {key: value}})
        for number, value in enumerate([None, {regularizer: {"factor": 0.125, "mode": "columns"}}])
    ]
    sinks = [a_sink(width) for width in (60, 140)]
    for sink in sinks:
        sink.show(results_view(runs))
    narrow, wide = ("\n".join(written(sink)) for sink in sinks)
    assert "OrthogonalRegular…" in narrow
    assert "OrthogonalRegularizer(factor=0.125, mode=columns)" in wide
    assert all("0.1235" in text for text in (narrow, wide))


def test_a_plan_that_is_too_wide_has_one_column_for_the_setting() -> None:
    sink = a_sink(42)
    show_plan(sink, Format.TABLE, PLAN)
    lines = written(sink)
    assert max(map(len, lines)) <= 42
    text = "\n".join(lines).replace("\u00a0", " ")
    assert "l1 0.001," in text
    assert "activation relu" in text


@pytest.mark.parametrize(
    ("count", "last"),
    [
        (1000, " run999   999   to train"),
        (1001, "and 1 more; the formats json, csv and md show all"),
        (3000, "and 2,000 more; the formats json, csv and md show all"),
    ],
)
def test_a_very_large_plan_is_shown_by_its_first_runs(count: int, last: str) -> None:
    sink = a_sink(44)
    show_plan(sink, Format.TABLE, [(f"run{n}", {"l1": n}, None) for n in range(count)])
    lines = written(sink)
    shown = [line.split()[0] for line in lines if line.endswith("to train")]
    assert shown == [f"run{n}" for n in range(1000)]
    assert " ".join(lines[-2:]).endswith(last)


def test_a_plan_as_csv_and_markdown() -> None:
    sink = a_sink(44)
    show_plan(sink, Format.CSV, PLAN)
    show_plan(sink, Format.MD, PLAN)
    assert written(sink) == [
        "id,l1,model.layers.0.Dense.activation,seed,stored",
        "3fa9c1d2e0b4,0.001,relu,0,",
        "77b0e2a1c9d8,0.0125,tanh,0,",
        "| run | l1 | activation | stored |",
        "| --- | ---: | ---: | --- |",
        "| 3fa9c1d2e0b4 | 0.001 | relu | to train |",
        "| 77b0e2a1c9d8 | 0.0125 | tanh | to train |",
    ]


def test_numbers_that_are_not_finite_are_null_in_json() -> None:
    found = to_json({"a": [float("nan"), {"b": (float("inf"), 1.5)}], "c": True})
    assert "".join(found.split()) == '{"a":[null,{"b":[null,1.5]}],"c":true}'


@pytest.mark.parametrize(("count", "runs"), [(0, "0 runs"), (1, "1 run"), (2345, "2,345 runs")])
def test_counts(count: int, runs: str) -> None:
    assert count_runs(count) == runs
    assert count_epochs(count) == runs.replace("run", "epoch")


@pytest.mark.parametrize("fold", [None, 3])
def test_a_list_of_runs_has_folds_where_there_are_any(fold: int | None) -> None:
    fields: dict[str, Any] = dict.fromkeys(RunSummary.__slots__)
    run = RunSummary(**{**fields, "id": "aaaa", "state": RunState.FINISHED, "fold": fold})
    sink = a_sink(200)
    sink.show(run_list_view([(run, ())]), Format.TABLE)
    heads, *_ = (line.split() for line in written(sink) if line.strip())
    assert ("fold" in heads) == (fold is not None)


def test_a_key_and_its_value_stay_on_one_line_unless_they_are_long() -> None:
    values = [f"first\u00a0{number}, second\u00a0{number}" for number in (1.5, 2.5)]
    long = f"optimizer\u00a0{'x' * 30}"
    columns = [
        Column("setting", "setting", as_text, justify="left", wraps=True),
        Column("loss", "loss", as_text),
    ]
    table = Table(columns, [Row([value, "0.25"]) for value in (*values, long)])
    for width in range(20, 60):
        console = Console(file=io.StringIO(), width=width)
        lines = terminal.text(Report((table,)), console).splitlines()
        joined = [line for line in lines if "first" in line or "second" in line]
        assert all(re.search(r"(first|second)\u00a0\d", line) for line in joined), (
            f"at {width} columns"
        )
        assert max(map(len, lines)) <= max(width, 40)
