"""`regcli sweep`: what it prints, what it trains and what it reuses."""

import csv
import io
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from characterisation import command_line
from sklearn.datasets import load_iris

from regcli.metrics.registry import metrics_of

from .conftest import DIVERGING, SMOKE, WIDER, Done
from .in_process import document, parse, problem, regcli

LINE = re.compile(
    r"\[\d/\d\] l1 [\d.]+, l2 0, seed [01]: validation loss \d\.\d+, accuracy [01]\.\d{4} "
    r"\(2 epochs in \d+(\.\d+)?m?s?( \d\ds)?\)"
)
MEASURED = {metric.key for metric in metrics_of("classification")}
STORED_BEFORE = "4 runs: 4 stored before, 0 to train\n"


def settings(found: dict[str, Any]) -> list[tuple[float, int]]:
    return [(run["settings"]["l1"], run["settings"]["seed"]) for run in found["runs"]]


def results(found: dict[str, Any]) -> list[dict[str, Any]]:
    """What training gave, without how long it took and when it was."""
    timing = {"seconds", "created"}
    return [
        {key: run[key] for key in run if key not in timing}
        for run in sorted(found["runs"], key=lambda run: run["id"])
    ]


# What is printed


def test_the_document(swept: Done) -> None:
    assert swept.returncode == 0
    found = parse(swept.stdout)
    assert found["schema_version"] == 1
    assert found["sweep"].keys() >= {"id", "name", "engine", "seconds", "reused"}
    assert (found["sweep"]["name"], found["sweep"]["reused"]) == ("smoke", 0)
    assert settings(found) == [(0.0, 0), (0.0, 1), (0.001, 0), (0.001, 1)]
    for run in found["runs"]:
        assert run.keys() >= {
            *("id", "state", "settings", "epochs", "seconds", "metrics", "sparsity"),
        }
        assert re.fullmatch("[0-9a-f]{12}", run["id"])
        assert (run["state"], run["epochs"]) == ("finished", 2)
        assert run["settings"].keys() == {"l1", "l2", "seed", "fold", "method"}
        assert (run["settings"]["fold"], run["settings"]["method"]) == (None, "penalty")
        for part in ("train", "validation", "test"):
            scores = run["metrics"][part]
            assert scores.keys() == {"data_loss", "penalty", "objective"} | MEASURED
            total = scores["data_loss"] + scores["penalty"]
            assert scores["objective"] == pytest.approx(total, rel=1e-6)
            assert (scores["penalty"] > 0) is (run["settings"]["l1"] > 0)
        sparsity = run["sparsity"]
        assert sparsity.keys() == {
            *("exact", "near", "threshold", "nonzero", "total"),
            *("active_inputs", "live_units", "layers", "active_columns"),
            *("precision", "recall", "f1", "active_noise", "gzip_bytes", "after_zeroing"),
            *("norm", "largest"),
        }
        assert sparsity["active_columns"] == list(load_iris().feature_names)
        assert sparsity["gzip_bytes"] == sum(layer["gzip_bytes"] for layer in sparsity["layers"])
        after = sparsity["after_zeroing"]
        assert after["nonzero"] == round((1 - sparsity["near"]) * sparsity["total"])
        assert after["metrics"]["test"].keys() == {"data_loss"} | MEASURED
        assert (sparsity["threshold"], sparsity["total"]) == (0.001, 4 * 8 + 8 * 3)
        assert [layer["shape"] for layer in sparsity["layers"]] == [[4, 8], [8, 3]]
        for layer in sparsity["layers"]:
            assert layer.keys() == {
                *("name", "shape", "exact", "near", "nonzero", "gzip_bytes", "norm", "largest")
            }


def test_stderr_off_a_terminal_is_one_plain_line_a_run(swept: Done, widened: Done) -> None:
    first, second = swept.stderr.splitlines(), widened.stderr.splitlines()
    assert [line for line in first if not LINE.fullmatch(line)] == []
    assert [line[:6] for line in first] == ["[1/4] ", "[2/4] ", "[3/4] ", "[4/4] "]
    assert second[0] == "6 runs: 4 stored before, 2 to train"
    assert [line[:17] for line in second[1:]] == ["[1/2] l1 0.01, l2", "[2/2] l1 0.01, l2"]


def test_numbers_in_json_have_full_precision(swept: Done) -> None:
    losses = re.findall(r'"data_loss": ([\d.e-]+)', swept.stdout)
    assert len(losses) == 4 * 3 * 2  # runs, parts, before and after zeroing
    assert max(map(len, losses)) >= 17


def test_formats_of_a_reused_sweep(lab: Path, swept: Done) -> None:
    header = (
        "id,name,state,l1,l2,seed,fold,method,train.data_loss,train.penalty,train.objective,"
        "train.accuracy,validation.data_loss,validation.penalty,validation.objective,"
        "validation.accuracy,test.data_loss,test.penalty,test.objective,test.accuracy,"
        "sparsity.exact,sparsity.near,sparsity.nonzero,sparsity.total,sparsity.gzip_bytes,"
        "sparsity.active_inputs,sparsity.live_units,"
        "after_zeroing.train.data_loss,after_zeroing.train.accuracy,"
        "after_zeroing.validation.data_loss,after_zeroing.validation.accuracy,"
        "after_zeroing.test.data_loss,after_zeroing.test.accuracy,"
        "after_zeroing.nonzero,after_zeroing.active_inputs,after_zeroing.live_units,"
        "epochs,seconds"
    )
    written = regcli(*SMOKE, "--format", "csv", cwd=lab)
    assert (written.returncode, written.stderr) == (0, STORED_BEFORE)
    rows = list(csv.DictReader(io.StringIO(written.stdout)))
    known = header.split(",")
    assert [key for key in rows[0] if key in known] == known
    assert "validation.roc_auc" in rows[0]
    runs = parse(swept.stdout)["runs"]
    assert [row["id"] for row in rows] == [run["id"] for run in runs]
    for row, run in zip(rows, runs, strict=True):
        assert float(row["validation.data_loss"]) == run["metrics"]["validation"]["data_loss"]

    table = regcli(*SMOKE, "--format", "md", cwd=lab).stdout.splitlines()
    assert table[0].startswith(
        "| l1 | objective | train loss | validation loss | gap | validation "
    )
    assert [line.split(" | ")[0].strip("| *") for line in table[2:4]] == ["0", "0.001"]
    assert table[4] == ""
    assert "mean ± standard deviation over 2 seeds  " in table


def test_columns_and_order_of_a_reused_sweep(lab: Path, swept: Done) -> None:
    asked = (*SMOKE, "--columns", "l1,seed,gap,id,training.epochs", "--sort", "-gap")
    table = command_line.regcli(*asked, folder=lab).out.splitlines()
    assert table[1].split() == ["l1", "seed", "gap", "run", "training.epochs"]
    runs = parse(swept.stdout)["runs"]
    losses = [
        [run["metrics"][part]["data_loss"] for part in ("validation", "train")] for run in runs
    ]
    gaps = {
        run["id"]: validation - train for run, (validation, train) in zip(runs, losses, strict=True)
    }
    written = command_line.regcli(*asked, "--format", "csv", folder=lab).out
    rows = list(csv.DictReader(io.StringIO(written)))
    assert list(rows[0]) == ["l1", "seed", "gap", "id", "training.epochs"]
    assert [(row["id"], float(row["gap"])) for row in rows] == sorted(
        gaps.items(), key=lambda pair: -pair[1]
    )
    again = command_line.regcli(*asked, "--format", "csv", "--aggregate", folder=lab)
    gathered = again.out.splitlines()
    assert gathered[0] == "l1,seed,gap.mean,gap.sd,id,training.epochs,runs"
    assert len(gathered) == 3
    found = command_line.document(*SMOKE, "--json", "--aggregate", folder=lab)
    assert found["runs"] == runs
    assert [entry["runs"] for entry in found["aggregated"]] == [
        [run["id"] for run in runs if run["settings"]["l1"] == l1] for l1 in (0, 0.001)
    ]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("--columns validation.acuracy", "--columns: there is no result or setting "
         "'validation.acuracy'; did you mean 'validation.accuracy'?"),
        ("--sort -batch_size", "--sort: there is no result or setting 'batch_size'; did you mean "
         "'training.batch_size'?"),
        ("--columns l1,,l2", "--columns: must be comma-separated keys, got 'l1,,l2'"),
        ("--columns l1,l1", "--columns: must not name a column twice, got 'l1' again"),
        ("--columns l1 --json", "--columns: must not be combined with JSON, which always has every "
         "key"),
        ("--sort -", "--sort: must be KEY (smallest first) or -KEY (largest first), got '-'"),
        ("--sort l1 --dry-run", "--dry-run: must not be combined with --columns, --sort or "
         "--aggregate"),
    ],
)  # fmt: skip
def test_columns_that_cannot_be(options: str, message: str, tmp_path: Path) -> None:
    """Found before anything is trained."""
    line = ("sweep", "smoke", "--l1", "0,0.001", *options.split())
    refused = command_line.regcli(*line, folder=tmp_path)
    assert refused == command_line.Written("", f"regcli: {message}\n", 2)
    assert list(tmp_path.iterdir()) == []


def test_quiet_leaves_out_notes_but_not_results(lab: Path) -> None:
    loud, quiet = regcli(*SMOKE, cwd=lab), regcli(*SMOKE, "--quiet", cwd=lab)
    assert (loud.stderr, quiet.stderr) == (STORED_BEFORE, "")
    assert "validation" in loud.stdout
    assert quiet.stdout == loud.stdout


# What is trained and reused


def test_running_it_again_reuses_everything(lab: Path, swept: Done) -> None:
    again = document(*SMOKE, "--json", cwd=lab)
    assert again["sweep"]["reused"] == 4
    assert again["runs"] == parse(swept.stdout)["runs"]


def test_a_wider_grid_trains_only_what_is_new(swept: Done, widened: Done) -> None:
    wider = parse(widened.stdout)
    assert wider["sweep"]["reused"] == 4
    assert settings(wider)[:4] == settings(parse(swept.stdout))
    assert wider["runs"][:4] == parse(swept.stdout)["runs"]
    assert settings(wider)[4:] == [(0.01, 0), (0.01, 1)]


@pytest.mark.slow
def test_a_new_folder_gives_the_same_numbers(tmp_path: Path, swept: Done) -> None:
    elsewhere = {"REGCLI_RUNS": str(tmp_path / "kept")}
    fresh = regcli(*SMOKE, "--json", cwd=tmp_path, env=elsewhere)
    assert results(parse(fresh.stdout)) == results(parse(swept.stdout))
    assert (tmp_path / "kept" / "regcli.sqlite").exists()
    assert not (tmp_path / "runs").exists()


def test_the_option_runs_outweighs_the_variable(lab: Path) -> None:
    (lab / "runs").rename(lab / "kept")
    nowhere = {"REGCLI_RUNS": "nowhere"}
    for command in (["runs"], ["runs", "list"]):
        assert "There are no runs in nowhere yet" in problem(*command, cwd=lab, env=nowhere)
    assert regcli("runs", "list", "--runs", "kept", cwd=lab, env=nowhere).returncode == 0
    assert regcli(*SMOKE, "--runs", "kept", cwd=lab, env=nowhere).stderr == STORED_BEFORE


def test_dry_run_says_what_would_be_reused_and_trains_nothing(lab: Path, widened: Done) -> None:
    database = (lab / "runs" / "regcli.sqlite").read_bytes()
    wider = ("sweep", "smoke", "--epochs", "2", "--seeds", "2", "--l1", "0,1e-3,1e-2,1e-1")
    shown = regcli(*wider, "--dry-run", cwd=lab)
    assert (shown.returncode, shown.stderr) == (
        0,
        "8 runs: 6 stored, 2 to train; groups of one architecture: 8\n",
    )
    rows = [line.split() for line in shown.stdout.splitlines()[3:]]
    ids = [run["id"] for run in parse(widened.stdout)["runs"]]
    assert [row[0] for row in rows[:6]] == ids
    assert [row[1:] for row in rows[4:]] == [
        *(["0.01", "0", "finished"], ["0.01", "1", "finished"]),
        *(["0.1", "0", "to", "train"], ["0.1", "1", "to", "train"]),
    ]
    plan = document(*wider, "--dry-run", "--json", cwd=lab)["plan"]
    assert [entry["stored"] for entry in plan] == ["finished"] * 6 + [None] * 2
    assert [entry["id"] for entry in plan[:6]] == ids
    text = regcli(*wider, "--dry-run", "--format", "csv", cwd=lab).stdout
    assert text.splitlines()[0] == "id,l1,l2,seed,fold,method,stored"
    assert text.splitlines()[1] == f"{ids[0]},0.0,0.0,0,,penalty,finished"
    assert (lab / "runs" / "regcli.sqlite").read_bytes() == database


def test_dry_run_makes_no_folder(tmp_path: Path) -> None:
    assert regcli("sweep", "smoke", "--dry-run", cwd=tmp_path).returncode == 0
    assert list(tmp_path.iterdir()) == []


def test_options_reach_the_plan(tmp_path: Path) -> None:
    plan = document(
        *(
            "sweep",
            "smoke",
            "--dry-run",
            "--json",
            "--seeds",
            "2",
            "--l1",
            "0",
            "--l2",
            "lin:0:1:3",
        ),
        *("--vary", "model.layers.0.Dense.activation=relu,tanh", "--method", "penalty"),
        cwd=tmp_path,
    )["plan"]
    varied = "model.layers.0.Dense.activation"
    found = [(e["settings"]["l2"], e["settings"][varied], e["settings"]["seed"]) for e in plan]
    assert found == [
        (l2, activation, seed)
        for l2 in (0.0, 0.5, 1.0)
        for activation in ("relu", "tanh")
        for seed in (0, 1)
    ]
    assert len({entry["id"] for entry in plan}) == 12


# Without CONFIG


def test_without_a_config_it_takes_the_one_that_is_here(tmp_path: Path) -> None:
    grid = ("--l1", "0,0.01", "--l2", "0,0.01")
    shipped = regcli("sweep", *grid, "--dry-run", cwd=tmp_path)
    assert shipped.stderr == (
        "using quickstart, the shipped config\n"
        "4 runs: 0 stored, 4 to train; groups of one architecture: 4\n"
    )
    (tmp_path / "regcli.yaml").write_text("dataset: {name: iris}\n")
    local = regcli("sweep", *grid, "--dry-run", cwd=tmp_path)
    assert (
        local.stderr
        == "using regcli.yaml\n4 runs: 0 stored, 4 to train; groups of one architecture: 4\n"
    )
    assert local.stdout != shipped.stdout


@pytest.mark.parametrize("command", ["validate", "explain"])
def test_what_trains_nothing_takes_it_too(command: str, tmp_path: Path) -> None:
    shipped = regcli(command, cwd=tmp_path)
    assert (shipped.returncode, shipped.stderr) == (0, "using quickstart, the shipped config\n")
    assert shipped.stdout == regcli(command, "quickstart", cwd=tmp_path).stdout
    (tmp_path / "regcli.yaml").write_text("dataset: {name: iris}\n")
    local = regcli(command, cwd=tmp_path)
    assert (local.returncode, local.stderr) == (0, "using regcli.yaml\n")
    assert local.stdout == regcli(command, "regcli.yaml", cwd=tmp_path).stdout


def test_nothing_to_vary(tmp_path: Path) -> None:
    done = regcli("sweep", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "using quickstart, the shipped config\n"
        "regcli: quickstart: a sweep must vary at least one key, this config has no sweep "
        "section; add --l1, --l2, --vary, --seeds or --folds, or train one run with regcli train "
        "quickstart\n"
    )


@pytest.mark.slow
def test_init_then_sweep_in_an_empty_folder(tmp_path: Path) -> None:
    made = regcli("init", cwd=tmp_path)
    assert (made.returncode, made.stdout) == (0, "")
    assert made.stderr == ("wrote regcli.yaml\nwrote regcli.schema.json\nnext: regcli sweep\n")
    found = regcli("sweep", "--epochs", "1", "--json", cwd=tmp_path)
    assert found.stderr.startswith("using regcli.yaml\n[1/4] l1 0, l2 0, seed 0: ")
    assert [run["state"] for run in parse(found.stdout)["runs"]] == ["finished"] * 4
    starter = (tmp_path / "regcli.yaml").read_text()
    assert problem("init", cwd=tmp_path) == (
        "regcli: regcli.yaml exists already and is not overwritten; remove it, use another folder, "
        "or give --force"
    )
    assert (tmp_path / "regcli.yaml").read_text() == starter


def test_init_in_a_new_folder(tmp_path: Path) -> None:
    made = regcli("init", "new/place", cwd=tmp_path)
    assert made.stderr.splitlines()[-1] == "next: cd new/place && regcli sweep"
    assert yaml.safe_load((tmp_path / "new/place/regcli.yaml").read_text())["name"] == "starter"


# Failures


def test_a_diverged_run_is_null_in_json_and_exit_code_1(diverged: Done) -> None:
    assert diverged.returncode == 1
    fine, broken = parse(diverged.stdout)["runs"]
    assert (fine["state"], broken["state"]) == ("finished", "diverged")
    assert broken["settings"]["training.optimizer.learning_rate"] == 1e9
    assert broken["metrics"]["validation"]["data_loss"] is None
    assert fine["metrics"]["validation"]["data_loss"] > 0
    *_, progress, end = diverged.stderr.splitlines()
    reason = rf"diverged, the loss was not finite after epoch {broken['epochs']}"
    assert progress.startswith(f"[2/2] l1 0, l2 0, learning_rate 1e+09, seed 0: {reason} (")
    assert end == f"run {broken['id']}: {reason}"


def test_a_diverged_run_is_shown_and_reused(lab: Path, diverged: Done) -> None:
    again = regcli(*DIVERGING, cwd=lab)
    assert again.returncode == 1
    assert again.stderr.startswith("2 runs: 2 stored before, 0 to train\n")
    assert "diverged" in again.stdout
    assert "nan" not in again.stdout.lower()
    for form in ("csv", "md"):
        assert "nan" not in regcli(*DIVERGING, "--format", form, cwd=lab).stdout.lower()
    broken = parse(diverged.stdout)["runs"][1]["id"]
    found = document("runs", "show", broken, "--json", cwd=lab)
    assert found["history"]["loss"][-1] is None


@pytest.mark.parametrize(
    ("condition", "code"),
    [("validation.accuracy<=1", 1), ("validation.accuracy>1", 0), ("epochs!=2", 0)],
)
def test_fail_if(condition: str, code: int, lab: Path, swept: Done) -> None:
    done = regcli(*SMOKE, "--json", "--quiet", "--fail-if", condition, cwd=lab)
    assert done.returncode == code
    runs = parse(done.stdout)["runs"]
    assert len(runs) == 4
    lines = [
        f"run {run['id']} (l1 {run['settings']['l1']:g}, seed {run['settings']['seed']}): "
        f"validation.accuracy is {run['metrics']['validation']['accuracy']:.4g}; "
        f"--fail-if '{condition}' counts this as a failure"
        for run in runs
    ]
    assert done.stderr.splitlines() == (lines if code else [])


def test_a_device_that_is_not_there_is_blamed_on_its_option(tmp_path: Path) -> None:
    refused = problem("sweep", "smoke", "--device", "gpu:99", cwd=tmp_path)
    assert refused.startswith("regcli: --device: gpu:99 is not available: ")


def test_a_sweep_of_the_wider_grid_is_one_of_six(lab: Path, widened: Done) -> None:
    table = regcli(*WIDER, cwd=lab).stdout
    assert "mean ± standard deviation over 2 seeds" in table
    assert len(re.findall(r"^ +0(\.\d+)? ", table, re.M)) == 3
