"""A look at everything that regcli needs: software, machine, TensorFlow, data sets, the store."""

import platform
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from regcli.data.named.kept_data import kept_data
from regcli.data.sources import CACHE
from regcli.errors import RegcliError
from regcli.results.trouble import Grade, Trouble
from regcli.store.store_health import StoreHealth, examine
from regcli.store.store_repair import repair
from regcli.store.store_troubles import troubles
from regcli.workflows.installed_software import Software, installed_software
from regcli.workflows.this_machine import Machine, this_machine

if TYPE_CHECKING:
    from regcli.training.step_times import StepTimes
    from regcli.training.tensorflow_state import TensorFlowState

Say = Callable[[str], None]
"""Tells a person what is being done, before it is."""


@dataclass(frozen=True)
class Surroundings:
    """What regcli runs on and with.

    Attributes:
        tensorflow: None where it cannot be loaded.
        steps: what a model-step takes; None where it was not measured.
        data: why each data set that another package keeps cannot be used; empty where it can.
        python: its version.
    """

    software: Software
    machine: Machine
    tensorflow: "TensorFlowState | None"
    steps: "StepTimes | None"
    data: Mapping[str, str]
    python: str = field(default_factory=platform.python_version)


@dataclass(frozen=True)
class Checkup:
    """What was found.

    Attributes:
        surroundings: None where only the store was asked about.
        cache_bytes: of rows that a table larger than memory has left in the store.
        deeds: what was repaired, a sentence each.
        troubles: the worst first.
    """

    store: StoreHealth
    surroundings: Surroundings | None = None
    cache_bytes: int = 0
    deeds: tuple[str, ...] = ()
    troubles: tuple[Trouble, ...] = field(default=())

    @property
    def is_broken(self) -> bool:
        """Whether something is lost or does not work."""
        return any(trouble.grade is Grade.BROKEN for trouble in self.troubles)


def check_store(folder: Path, mends: bool, say: Say) -> Checkup:
    """Look at a store, once it is repaired where that is asked for.

    Raises:
        StoreError: it cannot be repaired, or its folder cannot be read.
    """
    deeds: tuple[str, ...] = ()
    if mends:
        say(f"repairing {folder}")
        deeds = tuple(repair(folder))
    say(f"looking at every record and file of {folder}")
    health = examine(folder)
    cache = sum(path.stat().st_size for path in (folder / CACHE).glob("*") if path.is_file())
    return Checkup(health, cache_bytes=cache, deeds=deeds, troubles=tuple(troubles(health)))


def check_all(folder: Path, measures: bool, say: Say) -> Checkup:
    """Look at everything.

    Args:
        folder: the store.
        measures: whether to train for some seconds.

    Raises:
        StoreError: the store's folder cannot be read.
    """
    software, machine = installed_software(), this_machine()
    found = list(software.troubles)
    state, steps = None, None
    say("loading TensorFlow")
    try:
        from regcli.models.quiet import load_tensorflow_quietly

        load_tensorflow_quietly()
        from regcli.training.tensorflow_state import tensorflow_state

        state = tensorflow_state()
        found += gpu_troubles(machine, state)
    except Exception as error:  # what a broken installation raises can be anything
        found.append(Trouble(Grade.BROKEN, f"TensorFlow cannot be loaded: {_said(error)}"))
    if measures and state is not None:
        say("measuring both trainers, some seconds each")
        try:
            from regcli.training.step_times import measure_steps

            steps = measure_steps()
        except Exception as error:
            found.append(Trouble(Grade.BROKEN, f"a small net cannot be trained: {_said(error)}"))
    store = check_store(folder, False, say)
    surroundings = Surroundings(software, machine, state, steps, kept_data())
    worst = sorted((*found, *store.troubles), key=lambda trouble: [*Grade].index(trouble.grade))
    return Checkup(store.store, surroundings, store.cache_bytes, (), tuple(worst))


def _said(error: Exception) -> str:
    text = str(error) if isinstance(error, RegcliError) else f"{type(error).__name__}: {error}"
    return " ".join(text.split())


def gpu_troubles(machine: Machine, state: "TensorFlowState") -> Iterator[Trouble]:
    """What keeps TensorFlow from a GPU whose driver is there."""
    if not machine.gpus or state.gpus:
        return
    if state.hidden is not None:
        advice = f"CUDA_VISIBLE_DEVICES is {state.hidden!r}: unset it"
    elif not state.is_for_gpus:
        advice = "this TensorFlow is built without CUDA: install one for Linux from PyPI"
    else:
        advice = "its CUDA libraries are missing or too old: pip install 'regcli[gpu]'"
    yield Trouble(
        Grade.NOTE,
        f"a driver for {machine.gpus[0].partition(',')[0]} is there, but TensorFlow sees no GPU; "
        f"{advice}",
    )
