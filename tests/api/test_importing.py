"""`import regcli` loads next to nothing, and every public name can be reached."""

import json
import subprocess
import sys

import pytest

import regcli

HEAVY = {"tensorflow", "keras", "numpy", "pydantic", "polars", "pandas", "sklearn", "rich", "yaml"}


def loaded_by(script: str) -> set[str]:
    script += "\nimport json, sys\n"
    script += "print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))\n"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    return set(json.loads(done.stdout))


def test_importing_loads_nothing_heavy() -> None:
    script = "import regcli; regcli.sweep, regcli.path, regcli.train, regcli.open, regcli.DataError"
    loaded = loaded_by(script)
    assert "regcli" in loaded
    assert loaded & HEAVY == set()


def test_what_is_stored_is_read_without_tensorflow() -> None:
    loaded = loaded_by("import regcli; regcli.Sweep, regcli.Run, regcli.Runs, regcli.Verdict")
    assert loaded & {"tensorflow", "keras", "polars", "sklearn"} == set()


@pytest.mark.parametrize("name", regcli.__all__)
def test_every_public_name_is_there_and_documented(name: str) -> None:
    found = getattr(regcli, name)
    assert name in dir(regcli)
    assert name == "__version__" or (found.__doc__ or "").strip()


def test_another_name_is_an_error() -> None:
    with pytest.raises(AttributeError, match=r"^module 'regcli' has no attribute 'sweeps'$"):
        _ = regcli.sweeps
