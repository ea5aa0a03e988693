"""What this machine has, as far as it can be told without TensorFlow."""

import os
import platform
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_info

from regcli.data.free_memory import available
from regcli.processors import group_limit, usable_cores

_VECTOR_FLAGS = ("avx", "avx2", "fma", "avx512f", "avx512_vnni", "avx512_bf16", "amx_bf16")
_SMI = ("nvidia-smi", "--query-gpu=name,memory.total,driver_version", "--format=csv,noheader")
_SMI_SECONDS = 20.0


@dataclass(frozen=True)
class Machine:
    """A machine.

    Attributes:
        cpu: the processor's name; None where the system does not tell.
        cores, usable: how many processors there are, and this process may use.
        limit: processors' time that control groups allow; None for no limit.
        vector_flags: instructions for several numbers at once that the processor has.
        free, memory: bytes that this process may take, and the machine has; None where not told.
        gpus: lines of `nvidia-smi`, or the names of its devices; empty without a driver.
        blas: NumPy's library for linear algebra, and what it says of itself while it is loaded.
    """

    system: str
    cpu: str | None
    cores: int
    usable: int
    limit: float | None
    vector_flags: tuple[str, ...]
    free: int | None
    memory: int | None
    gpus: tuple[str, ...]
    blas: Mapping[str, str]


def this_machine() -> Machine:
    """The machine that this process runs on."""
    told = _cpu_lines(Path("/proc/cpuinfo"))
    flags = told.get("flags", told.get("features", "")).split()
    return Machine(
        system=platform.platform(terse=True),
        cpu=told.get("model name") or platform.processor() or None,
        cores=os.cpu_count() or 1,
        usable=usable_cores(),
        limit=group_limit(),
        vector_flags=tuple(flag for flag in _VECTOR_FLAGS if flag in flags),
        free=available(),
        memory=_memory(),
        gpus=_gpus(),
        blas=_blas(),
    )


def _cpu_lines(file: Path) -> dict[str, str]:
    """What Linux says of the first processor, by key."""
    try:
        first = file.read_text(encoding="utf-8", errors="replace").partition("\n\n")[0]
    except OSError:
        return {}
    pairs = (line.partition(":") for line in first.splitlines())
    return {key.strip().lower(): value.strip() for key, _, value in pairs}


def _memory() -> int | None:
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        return None


def _gpus() -> tuple[str, ...]:
    """What NVIDIA's driver sees: `name, memory, driver` each, else the names of its devices."""
    devices = tuple(map(str, sorted(Path("/dev").glob("nvidia[0-9]*"))))
    if shutil.which(_SMI[0]) is None:
        return devices
    try:
        done = subprocess.run(_SMI, capture_output=True, text=True, timeout=_SMI_SECONDS)
    except (OSError, subprocess.TimeoutExpired):
        return devices
    return tuple(filter(None, done.stdout.splitlines())) if done.returncode == 0 else devices


def _blas() -> dict[str, str]:
    built: Mapping[str, Any] = np.show_config(mode="dicts") or {}
    found = built.get("Build Dependencies", {}).get("blas", {})
    pools: list[dict[str, Any]] = threadpool_info()
    loaded = next((each for each in pools if each.get("user_api") == "blas"), {})
    told = {
        "name": found.get("name"),
        "version": loaded.get("version") or found.get("version"),
        "architecture": loaded.get("architecture"),
        "threads": loaded.get("num_threads"),
    }
    return {key: str(value) for key, value in told.items() if value}
