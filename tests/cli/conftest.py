"""One folder of runs, trained once, that the tests look at or copy."""

import shutil
import subprocess
from pathlib import Path

import pytest

from . import processes
from .in_process import parse, regcli

SMOKE = ("sweep", "smoke", "--epochs", "2", "--seeds", "2", "--engine", "keras")
WIDER = (*SMOKE, "--l1", "0,1e-3,1e-2")
DIVERGING = (
    *("sweep", "smoke", "--epochs", "2", "--l1", "0", "--l2", "0"),
    *("--set", "training.optimizer.name=sgd"),
    *("--vary", "training.optimizer.learning_rate=0.01,1e9"),
)

NEW_ROWS = """\
sepal length (cm),sepal width (cm),petal length (cm),petal width (cm)
5.1,3.5,1.4,0.2
6.3,2.9,5.6,1.8
"""
"""Of the data set that the runs are of, as a file has them."""

Done = subprocess.CompletedProcess[str]


@pytest.fixture(scope="session")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that `swept`, `widened` and `diverged` fill, in this order."""
    return tmp_path_factory.mktemp("workshop")


@pytest.fixture(scope="session")
def swept(workshop: Path) -> Done:
    """A sweep of four runs in an empty folder, as a person starts it."""
    return processes.regcli(*SMOKE, "--json", cwd=workshop)


@pytest.fixture(scope="session")
def widened(workshop: Path, swept: Done) -> Done:
    """The same sweep with one more strength: six runs, four of them stored."""
    return regcli(*WIDER, "--json", cwd=workshop)


@pytest.fixture(scope="session")
def diverged(workshop: Path, widened: Done) -> Done:
    """A sweep of two runs, the second of which diverges."""
    return regcli(*DIVERGING, "--json", cwd=workshop)


@pytest.fixture
def lab(tmp_path: Path, workshop: Path, diverged: Done) -> Path:
    """A folder of its own with all eight runs in its `runs`, a table, and two rows to predict."""
    shutil.copytree(workshop / "runs", tmp_path / "runs")
    rows = "".join(f"{row / 7:.2f},{'ab'[row * 5 % 7 % 2]}\n" for row in range(40))
    (tmp_path / "train.csv").write_text(f"x,label\n{rows}")
    (tmp_path / "new.csv").write_text(NEW_ROWS)
    return tmp_path


@pytest.fixture
def ids(diverged: Done, widened: Done) -> list[str]:
    """Ids of the eight runs, the two of the diverging sweep last."""
    return [run["id"] for done in (widened, diverged) for run in parse(done.stdout)["runs"]]
