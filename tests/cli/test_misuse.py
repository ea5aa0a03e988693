"""Whatever a person gets wrong is answered in one line that says what to do, and exit code 2."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from regcli.report.formats import Format, file_suffixes

from . import processes
from .in_process import problem, regcli
from .processes import PATIENCE, in_shell, shell_environment


def one_of(names: list[str]) -> str:
    return f"{', '.join(names[:-1])} or {names[-1]}"


SHIPPED = "breast-cancer, diabetes, digits-cnn, logistic, penguins, quickstart, seed, smoke, wine"
MISTAKES = {
    "swep": "No such command 'swep'. Did you mean 'sweep'?; see regcli --help",
    "runs lst": "No such command 'lst'. Did you mean 'list'?; see regcli runs --help",
    "train": "CONFIG: must be given; see regcli train --help",
    "compare": "RUN RUN…: must be given; see regcli compare --help",
    "runs export": "--output / -o: must be given; see regcli runs export --help",
    "train seed --epochs many": "--epochs: must be a whole number, got 'many'; "
    "see regcli train --help",
    "train seed --l1 much": "--l1: must be a number, got 'much'; see regcli train --help",
    "train seed --engine keres": "--engine: must be auto, population or keras, got 'keres'; "
    "did you mean 'keras'?; see regcli train --help",
    "runs list --format xls": f"--format: must be {one_of(list(Format))}, got 'xls'; "
    "see regcli runs list --help",
    "runs list --last -1": "--last: must be at least 0, got -1; see regcli runs list --help",
    "sweep missing.yaml": "missing.yaml: there is no such file and no shipped config of this name "
    f"(shipped: {SHIPPED})",
    "sweep quikstart": "quikstart: there is no such file and no shipped config of this name; "
    f"did you mean 'quickstart'? (shipped: {SHIPPED})",
    "train .": ".: a config must be a file, got a folder",
    "sweep seed": "seed: a sweep must vary at least one key, this config has no sweep section; "
    "add --l1, --l2, --vary, --seeds or --folds, or train one run with regcli train seed",
    "sweep smoke --json --format csv": "--json: must not be combined with --format csv; use one "
    "of the two",
    "sweep smoke --set epochs": "--set: must be KEY=VALUE, like training.epochs=5, got 'epochs'",
    "sweep smoke --vary x": "--vary: must be KEY=VALUE,VALUE, got 'x'",
    "sweep smoke --vary a=1 --vary a=2": "--vary: must not name a key twice, got 'a' again",
    "sweep smoke --fail-if accuracy": "--fail-if: must be a key, one of < <= > >= == !=, and a "
    "number, like 'validation.accuracy<0.9', got 'accuracy'",
    "train smoke --fail-if val.accuracy<1": "--fail-if: there is no result 'val.accuracy'; "
    "did you mean 'validation.accuracy'?",
    "compare abcd": "compare requires at least two runs or sweeps, got 1",
    "runs show abcd": "There are no runs in runs yet; train some with 'regcli sweep', or use "
    "another folder (--runs DIR).",
    "predict abcd": "DATA: must be given; see regcli predict --help",
    "predict abcd new.csv -o new.txt": "--output: must end in .csv, .parquet, .npz or .json, got "
    "'new.txt'",
    "predict abcd new.csv -o no/new.csv": "--output: there is no folder no; create it first",
    "runs export abcd -o w.npz --probabilities": "--probabilities: requires a .keras or .onnx "
    "file, got 'w.npz'",
    "shrink abcd": "--output / -o: must be given; see regcli shrink --help",
    "shrink abcd -o small.h5": "--output: must end in .keras, got 'small.h5'",
    "runs export -o runs.xls": "--output: must end in "
    f"{one_of([*file_suffixes(), '.parquet', '.keras', '.onnx', '.npz'])}, got 'runs.xls'",
}


@pytest.mark.parametrize("line", MISTAKES)
def test_mistakes(line: str, tmp_path: Path) -> None:
    assert problem(*line.split(), cwd=tmp_path) == f"regcli: {MISTAKES[line]}"
    assert list(tmp_path.iterdir()) == []


def test_a_choice_of_several_lines_is_answered_in_one(tmp_path: Path) -> None:
    assert problem("train", "seed", "--engine", "a\nb", cwd=tmp_path) == (
        "regcli: --engine: must be auto, population or keras, got 'a b'; see regcli train --help"
    )


@pytest.mark.parametrize(
    ("line", "option"), [("sweep --epoch 3", "--epochs"), ("runs list --jsn", "--json")]
)
def test_a_misspelt_option_is_answered_with_the_nearest(
    line: str, option: str, tmp_path: Path
) -> None:
    words = line.split()
    command = " ".join(word for word in words[:2] if not word.startswith("-"))
    wrong = next(word for word in words if word.startswith("--"))
    assert problem(*words, cwd=tmp_path) == (
        f"regcli: {wrong}: there is no such option; did you mean '{option}'?; see regcli "
        f"{command} --help"
    )


CONFIG_MISTAKES = {
    "--set training.epoch=3": "--set training.epoch=3: training.epoch: unknown key; "
    "did you mean 'epochs'?",
    "--l1 -1": "--l1 -1: sweep.l1: must be at least 0, got -1",
    "--epochs 0": "--epochs 0: training.epochs: must be at least 1, got 0",
    "--seeds 0": "--seeds 0: sweep.seeds: must be at least 1, got 0",
}


@pytest.mark.parametrize("line", CONFIG_MISTAKES)
def test_mistakes_in_options_that_stand_for_config_keys(line: str, tmp_path: Path) -> None:
    said = problem("sweep", "smoke", *line.split(), cwd=tmp_path)
    assert said == f"regcli: {CONFIG_MISTAKES[line]}"
    assert list(tmp_path.iterdir()) == []


def test_ids(lab: Path, ids: list[str]) -> None:
    assert problem("runs", "show", "zz", cwd=lab) == (
        "regcli: No run or sweep in runs has the id or name 'zz'; 'regcli runs list' shows what "
        "is stored"
    )
    unknown = "0" * 12
    assert problem("runs", "rm", ids[0], unknown, cwd=lab) == (
        f"regcli: No run in runs has an id that begins with '{unknown}'; "
        "'regcli runs list' shows the ids."
    )
    assert problem("compare", ids[0], ids[0][:6], cwd=lab) == (
        f"regcli: compare requires at least two different runs, got only {ids[0]}"
    )
    assert ids[0] in regcli("runs", "list", cwd=lab).stdout


def test_removing_where_there_is_no_store_makes_none(tmp_path: Path) -> None:
    assert "There are no runs in nowhere yet" in problem(
        "runs", "rm", "abcd", "--runs", "nowhere", cwd=tmp_path
    )
    assert list(tmp_path.iterdir()) == []


def test_exporting_over_a_file(lab: Path) -> None:
    (lab / "runs.csv").write_text("precious")
    assert problem("runs", "export", "-o", "runs.csv", cwd=lab) == (
        "regcli: --output: runs.csv exists already; --force overwrites it"
    )
    assert (lab / "runs.csv").read_text() == "precious"
    assert regcli("runs", "export", "-o", "runs.csv", "--force", cwd=lab).returncode == 0
    assert (lab / "runs.csv").read_text().startswith("id,name,state,")


def test_exporting_to_where_nothing_can_be_written(lab: Path) -> None:
    assert problem("runs", "export", "-o", "no/where.csv", cwd=lab) == (
        "regcli: --output: there is no folder no; create it first"
    )


def test_debug_shows_a_traceback_before_the_line(tmp_path: Path) -> None:
    for line in (["--debug", "sweep", "seed"], ["sweep", "seed", "--debug"]):
        done = regcli(*line, cwd=tmp_path)
        assert done.returncode == 2
        assert done.stderr.startswith("Traceback (most recent call last):\n")
        assert done.stderr.splitlines()[-1].startswith(
            "regcli: seed: a sweep must vary at least one key"
        )


BREAKING = """
import sys
import regcli.store.store as store
def broken(folder, create=True, allows_code=False):
    raise ValueError("two\\nlines")
store.open_store = broken
from regcli.__main__ import main
main()
"""


@pytest.mark.parametrize("debug", [False, True])
def test_an_internal_error_is_one_line(debug: bool, tmp_path: Path) -> None:
    flags = ["--debug"] if debug else []
    done = subprocess.run(
        [sys.executable, "-c", BREAKING, "runs", "list", *flags],
        cwd=tmp_path,
        env=shell_environment(),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    line = "regcli: internal error: ValueError: two lines; --debug shows the traceback\n"
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.endswith(line)
    assert (done.stderr == line) is not debug


# Streams


def test_a_reader_that_goes_away(lab: Path) -> None:
    once = "regcli schema | head -1; regcli runs | head -1"
    done = in_shell(f"regcli runs export -o all.json; {once}; {once}", cwd=lab)
    assert (done.returncode, done.stderr) == (0, "wrote 8 runs to all.json\n")


@pytest.mark.parametrize("line", ["runs list", "runs list --json", "schema", "validate smoke"])
def test_stdout_that_is_full(line: str, lab: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = processes.regcli(*line.split(), cwd=lab, stdout=full, stderr=subprocess.PIPE)
    assert (done.returncode, done.stderr) == (2, "regcli: No space left on device\n")


@pytest.mark.parametrize("closed", [[1], [2], [0, 1, 2]])
def test_streams_that_are_closed(closed: list[int], lab: Path) -> None:
    def close() -> None:
        for number in closed:
            os.close(number)

    done = processes.regcli("runs", "list", cwd=lab, preexec_fn=close)
    assert (done.returncode, done.stderr) == (0, "")
    assert (len(done.stdout.splitlines()) > 8) is (1 not in closed)


def test_every_column_that_cannot_be_trained_on_is_a_line(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,b,y\n$5,NA,0\n$6,\x1b[31m,1\n")
    (tmp_path / "c.yaml").write_text("dataset: {file: t.csv, target: y}\nmodel: {layers: []}\n")
    done = regcli("validate", "c.yaml", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    place = f"regcli: {tmp_path / 't.csv'}: column"
    first, second = done.stderr.splitlines()
    assert first.startswith(f"{place} 'a' must hold plain numbers such as 1234.5, 2 of 2 rows ")
    assert second == (
        f"{place} 'b' must have a value in every row, row 1 of 2 has 'NA'; fill the gap, leave "
        "the row out, or set dataset.missing"
    )
