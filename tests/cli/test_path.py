"""`regcli path`: what it prints, what it refuses, and how it ends."""

import shutil
import signal
from pathlib import Path

import pytest

from .conftest import Done
from .in_process import document, parse, problem, regcli
from .processes import loaded_packages, start

PATH = (
    *("path", "smoke", "--values", "5,9,0,0.02", "--epochs", "3", "--refit"),
    *("--engine", "keras", "--set", "training.polish=0"),
)


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Done]:
    """A path of three points, the last one empty, and the other two refitted."""
    folder = tmp_path_factory.mktemp("path")
    return folder, regcli(*PATH, "--json", cwd=folder)


@pytest.fixture
def lab(followed: tuple[Path, Done], tmp_path: Path) -> Path:
    shutil.copytree(followed[0] / "runs", tmp_path / "runs")
    return tmp_path


@pytest.mark.slow
def test_the_document_has_the_points_and_then_the_refitted(followed: tuple[Path, Done]) -> None:
    _, done = followed
    assert done.returncode == 0, done
    found = parse(done.stdout)
    (first, second, _), refits = found["runs"][:3], found["runs"][3:]
    assert [run["refit_of"] for run in refits] == [first["id"], second["id"]]
    assert [run["refit_of"] for run in found["runs"][:3]] == [None] * 3
    assert [line.partition(":")[0] for line in done.stderr.splitlines()] == [
        *(f"[{n}/4] l1 {l1}, l2 0, seed 0, proximal" for n, l1 in ((1, 0), (2, 0.02), (3, 5))),
        *(f"[{n}/2] refit of {run['refit_of']}, seed 0" for n, run in enumerate(refits, 1)),
    ]
    assert found.keys() == {"schema_version", "sweep", "runs", "verdict", "path"}
    assert found["path"] == {"along": "l1", "largest": None}
    assert (found["sweep"]["name"], found["sweep"]["engine"], found["sweep"]["reused"]) == (
        *("smoke, path along l1", "keras"),
        0,
    )
    settings = [(run["settings"]["l1"], run["settings"]["method"]) for run in found["runs"]]
    points = [(0.0, "proximal"), (0.02, "proximal"), (5.0, "proximal")]
    assert settings == [*points, (0.0, "penalty"), (0.0, "penalty")]
    assert [run["sparsity"]["nonzero"] for run in found["runs"]][2] == 0
    for run in found["runs"]:
        assert run.keys() == {
            *("id", "name", "state", "settings", "epochs", "seconds", "metrics", "sparsity"),
            *("optimality", "engine", "message", "created", "refit_of"),
            *("parent", "identity"),
        }
    measured = [run["optimality"] is not None for run in found["runs"]]
    assert measured == [True, True, True, False, False]  # those with a proximal step
    assert found["runs"][1]["optimality"].keys() == {
        *("residual", "pull", "relative", "settled", "polish_steps", "gap", "reason"),
    }


@pytest.mark.slow
def test_following_it_again_trains_nothing(lab: Path, followed: tuple[Path, Done]) -> None:
    again = document(*PATH, "--json", cwd=lab)
    assert again["sweep"]["reused"] == 3
    assert again["runs"] == parse(followed[1].stdout)["runs"]
    assert loaded_packages(*PATH, cwd=lab) & {"tensorflow", "keras"} == set()
    written = regcli(*PATH, "--format", "csv", cwd=lab)
    assert written.stderr == (
        "3 runs: 3 stored before, 0 to train\n2 runs: 2 stored before, 0 to train\n"
    )
    assert len(written.stdout.splitlines()) == 1 + 5


@pytest.mark.slow
@pytest.mark.parametrize(
    ("condition", "line"),
    [
        ("best:sparsity.nonzero>0", "best setting (l1 0"),
        ("l1=5:sparsity.nonzero==0", "setting l1 5: sparsity.nonzero is 0; --fail-if "),
        ("l1=9:epochs>9", "setting l1=9: was not trained; --fail-if "),
    ],
)
def test_its_points_are_checked(condition: str, line: str, lab: Path) -> None:
    done = regcli(*PATH, "--quiet", "--fail-if", condition, "--junit", "o.xml", cwd=lab)
    assert done.returncode == 1
    assert done.stderr.startswith(line)
    assert done.stderr.endswith(f"--fail-if '{condition}' counts this as a failure\n")
    assert (lab / "o.xml").read_text(encoding="utf-8").count("<failure ") == 1


@pytest.mark.slow
def test_a_path_beside_an_earlier_one(lab: Path) -> None:
    done = regcli(*PATH, "--baseline", "smoke, path along l1", cwd=lab)
    assert done.returncode == 0
    said = done.stderr.splitlines()[-1]
    assert " against smoke, path along l1 (95% −9.16 to +9.16; 30 rows, paired): not worse" in said
    assert problem(*PATH, "--fail-if", "l1=3:epochs>9", cwd=lab) == (
        "regcli: --fail-if: must name a setting of the grid; none has l1=3"
    )


@pytest.mark.slow
def test_a_path_is_trained_again_beside_its_earlier_document(
    lab: Path, followed: tuple[Path, Done]
) -> None:
    before = parse(followed[1].stdout)
    (lab / "earlier.json").write_text(followed[1].stdout, encoding="utf-8")
    done = regcli(*PATH, "--json", "--fresh", "--baseline", "earlier.json", cwd=lab)
    assert done.returncode == 0
    after = parse(done.stdout)
    assert after["sweep"]["reused"] == 0
    for key in ("id", "settings", "metrics", "parent", "refit_of"):
        assert [run[key] for run in after["runs"]] == [run[key] for run in before["runs"]]
    assert all(
        new["seconds"] != old["seconds"]
        for new, old in zip(after["runs"], before["runs"], strict=True)
    )
    *_, points, refits, change = done.stderr.splitlines()
    again = "trained again, in place of those stored before: same results"
    assert (points, refits) == (f"3 runs {again}", f"2 runs {again}")
    chosen = after["verdict"]["use"]["settings"]["l1"]
    assert change == (
        f"setting to use (l1 {chosen:g}): accuracy +0.00 pt against earlier.json "
        "(95% −9.16 to +9.16; 30 rows, paired): not worse by more than 1 pt"
    )


CAPTION = [
    "iris: 90 train, 30 validation, 30 test rows",
    "each point starts from the weights of the one above it",
    "★ lowest validation loss (data loss, without penalty)",
    "no run has converged: longer training may change losses and which weights are zero",
    "refit: not polished; training ended after its epochs, which may be too few to undo the "
    "shrinkage",
]
GAP = "gap: validation loss − train loss"
REFITS = ["refit", "validation", "refit", "test"]
HEADS = {
    80: (
        ["non-", "train", "val", "val", "refit"],
        ["l1", "zero", "loss", "loss", "gap", "acc.", "test", "run"],
    ),
    140: (
        *(["non-zero", "active", "live", "train", "validation", "validation", "test", *REFITS],),
        ["l1", "weights", "inputs", "units", "loss", "loss", "gap", *["accuracy"] * 4, "run"],
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("width", [80, 140])
def test_the_table_has_a_row_a_strength_and_fits(width: int, lab: Path) -> None:
    lines = regcli(*PATH, cwd=lab, env={"COLUMNS": str(width)}).stdout.splitlines()
    assert max(map(len, lines)) <= width
    shown = [line.strip() for line in lines if line.strip()]
    assert [line.split() for line in shown[:2]] == list(HEADS[width])
    assert set(shown[2]) == {"─"}
    rows = [line.replace("★", "").replace("~", "").split() for line in shown[3:6]]
    assert [row[0] for row in rows] == ["0", "0.02", "5"]
    left = slice(1, 4 if width == 140 else 2)
    assert rows[0][left] == ["56", "4", "8"][: left.stop - 1]
    assert rows[2][left] == ["0", "0", "0"][: left.stop - 1]
    assert {len(row) for row in rows} == {len(HEADS[width][1])}
    assert [row[-2] == "–" for row in rows] == [False, False, True]
    assert not [line for line in shown[3:6] if "~" in line]
    assert ["★" in line for line in shown[3:6]].count(True) == 1
    left_out = "refit validation accuracy, live units, active inputs, test accuracy"
    ending = [f"left out to fit the width: {left_out}"] if width == 80 else []
    baseline = "baseline, the most frequent class for every row: validation accuracy 0.3333"
    verdict = next(place for place, line in enumerate(shown) if line.startswith("use "))
    assert " ".join(shown[6:verdict]) == " ".join([*CAPTION, GAP, baseline, *ending])
    labels = ("use", "best", "test", "unsure", "warning", "next")
    assert [line.split()[0] for line in shown[verdict:] if line.startswith(labels)] == [*labels]


@pytest.mark.slow
def test_a_path_that_diverges_ends_with_exit_code_1(tmp_path: Path) -> None:
    optimizer = "training.optimizer={name: sgd, learning_rate: 1.0e+30}"
    done = regcli(
        *("path", "smoke", "--values", "0,1", "--epochs", "2", "--engine", "keras", "--json"),
        *("--set", optimizer),
        cwd=tmp_path,
    )
    (run,) = parse(done.stdout)["runs"]
    assert (done.returncode, run["state"]) == (1, "diverged")
    assert done.stderr.splitlines()[-1].startswith(f"run {run['id']}: diverged, ")


@pytest.mark.slow
def test_ctrl_c_keeps_the_points_there_are(tmp_path: Path) -> None:
    values = "lin:0:1e-3:500"
    line = ("path", "smoke", "--values", values, "--engine", "keras", "--epochs", "1")
    running = start(*line, cwd=tmp_path)
    running.wait_for_runs(1)
    code, table = running.end(signal.SIGINT)
    assert code == 130
    assert "Resume with: " in running.stderr.splitlines()[-1]
    assert "each point starts from the weights of the one above it" in table


MISTAKES = {
    "--values 0.1,x": "--values: must be numbers or ranges, like 0,0.01 or log:1e-5:1e-1:9, got "
    "the text 'x'",
    "--values 0.1,-1": "--values: must be at least 0, got -1",
    "--along l2 --l2 0.1": "--l2: must not be combined with --along l2, got 0.1; use --values "
    "for the values of l2",
    "--points 1": "--points: must be at least 2, got 1; see regcli path --help",
    "--points 1.5": "--points: must be a whole number, got '1.5'; see regcli path --help",
    "--max-nonzero -1": "--max-nonzero: must be at least 0, got -1; see regcli path --help",
    "--along l3": "--along: must be l1, l2 or group_strength, got 'l3'; see regcli path --help",
}


@pytest.mark.parametrize("line", MISTAKES)
def test_mistakes(line: str, tmp_path: Path) -> None:
    assert problem("path", "smoke", *line.split(), cwd=tmp_path) == f"regcli: {MISTAKES[line]}"
    assert list(tmp_path.iterdir()) == []


def test_a_path_of_penalties_is_refused(tmp_path: Path) -> None:
    option = "--set", "regularization.method=penalty"
    assert problem("path", "smoke", *option, cwd=tmp_path) == (
        "regcli: --set regularization.method=penalty: regularization.method: must be proximal or "
        "left out for a path: penalty gives no exact zeros, got 'penalty'"
    )


@pytest.mark.slow
def test_a_group_s_strength_is_followed_without_one_in_the_config(tmp_path: Path) -> None:
    found = document(
        *("path", "smoke", "--along", "group_strength", "--values", "0.001", "--json"),
        *("--set", "regularization.group=inputs", "--epochs", "1", "--engine", "keras"),
        *("--set", "training.polish=0", "--set", "sweep.l1=0", "--l2", "0.25,0.5"),
        cwd=tmp_path,
    )
    settings = [run["settings"] for run in found["runs"]]
    strengths = [(each["l2"], each["regularization.group_strength"]) for each in settings]
    assert strengths == [(l2, 0.001) for l2 in (0.25, 0.5)]


def test_a_strength_without_a_largest_useful_one_needs_values(tmp_path: Path) -> None:
    done = regcli("path", "smoke", "--along", "l2", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "regcli: --along: l2 requires --values; only l1 has a largest useful strength to start "
        "from\n"
    )
