"""What the configs here and those that are shipped plan: members, settings, models, and their ids.

Nothing is trained and TensorFlow is not loaded: all is read from `regcli validate --json`.
"""

import hashlib
import json
import shutil
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from regcli.config.shipped import shipped_names

from .command_line import document

CONFIGS = Path(__file__).parent / "configs"
_MOST = 16
"""Members that are written out; of more than that the first, the last, and a hash of all."""


def write_data(folder: Path) -> None:
    """The configs, and the data files that they name."""
    shutil.copytree(CONFIGS, folder, dirs_exist_ok=True)
    pl.read_csv(folder / "rows.csv").write_parquet(folder / "rows.parquet")
    y = np.arange(24) % 2
    images = (np.arange(24 * 4 * 4) * 7 % 31).reshape(24, 4, 4, 1) / 4
    steps = (np.arange(24 * 5 * 2) * 5 % 23).reshape(24, 5, 2) / 8
    tokens = (np.arange(24 * 6) * 11 % 9).reshape(24, 6)
    for name, x in {"images": images, "steps": steps, "tokens": tokens}.items():
        np.savez(folder / f"{name}.npz", x=x, y=y)


@cache
def _documents(folder: Path) -> dict[str, dict[str, Any]]:
    """What `validate` says of every config, by its name."""
    write_data(folder)
    own = {path.stem: path.name for path in sorted(CONFIGS.glob("*.yaml"))}
    configs = {f"shipped {name}": name for name in shipped_names()} | own
    return {
        name: document("validate", config, "--json", folder=folder)
        for name, config in configs.items()
    }


def ids(folder: Path) -> dict[str, str]:
    """The ids of every config's runs; a file of one line a config."""
    found = {
        name: _shortened([run["id"] for run in said["plan"]])
        for name, said in _documents(folder).items()
    }
    lines = [f"{json.dumps(name)}: {json.dumps(chosen)}" for name, chosen in found.items()]
    return {"ids.json": "{\n" + ",\n".join(lines) + "\n}\n"}


def plans(folder: Path) -> dict[str, str]:
    """Axes, models and settings of every config, whatever the ids of its runs are."""
    return {f"{name}.json": _plan_text(said) for name, said in _documents(folder).items()}


def _plan_text(said: dict[str, Any]) -> str:
    settings = _shortened([run["settings"] for run in said["plan"]])
    parts = {"axes": said["axes"], "models": said["models"], "settings": settings}
    lines = []
    for part, content in parts.items():
        rows = [f'  "{part}": [']
        if isinstance(content, dict):
            rows = [f'  "{part}": {{']
            inside = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in content.items()]
        else:
            inside = [json.dumps(item, ensure_ascii=False) for item in content]
        rows.append(",\n".join(f"    {line}" for line in inside))
        rows.append("  }" if isinstance(content, dict) else "  ]")
        lines.append("\n".join(row for row in rows if row))
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _shortened(items: Sequence[Any]) -> list[Any] | dict[str, Any]:
    if len(items) <= _MOST:
        return list(items)
    whole = hashlib.sha256(json.dumps(items).encode()).hexdigest()[:12]
    return {"count": len(items), "first": items[0], "last": items[-1], "hash of all": whole}
