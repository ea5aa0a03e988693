"""Grids that the data's own largest useful strength begins: `auto:9` as numbers."""

import math
from collections.abc import Callable
from typing import Any

from regcli.config.grid import auto_range, parse_auto, parse_grid
from regcli.config.load import LoadedConfig
from regcli.errors import ModelError
from regcli.penalties.registry import SHAPE_KEYS
from regcli.planning.events import Noted, Phase, PhaseBegun
from regcli.planning.identity import content_hash, run_id
from regcli.planning.members import plan_single, plan_sweep
from regcli.planning.run import Run, make_runs, require_code_allowed
from regcli.planning.variants import variants_of
from regcli.workflows.workspace import Workspace

_PLACEHOLDER = math.pi
"""Placeholder for a largest useful strength, unlikely to be written together with `auto`."""


def with_numbers(loaded: LoadedConfig, workspace: Workspace) -> LoadedConfig:
    """A config whose strengths are numbers; one without `auto` is given back as it is.

    Raises:
        ConfigError, DataError, DeviceError, EngineError, StoreError: as `largest_useful`.
    """
    return _numbered(loaded, lambda own: largest_useful(own, workspace)[0])


def with_placeholders(loaded: LoadedConfig) -> LoadedConfig:
    """A config with as many numbers as `auto` will give, to check everything else about it."""
    return _numbered(loaded, lambda _: _PLACEHOLDER)


def has_auto(loaded: LoadedConfig) -> bool:
    """Whether some strengths of a config are known only once its data is."""
    return with_placeholders(loaded) is not loaded


def _numbered(loaded: LoadedConfig, largest: Callable[[LoadedConfig], float]) -> LoadedConfig:
    """A config whose `auto` is replaced, in its grid or, where it has variants, in each of these.

    Args:
        largest: gives the largest useful strength of a config.
    """
    if not loaded.config.sweep.variants:
        numbers = _numbers(loaded, largest)
        return loaded if numbers is None else loaded.with_values({"sweep.l1": numbers})
    changes = {}
    for place, (_, variant) in enumerate(variants_of(loaded)):
        numbers = _numbers(variant, largest)
        if numbers is not None:
            changes[f"sweep.variants.{place}.l1"] = numbers
    return loaded.with_values(changes) if changes else loaded


def _numbers(loaded: LoadedConfig, largest: Callable[[LoadedConfig], float]) -> list[float] | None:
    """The strengths of a grid with `auto` in it; None of another."""
    found = parse_auto(loaded.config.sweep.l1)
    if found is None:
        return None
    others, points = found
    return [*(parse_grid(others) if others else ()), *auto_range(largest(loaded), points)]


def largest_useful(loaded: LoadedConfig, workspace: Workspace) -> tuple[float, bool]:
    """The largest useful l1 of a config, and whether a formula gave it; kept in the store.

    Raises:
        ConfigError: a member of the sweep cannot be planned; the model cannot be built, has no
            proximal step, or never gets empty.
        DataError, DeviceError, StoreError: as a sweep.
    """
    plan_sweep(with_placeholders(loaded))  # what is wrong is said before a long search
    (run,) = make_runs([plan_single(_without_what_varies(loaded))], workspace.data)
    require_code_allowed([run])
    key = content_hash(["smallest l1 that sets all weights to zero", _without_l1(run)])
    finding: Any = workspace.store.recall(key)
    if finding is None:
        finding = _find(run, workspace)
        workspace.store.remember(key, finding)
    how = "by formula" if finding["is_exact"] else "found by training: no formula for this model"
    workspace.tell(Noted(f"largest useful l1 {finding['strength']:.6g}, {how}"))
    return float(finding["strength"]), bool(finding["is_exact"])


def _without_what_varies(loaded: LoadedConfig) -> LoadedConfig:
    """A config that leaves groups, their strength or the penalty to its sweep, as one without.

    Where a formula gives the largest useful l1, it is the same for every penalty without groups.
    """
    given = loaded.config.regularization
    freed: dict[str, object] = {}
    if (given.group is None) != (given.group_strength is None):
        freed = {"regularization.group": None, "regularization.group_strength": None}
    if given.penalty is None:
        freed |= {f"regularization.{key}": None for key in SHAPE_KEYS if getattr(given, key)}
    return loaded.with_values(freed) if freed else loaded


def _without_l1(run: Run) -> str:
    freed = run.config.regularization.model_copy(update={"l1": 0.0, "method": "proximal"})
    config = run.config.model_copy(update={"regularization": freed})
    return run_id(config, run.data.fingerprint, form=run.data.form)


def _find(run: Run, workspace: Workspace) -> dict[str, Any]:
    workspace.tell(PhaseBegun(Phase.SEARCHING))
    from regcli.training.devices import prepare_device
    from regcli.training.executors import Materials
    from regcli.training.largest import largest_strength

    materials = Materials(prepare_device(workspace.device), workspace.data)
    try:
        largest = largest_strength(run, materials)
    except ModelError as error:
        raise run.placed(error) from error
    return {"strength": largest.strength, "is_exact": largest.is_exact}
