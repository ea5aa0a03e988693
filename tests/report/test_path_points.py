"""The table of a path, and what tables say of zeros that a method does not make."""

import io
from typing import Any

import pytest
from rich.console import Console

from regcli.report.contents import Report
from regcli.report.path_points import path_report
from regcli.report.sweep_results import results_report
from regcli.report.writers import terminal
from regcli.results.records import DataSummary, Optimality, RunRecord, RunState, Sparsity

DATA = DataSummary(
    source="digits",
    fingerprint="f00",
    task="multiclass",
    rows={"train": 1079, "validation": 359, "test": 359},
    input_shape=(64,),
    columns=tuple(f"x_{number}" for number in range(64)),
)


def a_run(number: int, l1: float, nonzero: int, settled: bool = True, **changes: Any) -> RunRecord:
    """A run that scores the better the fewer weights it has, but for none."""
    loss = 1.0 if nonzero == 0 else 0.1 + nonzero / 1000
    scores = {"data_loss": loss, "penalty": 0.0, "objective": loss, "accuracy": 1 - loss / 2}
    values: dict[str, Any] = {
        "id": f"{number:012x}",
        "name": "digits",
        "state": RunState.FINISHED,
        "settings": {"l1": l1, "l2": 0.0, "seed": 0, "fold": None, "method": "proximal"},
        "config": {},
        "engine": "population",
        "epochs": 50,
        "seconds": 1.5,
        "metrics": dict.fromkeys(("train", "validation", "test"), scores),
        "sparsity": Sparsity(
            exact=1 - nonzero / 640,
            near=1 - nonzero / 640,
            threshold=1e-3,
            nonzero=nonzero,
            total=640,
            active_inputs=min(64, nonzero),
            live_units={"dense": min(8, nonzero)},
            layers=(),
        ),
        "optimality": Optimality(
            residual=0.1, pull=1.0, relative=0.1, settled=settled, polish_steps=200
        ),
        "data": DATA,
        "created": "2026-01-01T00:00:00+00:00",
    }
    return RunRecord(**{**values, **changes})


PATH = [a_run(1, 0.001, 600), a_run(2, 0.01, 80, settled=False), a_run(3, 0.1, 0)]


def lines_of(report: Report, width: int) -> list[str]:
    console = Console(file=io.StringIO(), width=width, markup=False)
    return [line.strip() for line in terminal.text(report, console).splitlines() if line.strip()]


def shown(records: list[RunRecord], width: int, refitted: Any = None) -> list[str]:
    return lines_of(path_report(records, refitted or {}), width)


def sweep_caption(records: list[RunRecord]) -> list[str]:
    (table,) = results_report(records).tables
    return [note.text for note in table.notes]


def test_a_row_a_strength_with_what_is_left() -> None:
    lines = shown(PATH, 80)
    assert [line.split() for line in lines[:6]] == [
        ["non-", "active", "train", "val", "val", "test"],
        ["l1", "zero", "inputs", "loss", "loss", "gap", "acc.", "acc.", "run"],
        [lines[2]],
        ["0.001", "600", "64", "0.7000", "0.7000", "0", "0.6500", "0.6500", "00000000"],
        *(["0.01", "80", "~", "64", "0.1800", "★", "0.1800", "0", "0.9100", "0.9100", "00000000"],),
        ["0.1", "0", "0", "1.000", "1.000", "0", "0.5000", "0.5000", "00000000"],
    ]
    assert " ".join(lines[6:]) == (
        "digits: 1,079 train, 359 validation, 359 test rows "
        "each point starts from the weights of the one above it "
        "★ lowest validation loss (data loss, without penalty) "
        "~ not converged: more training.polish may change losses and which weights are zero "
        "gap: validation loss − train loss left out to fit the width: live units"
    )
    assert set(lines[2]) == {"─"}


def test_what_all_points_have_is_told() -> None:
    group = {"l2": 0.5, "regularization.group": "units"}
    points = [
        record.model_copy(update={"settings": {**record.settings, **group}}) for record in PATH
    ]
    assert "l2 0.5, group units" in shown(points, 80)
    assert not [line for line in shown(PATH, 80) if "l2" in line]


def test_seeds_are_gathered() -> None:
    again = [
        a_run(10 + place, record.settings["l1"], nonzero)
        for place, (record, nonzero) in enumerate(zip(PATH, [620, 90, 0], strict=True))
    ]
    again = [
        record.model_copy(update={"settings": {**record.settings, "seed": 1}}) for record in again
    ]
    lines = shown(PATH + again, 140)
    assert lines[3].split()[:3] == ["0.001", "610", "±14"]
    assert len([line for line in lines if line.startswith("0.")]) == 3


def test_a_mean_of_fewer_seeds_says_so() -> None:
    again = a_run(11, 0.001, 620)
    again = again.model_copy(update={"settings": {**again.settings, "seed": 1}})
    rows = [line.split() for line in shown([*PATH, again], 140)]
    assert [row[1:4] for row in rows[3:6]] == [["2", "of", "2"], ["1", "of", "2"], ["1", "of", "2"]]
    assert "seeds" not in [word for line in shown(PATH, 140) for word in line.split()]


def test_refitted_scores_stand_beside_the_points() -> None:
    refitted = {PATH[0].id: a_run(7, 0.0, 300, settings={"l1": 0.0, "seed": 0})}
    lines = shown(PATH, 140, refitted)
    assert lines[0].split()[-4:] == ["refit", "validation", "refit", "test"]
    assert lines[3].split()[-4:-1] == ["0.6500", "0.8000", "0.8000"]
    assert lines[4].split()[-4:-1] == ["0.9100", "–", "–"]
    note = (
        "refit: not polished; training ended after its epochs, which may be too few to undo the "
        "shrinkage"
    )
    assert note not in lines  # it was polished
    plain = {PATH[0].id: refitted[PATH[0].id].model_copy(update={"optimality": None})}
    assert note in shown(PATH, 140, plain)
    assert not [line for line in shown(PATH, 140) if line.startswith("refit")]
    narrow = shown(PATH, 80, refitted)
    assert max(map(len, narrow)) <= 80
    assert [line.split() for line in narrow[:2]] == [
        ["non-", "train", "val", "val", "test", "refit"],
        ["l1", "zero", "loss", "loss", "gap", "acc.", "acc.", "test", "run"],
    ]


def test_80_columns_hold_what_is_left_and_how_well_it_does() -> None:
    strengths = [0.0004642, 0.002154, 0.01]
    points = [
        a_run(
            10 * seed + place,
            l1,
            12_345 + seed,
            settings={"l1": l1, "l2": 0.0, "seed": seed, "fold": None, "method": "proximal"},
        )
        for seed in range(2)
        for place, l1 in enumerate(strengths)
    ]
    refitted = {point.id: a_run(100 + n, 0.0, 300) for n, point in enumerate(points)}
    lines = shown(points, 80, refitted)
    assert max(map(len, lines)) <= 80
    assert lines[1].split() == ["l1", "zero", "loss", "loss", "gap", "acc.", "test", "run"]
    assert lines[3].split()[:2] == ["0.0004642", "12,345.5"]
    left_out = "left out to fit the width: deviations over seeds, refit validation accuracy"
    assert left_out in " ".join(lines)


def unconverged(steps: int) -> Optimality:
    return Optimality(residual=0.1, pull=1.0, relative=0.1, settled=False, polish_steps=steps)


WHAT = "may change losses and which weights are zero"
NOTES = {
    "none of two": ([False, False], 200, f"no run has converged: more training.polish {WHAT}"),
    "one of two": ([True, False], 200, f"~ not converged: more training.polish {WHAT}"),
    "one alone": ([False], 200, f"not converged: more training.polish {WHAT}"),
    "without steps": ([False, False], 0, f"no run has converged: longer training {WHAT}"),
    "all": ([True, True], 200, None),
}


@pytest.mark.parametrize("case", NOTES)
def test_zeros_that_have_not_converged_are_marked_where_others_have(case: str) -> None:
    settled, steps, note = NOTES[case]
    points = [a_run(n, 10.0**n, 80) for n, _ in enumerate(settled)]
    points = [
        point if is_settled else point.model_copy(update={"optimality": unconverged(steps)})
        for point, is_settled in zip(points, settled, strict=True)
    ]
    for lines in (shown(points, 200), lines_of(results_report(points), 200)):
        text = " ".join(lines)
        assert (note in text) if note else ("converged" not in text)
        marks = [line for line in lines if "0.9" in line and "~" in line]
        assert len(marks) == (case == "one of two")


def test_a_setting_of_which_some_seeds_have_converged_has_not() -> None:
    again = a_run(9, 0.01, 80)
    again = again.model_copy(update={"settings": {**again.settings, "seed": 1}})
    lines = shown([PATH[1], again], 140)
    note = f"no setting has converged with every seed: more training.polish {WHAT}"
    assert note in " ".join(lines)


def test_settings_with_losses_of_their_own_are_ranked_by_the_score() -> None:
    points = [
        record.model_copy(update={"settings": {**record.settings, "training.loss": name}})
        for record, name in zip(PATH[:2], ["Poisson", "KLDivergence"], strict=True)
    ]
    for lines in (shown(points, 200), lines_of(results_report(points), 200)):
        (row,) = [line for line in lines if line.startswith(("0.01 ", "KLD")) or " KLD" in line]
        assert "★ 0.9100" in row
        assert "★ highest validation accuracy: runs use different losses" in " ".join(lines)


def penalised(number: int, l1: float, nonzero: int) -> RunRecord:
    settings = {"l1": l1, "l2": 0.0, "seed": 0, "fold": None, "method": "penalty"}
    return a_run(number, l1, nonzero, settings=settings, optimality=None)


def test_both_methods_are_rows_of_their_own() -> None:
    lines = lines_of(results_report([penalised(1, 0.1, 640), a_run(2, 0.1, 64)]), 200)
    (header,) = [line for line in lines if "method" in line]
    assert header.split()[0] == "method"
    rows = [line.split() for line in lines if line.split()[0] in {"penalty", "proximal"}]
    assert [row[0] for row in rows] == ["penalty", "proximal"]
    assert ["0.0%" in row for row in rows] == [True, False]
    assert "90.0%" in rows[1]


def test_whoever_asks_a_penalty_for_zeros_is_told_where_they_are_made() -> None:
    note = "1 of 1,280 weights are exactly 0 with l1; method proximal gives exact zeros"
    asked = [penalised(1, 0.01, 640), penalised(2, 0.1, 639)]
    assert sweep_caption([penalised(0, 0.0, 640), *asked])[-1] == note
    for records in (
        [penalised(0, 0.0, 640)],  # nobody asked
        [*asked, a_run(3, 0.1, 100)],  # it stands beside them
        [penalised(1, 0.1, 320)],  # there are zeros
    ):
        assert not [line for line in sweep_caption(records) if "as a penalty" in line]


def of_split(number: int, key: str, value: float, rows: int) -> RunRecord:
    """A run whose split differs from that of others in one key of the data set."""
    return a_run(
        number,
        0.01,
        80,
        settings={**PATH[1].settings, key: value},
        config={"dataset": {"seed": value if key == "dataset.seed" else 0}},
        data=DATA.model_copy(update={"rows": {"train": 1438 - rows, "validation": rows}}),
    )


def test_settings_with_validation_rows_of_their_own_have_no_star() -> None:
    """The numbers of another split are no better or worse: its rows are other ones."""
    records = [
        of_split(1, "dataset.validation", 0.2, 359),
        of_split(2, "dataset.validation", 0.1, 180),
    ]
    for lines in (shown(records, 200), lines_of(results_report(records), 200)):
        assert "No best setting: runs use different validation rows." in lines
        assert not any("★" in line for line in lines)
        assert any(line.split()[0] == "validation" for line in lines)
        assert "digits: 1,079 train, 359 validation rows" not in lines


def test_splits_are_averaged_as_seeds_are() -> None:
    """Nobody chooses between splits: runs that differ in theirs are one setting."""
    records = [of_split(number, "dataset.seed", number, 359) for number in (1, 2)]
    lines = lines_of(results_report(records), 200)
    assert "digits: 1,079 train, 359 validation rows" in lines
    assert "mean ± standard deviation over 2 splits" in lines
    assert any(line.endswith(" +1") for line in lines)


def test_tables_say_which_of_the_losses_holds_class_weights() -> None:
    note = "The objective includes class weights; the losses shown do not."
    balanced = {"config": {"training": {"class_weight": "balanced"}}}
    assert note in sweep_caption([a_run(1, 0.1, 80, **balanced), PATH[1]])
    assert note in shown([a_run(1, 0.1, 80, **balanced)], 140)
    assert note not in sweep_caption(PATH)


@pytest.mark.parametrize(
    ("dataset", "note"),
    [
        ({"weights": "w"}, "The objective includes row weights; the losses shown do not."),
        (
            {"target": {"column": "y", "log": True, "scale": "standard"}},
            "Losses are those of the logarithm of the target, scaled; metrics are in its own unit.",
        ),
        (
            {"target": {"column": "y", "log": False, "scale": "standard"}},
            "Losses are those of the target, scaled; metrics are in its own unit.",
        ),
    ],
)
def test_tables_say_what_losses_are_of(dataset: dict[str, Any], note: str) -> None:
    own = {"config": {"dataset": dataset}}
    assert note in sweep_caption([a_run(1, 0.1, 80, **own), a_run(2, 0.2, 70, **own)])
    assert note in shown([a_run(1, 0.1, 80, **own)], 140)
    assert note not in sweep_caption(PATH)


def test_losses_on_several_scales_are_told() -> None:
    log = {"config": {"dataset": {"target": {"column": "y", "log": True}}}}
    caption = sweep_caption([a_run(1, 0.1, 80, **log), PATH[1]])
    note = "Losses are those of the target as each setting scales it; metrics are in its own unit."
    assert note in caption


NOT_POLISHED = (
    "not polished; training ended after its epochs, while the other rows continued with "
    "full-batch steps, which also makes losses differ"
)


@pytest.mark.parametrize(
    ("methods", "note"),
    [
        (("penalty", "proximal"), f"penalty: {NOT_POLISHED}"),
        (("proximal", "proximal"), f"some runs: {NOT_POLISHED}"),
    ],
    ids=str,
)
def test_rows_that_are_not_polished_beside_others_are_named(
    methods: tuple[str, str], note: str
) -> None:
    def a_row(number: int, method: str, optimality: Optimality | None) -> RunRecord:
        run = a_run(number, 0.1, 80)
        settings = {**run.settings, "method": method}
        return run.model_copy(update={"settings": settings, "optimality": optimality})

    polished = a_run(1, 0.1, 80).optimality

    def text(*runs: RunRecord) -> str:
        return " ".join(" ".join(lines_of(results_report(runs), 200)).split())

    other = a_row(2, methods[1], polished)
    assert note in text(a_row(1, methods[0], None), other)
    assert "not polished" not in text(a_row(1, methods[0], polished), other)
