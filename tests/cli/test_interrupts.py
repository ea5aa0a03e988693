"""A sweep that is interrupted or killed at any moment goes on where it was.

The moments are random, within a stage that the test waits for: however busy the machine is, the
signal meets what it is meant to meet.
"""

import os
import random
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from regcli.cli.app import run
from regcli.signals import REQUESTS
from regcli.store.store import open_store
from regcli.store.store_weights import read_weights

from .conftest import WIDER, Done
from .in_process import parse, problem, regcli
from .processes import PATIENCE, REGCLI, Background, in_shell, shell_environment, start
from .test_sweep import results

GO_ON = f"{REGCLI} {' '.join(WIDER)} --json"
INTERRUPTED = f"regcli: interrupted; finished runs are kept. Resume with: {GO_ON}"
SOON = 60.0
"""A few seconds, on a machine that is very busy with other things."""


def stored(folder: Path) -> int:
    listed = regcli("runs", "list", "--format", "csv", cwd=folder)
    return listed.stdout.count(",finished,")


def interrupt(sweep: Background, times: int = 1) -> str:
    started = time.monotonic()
    code, stdout = sweep.end(signal.SIGINT, times)
    assert time.monotonic() - started < SOON
    assert code == 130, sweep.stderr
    *before, last = sweep.stderr.splitlines()
    assert last == INTERRUPTED
    told = r"\[\d/\d\] .*|\d runs: .* stored before, \d to train|\d runs? completed, \d remaining"
    ended = r"run [0-9a-f]{12}: interrupted, interrupted after epoch \d of 2"
    assert [line for line in before if not re.fullmatch(f"{told}|{ended}", line)] == []
    if stdout:
        parse(stdout)
    return stdout


@pytest.mark.slow
def test_ctrl_c_at_any_moment(tmp_path: Path, widened: Done) -> None:
    for library in ("_multiarray_umath", "libtensorflow"):
        sweep = start(*WIDER, "--json", cwd=tmp_path)
        sweep.wait_for_library(library)
        time.sleep(random.uniform(0.0, 0.5))
        interrupt(sweep)
    kept = 0
    for times in (1, 3):
        sweep = start(*WIDER, "--json", cwd=tmp_path)
        sweep.wait_for_runs(1)
        time.sleep(random.uniform(0.0, 0.7))
        interrupt(sweep, times)
        ended = len(re.findall(r"^\[\d/\d\] .*validation loss", sweep.stderr, re.M))
        assert stored(tmp_path) >= kept + ended >= 1
        kept += ended
    command = sweep.stderr.splitlines()[-1].partition(" Resume with: ")[2]
    done = in_shell(command, cwd=tmp_path)
    assert done.returncode == 0, done
    found = parse(done.stdout)
    assert found["sweep"]["reused"] >= kept
    assert results(found) == results(parse(widened.stdout))


@pytest.mark.slow
def test_kill_at_any_moment(tmp_path: Path, widened: Done) -> None:
    sweep = start(*WIDER, "--json", cwd=tmp_path)
    time.sleep(random.uniform(0.1, 3.0))
    sweep.end(signal.SIGKILL)
    sweep = start(*WIDER, "--json", cwd=tmp_path)
    sweep.wait_for_runs(1)
    time.sleep(random.uniform(0.0, 0.7))
    sweep.end(signal.SIGKILL)
    told = len(re.findall(r"^\[\d/", sweep.stderr, re.M))
    assert 1 <= told <= stored(tmp_path) <= 6
    done = regcli(*WIDER, "--json", cwd=tmp_path)
    assert done.returncode == 0, done
    found = parse(done.stdout)
    assert found["sweep"]["reused"] >= told
    assert results(found) == results(parse(widened.stdout))
    assert not (tmp_path / "runs" / ".pending").exists()
    with open_store(tmp_path / "runs", create=False) as store:
        assert all(read_weights(store, run["id"]) for run in found["runs"])


_INTERRUPTED_WHILE_LOADING = """
import signal, sys
class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == "{module}":
            signal.raise_signal(signal.SIGINT)
sys.meta_path.insert(0, Finder())
from regcli.__main__ import main
main()
"""
_INTERRUPTED_AGAIN = """
import signal, sys
from regcli.cli import interrupts
from regcli import __main__
def again(*given):
    for _ in range(3):
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGTERM)
    return ["regcli"]
interrupts._program = again
plain = sys.exit
def leaving(code):
    again()
    plain(code)
sys.exit = leaving
def first(*given):
    try:
        signal.raise_signal(signal.SIGINT)
    finally:
        again()
import regcli.config.load
regcli.config.load.load_config = first
__main__.main()
"""
_LOSING = """
import signal
import regcli.workflows.grid_sweep
class Loses:
    def __del__(self):
        signal.raise_signal(signal.SIGINT)
planned = regcli.workflows.grid_sweep.make_runs
def lose(*given):
    Loses()
    return planned(*given)
regcli.workflows.grid_sweep.make_runs = lose
from regcli.__main__ import main
main()
"""


def run_python(script: str, *arguments: str, cwd: Path) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        cwd=cwd,
        env=shell_environment(),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("module", ["regcli.cli.app", "typer", "regcli.config.load", "numpy"])
def test_ctrl_c_while_regcli_loads(module: str, tmp_path: Path) -> None:
    script = _INTERRUPTED_WHILE_LOADING.replace("{module}", module)
    code, stdout, stderr = run_python(script, "sweep", "smoke", "--l1", "0,1", cwd=tmp_path)
    assert (code, stdout) == (130, "")
    assert stderr == (
        "regcli: interrupted; finished runs are kept. Resume with: -c sweep smoke --l1 0,1\n"
    )
    code, stdout, stderr = run_python(script, "validate", "smoke", cwd=tmp_path)
    assert (code, stdout, stderr) == (130, "", "regcli: interrupted\n")


def test_a_command_called_by_python_leaves_the_answer_to_ctrl_c_as_it_was() -> None:
    before = [signal.getsignal(number) for number in REQUESTS]
    assert run(["--version"]) == 0
    assert [signal.getsignal(number) for number in REQUESTS] == before


_TURNED_INTO_ANOTHER_ERROR = """
import signal, sys
class Interrupted:
    def find_spec(self, name, path=None, target=None):
        if name == "regcli.cli.app":
            class Named:
                def __set_name__(self, owner, name):
                    signal.raise_signal(signal.SIGINT)
            class Made:
                attribute = Named()
sys.meta_path.insert(0, Interrupted())
from regcli.__main__ import main
main()
"""


def test_ctrl_c_that_python_turns_into_another_error(tmp_path: Path) -> None:
    done = run_python(_TURNED_INTO_ANOTHER_ERROR, "validate", "smoke", cwd=tmp_path)
    assert done == (130, "", "regcli: interrupted\n")


def test_ctrl_c_while_another_is_answered(tmp_path: Path) -> None:
    code, stdout, stderr = run_python(_INTERRUPTED_AGAIN, "sweep", "smoke", cwd=tmp_path)
    assert (code, stdout) == (130, "")
    assert (
        stderr == "regcli: interrupted; finished runs are kept. Resume with: regcli sweep smoke\n"
    )


@pytest.mark.skipif(sys.platform != "linux", reason="reads from /proc which signals are handled")
@pytest.mark.parametrize("command", [("sweep", "--help"), ("runs", "list"), ("validate", "smoke")])
def test_bursts_of_requests_at_any_moment(command: tuple[str, ...], tmp_path: Path) -> None:
    chance = random.Random(" ".join(command))
    for _ in range(6):
        process = start(*command, cwd=tmp_path)
        process.wait_for_handlers()
        time.sleep(chance.uniform(0.0, 0.04))
        process.send_burst(chance)
        code, stdout = process.end()
        assert (code, process.stderr) == (130, "regcli: interrupted\n"), stdout


def test_ctrl_c_where_the_reader_of_the_results_is_gone(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    script = _INTERRUPTED_AGAIN.replace("def first(*given):", "def first(*given):\n    print(1)")
    process = subprocess.Popen(
        [sys.executable, "-c", script, "sweep", "smoke"],
        cwd=tmp_path,
        env=shell_environment(),
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
    )
    os.close(reading)
    os.close(writing)
    _, stderr = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert (
        stderr == "regcli: interrupted; finished runs are kept. Resume with: regcli sweep smoke\n"
    )


@pytest.mark.slow
def test_ctrl_c_that_python_loses_is_noticed_at_the_next_step(tmp_path: Path) -> None:
    code, stdout, stderr = run_python(_LOSING, "sweep", "smoke", cwd=tmp_path)
    assert (code, stdout) == (130, "")
    assert stderr == (
        "0 runs completed, 2 remaining\n"
        "regcli: interrupted; finished runs are kept. Resume with: -c sweep smoke\n"
    )
    assert stored(tmp_path) == 0


@pytest.mark.parametrize("option", ["--help", "-h", "--dry-run"])
def test_what_trains_nothing_has_nothing_to_go_on_with(option: str) -> None:
    from regcli.cli.interrupts import interrupted_text

    assert interrupted_text(["sweep", "smoke", option]) == "regcli: interrupted"


def test_fresh_runs_are_not_resumed() -> None:
    from regcli.cli.interrupts import interrupted_text

    assert interrupted_text(["sweep", "smoke", "--fresh"]) == (
        "regcli: interrupted; runs that ended replace the stored ones, others stay as stored"
    )


def test_the_command_that_goes_on_is_quoted_for_a_shell() -> None:
    from regcli.cli.interrupts import interrupted_text

    text = interrupted_text(["sweep", "my config.yaml", "--vary", "a.b=x,y z"])
    assert text.endswith(" sweep 'my config.yaml' --vary 'a.b=x,y z'")


# Several at once


@pytest.mark.slow
def test_two_sweeps_and_a_list_at_once(tmp_path: Path) -> None:
    grids = ("0,1e-3,1e-2", "1e-3,1e-2,1e-1")
    sweeps = [
        start("sweep", "smoke", "--epochs", "1", "--l1", grid, "--json", cwd=tmp_path)
        for grid in grids
    ]
    listed = 0
    while any(sweep.process.poll() is None for sweep in sweeps):
        if (tmp_path / "runs" / "regcli.sqlite").exists():
            shown = regcli("runs", "list", "--json", cwd=tmp_path)
            found = parse(shown.stdout)["runs"]
            assert shown.returncode == 0
            assert shown.stderr == "" or (found == [] and shown.stderr.startswith("There are no "))
            listed += 1
        time.sleep(0.5)
    ends = [sweep.end() for sweep in sweeps]
    assert [code for code, _ in ends] == [0, 0], [sweep.stderr for sweep in sweeps]
    first, second = (parse(stdout) for _, stdout in ends)
    assert results(first)[0].keys() == results(second)[0].keys()
    by_id = {run["id"]: run for run in results(first)}
    both = [run for run in results(second) if run["id"] in by_id]
    assert len(both) == 2
    assert [by_id[run["id"]] for run in both] == both
    assert listed > 0
    assert stored(tmp_path) == 4
    absent = problem("runs", "show", "0" * 12, cwd=tmp_path)
    assert absent.startswith("regcli: No run or sweep in runs has the id or name '000000000000';")
