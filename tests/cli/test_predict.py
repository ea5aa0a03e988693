"""`regcli predict`: what a stored run says of the rows of a file."""

import csv
import io
from pathlib import Path

import pytest
from sklearn.datasets import load_iris

from .conftest import NEW_ROWS
from .in_process import document, parse, problem, regcli

HEAD = "prediction,p(setosa),p(versicolor),p(virginica)"
NAMES = ("setosa", "versicolor", "virginica")


def write_labelled(path: Path) -> None:
    """The whole data set, with its target."""
    iris = load_iris()
    names = NEW_ROWS.splitlines()[0]
    lines = [
        ",".join([*map(str, row), NAMES[label]])
        for row, label in zip(iris.data.tolist(), iris.target.tolist(), strict=True)
    ]
    path.write_text("\n".join([f"{names},target", *lines]))


@pytest.mark.slow
def test_predictions_go_to_a_pipe_a_file_and_a_document(lab: Path, ids: list[str]) -> None:
    piped = regcli("predict", ids[0], "new.csv", cwd=lab)
    assert (piped.returncode, piped.stderr) == (0, "")
    rows = [*csv.DictReader(io.StringIO(piped.stdout))]
    assert piped.stdout.splitlines()[0] == HEAD
    for row in rows:
        shares = {name: float(row[f"p({name})"]) for name in NAMES}
        assert sum(shares.values()) == pytest.approx(1, abs=1e-12)
        assert row["prediction"] == max(shares, key=lambda name: shares[name])
    written = regcli("predict", ids[0][:6], "new.csv", "-o", "out.csv", cwd=lab)
    assert (written.stdout, written.stderr) == ("", "wrote 2 predictions to out.csv\n")
    assert (lab / "out.csv").read_text() == piped.stdout
    found = document("predict", ids[0], "new.csv", "--json", cwd=lab)
    assert {key: value for key, value in found.items() if key != "predictions"} == {
        "schema_version": 1,
        "run": ids[0],
        "file": "new.csv",
        "classes": list(NAMES),
        "rows": 2,
        "notes": [],
    }
    assert [
        {"prediction": each["prediction"], **each["probabilities"]} for each in found["predictions"]
    ] == [
        {"prediction": row["prediction"], **{name: float(row[f"p({name})"]) for name in NAMES}}
        for row in rows
    ]
    assert problem("predict", ids[0], "new.csv", "-o", "out.csv", cwd=lab) == (
        "regcli: --output: out.csv exists already; --force overwrites it"
    )
    quiet = regcli("predict", ids[0], "new.csv", "-o", "out.csv", "--force", "-q", cwd=lab)
    assert (quiet.returncode, quiet.stdout, quiet.stderr) == (0, "", "")


@pytest.mark.slow
def test_scores_have_intervals_beside_those_of_the_run(lab: Path, ids: list[str]) -> None:
    write_labelled(lab / "all.csv")
    found = document("predict", ids[0], "all.csv", "--score", "--json", cwd=lab)
    own = document("runs", "show", ids[0], "--json", cwd=lab)["metrics"]
    rows = {"train": 90, "validation": 30, "test": 30}
    accuracy = sum(own[part]["accuracy"] * count for part, count in rows.items()) / 150
    assert found["scores"]["accuracy"]["value"] == pytest.approx(accuracy, abs=1e-9)
    assert found["scores"]["accuracy"]["run"] == own["test"]["accuracy"]
    for score in found["scores"].values():
        if score["interval"] is not None:
            low, high = score["interval"]
            assert low <= score["value"] <= high
    assert (found["scored_rows"], found["run_part"]) == (150, "test")
    shown = regcli("predict", ids[0], "all.csv", "--score", cwd=lab, env={"COLUMNS": "80"})
    assert "150 rows scored. Intervals cover the choice of rows" in shown.stdout
    assert max(map(len, shown.stdout.splitlines())) <= 80
    heads = shown.stdout.splitlines()[1].split()
    assert heads == ["all.csv", "95%", "interval", "run's", "test"]
    assert problem("predict", ids[0], "new.csv", "--score", cwd=lab) == (
        "regcli: new.csv: must have the columns of training, it lacks 'target'"
    )


@pytest.mark.slow
def test_a_run_is_found_by_what_it_is(lab: Path, ids: list[str]) -> None:
    """The newest sweep is the diverging one, whose first run is the only one that ended well."""
    best = regcli("predict", "best", "new.csv", cwd=lab)
    assert best.stderr == f"run {ids[6]}, the best run of sweep {sweep_of(lab, ids[6])}\n"
    assert document("predict", "smoke", "new.csv", "--json", cwd=lab)["run"] == ids[6]
    exported = regcli("runs", "export", "best", "-o", "w.npz", cwd=lab)
    assert exported.stderr.splitlines()[0] == best.stderr.strip()
    assert problem("predict", "smoky", "new.csv", cwd=lab) == (
        "regcli: No run or sweep in runs has the id or name 'smoky'; did you mean smoke?"
    )
    assert problem("predict", "best", "new.csv", "--runs", "none", cwd=lab).startswith("regcli: ")


def sweep_of(lab: Path, run: str) -> str:
    """The id of the newest sweep, which has a run."""
    listed = regcli("runs", "list", "--sweeps", "--json", cwd=lab)
    sweeps = parse(listed.stdout)["sweeps"]
    assert run
    return str(sweeps[0]["id"])


def test_a_file_that_does_not_fit_is_refused_before_a_model_is_built(
    lab: Path, ids: list[str]
) -> None:
    (lab / "bad.csv").write_text("sepal length (cm),petal length (cm)\n1,x\n")
    done = regcli("predict", ids[0], "bad.csv", cwd=lab)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines() == [
        "regcli: bad.csv: must have the columns of training, it lacks 'sepal width (cm)', "
        "'petal width (cm)'",
        "regcli: bad.csv: column 'petal length (cm)' must hold numbers as in the training data, "
        "row 1 of 1 has 'x'",
    ]


@pytest.mark.slow
def test_rows_far_from_those_of_training_are_told_of(lab: Path, ids: list[str]) -> None:
    far = NEW_ROWS.replace("5.1,", "51,").replace("1.8\n", "18\n")
    (lab / "far.csv").write_text(far)
    done = regcli("predict", ids[0], "far.csv", cwd=lab)
    assert (done.returncode, len(done.stdout.splitlines())) == (0, 3)
    low, high = "'sepal length (cm)' in 1 of 2 rows", "'petal width (cm)' in 1 of 2 rows"
    assert done.stderr.startswith(f"far.csv: far outside the training rows: {low} (there 4.3 to 7.")
    assert f", {high} (there 0.1 to 2." in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.slow
def test_one_class_for_every_row_and_filled_gaps_are_told_of(lab: Path) -> None:
    """A strong penalty leaves nothing to learn but that most rows are of one class."""
    rows = "".join(f"1,{row},{'yes' if row % 9 == 0 else 'no'}\n" for row in range(45))
    (lab / "rare.csv").write_text(f"a,b,label\n{rows}1,,no\n")
    config = (
        "name: rare\ndataset: {file: rare.csv, target: label, missing: mean}\n"
        "model: {layers: []}\ntraining: {optimizer: {name: adam, learning_rate: 0.1}}\n"
    )
    (lab / "rare.yaml").write_text(config)
    asked = ("train", "rare.yaml", "--epochs", "30", "--l1", "5", "-q")
    assert regcli(*asked, cwd=lab).returncode == 0
    (lab / "some.csv").write_text("a,b\n" + "1,5\n" * 30 + ",5\n")
    done = regcli("predict", "rare", "some.csv", cwd=lab)
    gaps, one_class = done.stderr.splitlines()[-2:]
    assert gaps == "some.csv: gaps filled as in training: 'a' in 1 of 31 rows"
    assert one_class.startswith(
        "all 31 rows are predicted 'no'; the highest probability of 'yes' is 0."
    )
