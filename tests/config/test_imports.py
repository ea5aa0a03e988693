"""The room stays light: a config is checked without what training needs."""

import json
import subprocess
import sys
from pathlib import Path

import regcli.config

HEAVY = {"tensorflow", "keras", "numpy", "sklearn", "polars", "matplotlib"}


def test_no_module_of_the_room_loads_a_heavy_package() -> None:
    folder = Path(regcli.config.__file__).parent
    modules = sorted(f"regcli.config.{path.stem}" for path in folder.glob("[!_]*.py"))
    script = (
        "import importlib, json, sys\n"
        f"for name in {modules!r}: importlib.import_module(name)\n"
        "from regcli.config.load import load_config\n"
        "from regcli.planning.members import plan_sweep\n"
        "from regcli.config.json_schema import config_schema\n"
        "plan_sweep(load_config('quickstart')); config_schema()\n"
        "print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    loaded = set(json.loads(done.stdout))
    assert "regcli" in loaded
    assert loaded & HEAVY == set()
