"""One run in full: what its inputs are called, and what a sweep's table has of them."""

import io
from typing import Any

import pytest
from rich.console import Console

from regcli.report.run_view import columns_text, run_report
from regcli.report.sweep_results import results_report
from regcli.report.writers import terminal
from regcli.results.records import (
    AfterZeroing,
    DataSummary,
    LayerSparsity,
    Optimality,
    RunRecord,
    RunState,
    Sparsity,
)

COLUMNS = tuple(f"x_{number}" for number in range(10))


def a_run(active: tuple[str, ...], **changes: Any) -> RunRecord:
    """A net of 10 inputs and 8 units; near zeros zeroed, x_3 and one unit are left."""
    sparsity = Sparsity(
        exact=0.5,
        near=0.9,
        threshold=1e-3,
        nonzero=44,
        total=88,
        active_inputs=len(active),
        live_units={"dense": 5},
        layers=(
            LayerSparsity(
                name="dense",
                shape=(10, 8),
                exact=0.5,
                near=0.9,
                nonzero=40,
                gzip_bytes=200,
                norm=2.5,
                largest=0.75,
            ),
            LayerSparsity(
                name="output",
                shape=(8, 1),
                exact=0.5,
                near=0.9,
                nonzero=4,
                gzip_bytes=50,
                norm=6.0,
                largest=2.0,
            ),
        ),
        active_columns=active,
        precision=0.25,
        recall=1.0,
        f1=0.4,
        gzip_bytes=250,
        norm=6.5,
        largest=2.0,
        after_zeroing=AfterZeroing(
            nonzero=9,
            active_inputs=1,
            live_units={"dense": 1},
            active_columns=("x_3",),
            precision=1.0,
            recall=0.5,
            f1=2 / 3,
            metrics={"train": {"data_loss": 0.5, "r2": 0.75, "mae": 0.25}},
        ),
    )
    data = DataSummary(
        source="rows.csv",
        fingerprint="f00",
        task="regression",
        rows={"train": 100},
        input_shape=(10,),
        columns=COLUMNS,
        true_columns=("x_3", "x_4"),
    )
    scores = {"data_loss": 0.125, "penalty": 0.25, "objective": 0.375, "r2": 0.875, "mae": 0.5}
    values: dict[str, Any] = {
        "id": "3fa9c1d2e0b4",
        "name": "mine",
        "state": RunState.FINISHED,
        "settings": {"l1": 0.5, "seed": 0},
        "config": {},
        "engine": "keras",
        "epochs": 3,
        "seconds": 1.5,
        "metrics": {"train": scores, "validation": {}, "test": {}},
        "sparsity": sparsity,
        "data": data,
        "created": "2026-01-01T00:00:00+00:00",
    }
    return RunRecord(**{**values, **changes})


def shown(record: RunRecord, width: int = 80) -> list[str]:
    console = Console(file=io.StringIO(), width=width, markup=False)
    return terminal.text(run_report(record), console).splitlines()


VIEW = """
                      train
 ──────────────────────────
 data_loss           0.1250
 penalty             0.2500
 objective           0.3750
 r2                  0.8750
 mae                 0.5000

 data_loss, pruned   0.5000
 r2, pruned          0.7500
 mae, pruned         0.2500

pruned: weights below 0.001 in magnitude set to 0

                exact   near  non-zero                  gzip   live  live units
 kernel  shape  zeros  zeros   weights   norm  largest  size  units      pruned
 ──────────────────────────────────────────────────────────────────────────────
 dense   10×8   50.0%  90.0%        40  2.500   0.7500   200      5           1
 output  8×1    50.0%  90.0%         4  6.000    2.000    50      –           –

 all            50.0%  90.0%        44  6.500    2.000   250

exact = 0.0, near = magnitude below 0.001; norm √ΣW², largest max|W|; gzip in
bytes

                 as trained         pruned
 ──────────────────────────────────────────
 active inputs   8 of 10            1 of 10
                 all but x_8, x_9   x_3
 precision       0.2500             1.0000
 recall          1.0000             0.5000
 F1              0.4000             0.6667

true columns: x_3, x_4
"""


def test_a_run() -> None:
    lines = shown(a_run(COLUMNS[:8]))
    start = next(n for n, line in enumerate(lines) if line.strip() == "train") - 1
    assert "\n".join(lines[start:]) + "\n" == VIEW


def test_a_run_says_what_its_config_adds_to_its_strengths() -> None:
    config = {
        "regularization": {
            "group": "units",
            "group_strength": 0.25,
            "bias": {"l1": 0.0, "l2": 0.5},
        },
        "training": {"start_from": "77b0e2a1c9d8", "keep_zeros": True},
    }
    optimality = Optimality(
        residual=0.00025, pull=2.0, relative=0.000125, settled=False, polish_steps=1200
    )
    rows = [
        line.split() for line in shown(a_run(COLUMNS, config=config, optimality=optimality), 140)
    ]
    for row in (
        ["regularization.group", "units"],
        ["regularization.group_strength", "0.25"],
        ["regularization.bias.l2", "0.5"],
        ["refit", "of", "77b0e2a1c9d8"],
    ):
        assert row in rows
    (optimum,) = [row for row in rows if row[:1] == ["optimum"]]
    assert " ".join(optimum[1:]) == (
        "not converged after 1,200 polish steps: relative residual 0.00013 (residual 0.00025)"
    )


def test_a_certified_run_shows_its_gap_and_another_why_it_has_none() -> None:
    measured = Optimality(
        residual=1e-9, pull=2.0, relative=1e-8, settled=True, polish_steps=7, gap=2.5e-13
    )
    lost = measured.model_copy(update={"settled": False, "gap": None, "reason": "no minimum"})
    for optimality, text in (
        (measured, "converged after 7 polish steps: relative duality gap 2.5e-13"),
        (
            lost,
            "not converged after 7 polish steps: relative residual 1e-08 (residual 1e-09); "
            "no minimum",
        ),
    ):
        rows = [line.split() for line in shown(a_run(COLUMNS, optimality=optimality), 140)]
        (optimum,) = [row for row in rows if row[:1] == ["optimum"]]
        assert " ".join(optimum[1:]) == text


@pytest.mark.parametrize("width", [80, 140])
def test_a_run_fits(width: int) -> None:
    assert max(map(len, shown(a_run(COLUMNS[:8]), width))) <= width


def test_a_run_of_before_after_zeroing_was_measured() -> None:
    text = a_run(COLUMNS[:8]).model_dump()
    for key in ("after_zeroing", "gzip_bytes", "active_columns", "precision", "recall", "f1"):
        del text["sparsity"][key]
    lines = shown(RunRecord.model_validate(text))
    assert "data_loss, pruned" not in "\n".join(lines)
    assert [line.split() for line in lines if "active inputs" in line] == [
        ["active", "inputs", "8", "of", "10"]
    ]


def test_noise_columns_that_are_still_used_are_counted() -> None:
    run = a_run(COLUMNS[:8], config={"dataset": {"noise_features": 4}})
    assert run.sparsity is not None
    assert run.sparsity.after_zeroing is not None
    after = run.sparsity.after_zeroing.model_copy(update={"active_noise": 0})
    counted = {"active_noise": 2, "after_zeroing": after}
    noisy = run.model_copy(update={"sparsity": run.sparsity.model_copy(update=counted)})
    (line,) = [line for line in shown(noisy) if "active inputs" in line]
    assert line.split("   ") == [
        " active inputs",
        "8 of 10, 2 of 4 noise columns",
        "1 of 10, 0 of 4 noise columns",
    ]


NAMES = {
    (): "none",
    ("a",): "a",
    ("a", "c"): "a, c",
    ("a", "b", "d"): "all but c",
    ("a", "b", "c", "d"): "",
    None: "",
}


@pytest.mark.parametrize("active", NAMES)
def test_names_of_columns(active: tuple[str, ...] | None) -> None:
    assert columns_text(active, ("a", "b", "c", "d")) == NAMES[active]


def test_names_with_commas_are_quoted() -> None:
    assert columns_text(["a", "b, c"], ["a", "b, c", "d", "e"]) == 'a, "b, c"'


def test_many_names_end_in_a_count() -> None:
    columns = [f"x_{number}" for number in range(100)]
    assert columns_text(columns[:45], columns) == f"{', '.join(columns[:40])} and 5 more"


def heads(records: list[RunRecord]) -> str:
    return terminal.text(results_report(records), Console(file=io.StringIO(), width=300))


def test_a_sweep_shows_what_is_left_only_where_something_is_gone() -> None:
    some = a_run(COLUMNS[:8])
    assert some.sparsity is not None
    whole = some.sparsity.model_copy(update={"active_inputs": 10, "live_units": {"dense": 8}})
    every = some.model_copy(update={"sparsity": whole, "settings": {"l1": 0.0, "seed": 0}})
    table = heads([every, some])
    assert "active" in table.splitlines()[1]
    assert "units" in table.splitlines()[2]
    assert "active" not in heads([every])
    assert "units" not in heads([every])
