"""`~` in quotes, behind `=` or in a variable is the home folder, which no shell has put there."""

import subprocess
import sys
from pathlib import Path

import pytest

from .in_process import problem, regcli
from .processes import PATIENCE, shell_environment

CONFIG = "dataset: {name: iris}\nmodel: {layers: []}\n"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    (folder / "c.yaml").write_text(CONFIG)
    return folder


def test_paths_begin_at_home(home: Path) -> None:
    env, cwd = {"HOME": str(home)}, home.parent
    assert regcli("validate", "~/c.yaml", cwd=cwd, env=env).returncode == 0
    assert regcli("init", "~/new [p]", cwd=cwd, env=env).stderr.endswith(
        f"next: cd '{home}/new [p]' && regcli sweep\n"
    )
    assert (home / "new [p]" / "regcli.yaml").is_file()
    missing = f"There are no runs in {home}/store yet"
    assert missing in regcli("runs", "show", "abcd", "--runs=~/store", cwd=cwd, env=env).stderr
    env["REGCLI_RUNS"] = "~/store"
    assert missing in regcli("runs", "show", "abcd", cwd=cwd, env=env).stderr
    assert [path.name for path in cwd.iterdir()] == ["home"]


@pytest.mark.parametrize(
    "line",
    [
        "validate ~nosuchuser/x",
        "init ~nosuchuser/x",
        "runs list --runs ~nosuchuser/x",
        "runs export -o ~nosuchuser/x",
        "shrink abcd -o ~nosuchuser/x",
    ],
)
def test_there_is_no_such_user(line: str, tmp_path: Path) -> None:
    assert problem(*line.split(), cwd=tmp_path) == (
        "regcli: ~nosuchuser/x: there is no user with the home folder ~nosuchuser"
    )
    assert list(tmp_path.iterdir()) == []


def test_modules_in_the_working_folder_are_not_imported(tmp_path: Path) -> None:
    """`python -m` alone would take them for those that are looked for."""
    for name in ("threading", "numpy", "keras_hub"):
        (tmp_path / f"{name}.py").write_text(f"open('{name} ran', 'w')\n")
    done = subprocess.run(
        [sys.executable, "-m", "regcli", "validate", "seed"],
        cwd=tmp_path,
        env=shell_environment(),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".py"] * 3


def test_keys_are_bounded(tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text(CONFIG)
    deep = ".".join(["training", *"b" * 400])
    for option in ("--set", "--vary"):
        line = problem("sweep", "c.yaml", option, f"{deep}=1", cwd=tmp_path)
        assert line.startswith(f"regcli: {option} training.b.b.b.")
        assert line.endswith("…: a key must have at most 32 steps, got 401")
        assert len(line) < 300
