"""The action for GitHub: its inputs are used, and its script runs."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from .conftest import Done
from .in_process import parse

FILE = Path(__file__).parents[2] / "action.yml"
USED = re.compile(r"\$\{\{\s*([\w.-]+)\s*\}\}")
STARTS_REGCLI = f'#!/bin/sh\nexec "{sys.executable}" -m regcli "$@"\n'


def action() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return found


def step(name: str) -> dict[str, Any]:
    (found,) = [each for each in action()["runs"]["steps"] if each.get("name") == name]
    assert isinstance(found, dict)
    return found


def test_every_input_is_used_and_every_one_that_is_used_exists() -> None:
    found = action()
    steps = found["runs"]["steps"]
    used = {name for each in steps for name in USED.findall(yaml.safe_dump(each))}
    inputs = {name.removeprefix("inputs.") for name in used if name.startswith("inputs.")}
    assert inputs == set(found["inputs"])
    assert used - {f"inputs.{name}" for name in inputs} == {"github.action_path"}
    assert all(each["description"] for each in found["inputs"].values())
    written = re.findall(r'echo "([\w-]+)(?:=|<<)', step("Sweep")["run"])
    for name, output in found["outputs"].items():
        assert USED.findall(output["value"]) == [f"steps.{step('Sweep')['id']}.outputs.{name}"]
    assert written == list(found["outputs"])


def test_no_script_holds_an_input() -> None:
    """What a person writes reaches it as a variable, so that it cannot be a command."""
    scripts = [each["run"] for each in action()["runs"]["steps"] if "run" in each]
    assert len(scripts) == 2
    assert [USED.findall(script) for script in scripts] == [[], []]


def run_sweep(folder: Path, **inputs: str) -> tuple[int, dict[str, str], str]:
    """Run the script as GitHub does: its exit code, its outputs, and the job's summary."""
    found, sweep = action(), step("Sweep")
    values = {name: each["default"] for name, each in found["inputs"].items()}
    values |= {name.replace("_", "-"): value for name, value in inputs.items()}
    given = {
        name: USED.sub(lambda match: values[match[1].removeprefix("inputs.")], text)
        for name, text in sweep["env"].items()
    }
    (folder / "bin").mkdir()
    (folder / "bin" / "regcli").write_text(STARTS_REGCLI)
    (folder / "bin" / "regcli").chmod(0o755)
    output, summary = folder / "output", folder / "summary.md"
    summary.write_text("before\n")
    environment = {
        **os.environ,
        **given,
        "PATH": f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "RUNNER_TEMP": str(folder),
        "GITHUB_ACTIONS": "true",
        "GITHUB_OUTPUT": str(output),
        "GITHUB_STEP_SUMMARY": str(summary),
    }
    # As GitHub runs `shell: bash`.
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", sweep["run"]]
    done = subprocess.run(command, cwd=folder, env=environment, check=False, capture_output=True)
    return done.returncode, _outputs(output), summary.read_text(encoding="utf-8")


def _outputs(file: Path) -> dict[str, str]:
    text = file.read_text(encoding="utf-8")
    end = text.partition("<<")[2].partition("\n")[0]
    comment = text.partition(f"{end}\n")[2].partition(f"{end}\n")[0]
    others = text.rpartition(f"{end}\n")[2].splitlines()
    return {"comment": comment, **dict(line.split("=", 1) for line in others)}


@pytest.mark.slow
def test_the_script_sweeps_and_leaves_its_files(lab: Path, swept: Done) -> None:
    (lab / "previous.json").write_text(swept.stdout)
    code, outputs, summary = run_sweep(
        lab,
        config="smoke",
        arguments="--epochs 2 --seeds 2 --engine keras --set 'name=a  b'",
        fail_if="best:validation.accuracy>1\n\nepochs==2\n",
        baseline="previous.json",
        tolerance="0.02",
    )
    assert code == 1
    found = parse(Path(outputs["json"]).read_text(encoding="utf-8"))
    assert (found["sweep"]["name"], found["sweep"]["reused"]) == ("a  b", 4)
    assert summary.startswith("before\n### smoke\n\n| l1 |")
    assert summary.count("--fail-if 'epochs==2' counts this as a failure") == 4
    shown = summary.removeprefix("before\n")
    assert outputs["comment"] == f"<!-- regcli sweep smoke -->\n{shown}"
    assert Path(outputs["comment-file"]).read_text(encoding="utf-8") == outputs["comment"]
    assert "testsuite" in Path(outputs["junit"]).read_text(encoding="utf-8")


def test_a_sweep_that_is_refused_fails_the_job(lab: Path) -> None:
    code, outputs, summary = run_sweep(lab, config="nothing.yaml")
    assert (code, summary) == (2, "before\n")
    assert outputs["comment"] == (
        "<!-- regcli sweep nothing.yaml -->\nregcli sweep ended with exit code 2.\n"
    )
