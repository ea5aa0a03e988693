"""Runs trained once more without penalty, on the support that another run has found.

The shrinking that a penalty does to the weights that it keeps is undone; what is zero stays zero.
"""

from pathlib import Path

from regcli.config.document import Document
from regcli.config.freed_layers import without_shrinkage
from regcli.config.load import LoadedConfig, check
from regcli.config.plan import Member
from regcli.config.populations import EngineChoice
from regcli.errors import DataError, StoreError
from regcli.experiments import Observer, PlannedRun, plan_runs, train_runs
from regcli.penalties.registry import SHAPE_KEYS
from regcli.results.records import STRENGTHS, RunRecord
from regcli.results.store import Store

_SHAPES = frozenset(f"regularization.{key}" for key in SHAPE_KEYS)


def plan_refit(base: PlannedRun) -> PlannedRun:
    """The run that starts from another's weights, its zeros held, with every strength off.

    That is l1, l2 and group of all kernels and biases, a layer's own too. What else the config asks
    for stays: weight decay is the optimizer's, and activities and angles are no weights.
    """
    free: dict[str, object] = {
        "regularization": {"method": "penalty"},
        "model.layers": [
            without_shrinkage(layer).model_dump() for layer in base.member.config.model.layers
        ],
        "training.keep_zeros": True,
        "training.start_from": base.id,
    }
    settings = {
        key: 0.0 if key.rpartition(".")[-1] in STRENGTHS else value
        for key, value in base.member.settings.items()
        if key not in _SHAPES
    }
    for key in ("regularization.group", "regularization.penalty"):
        if settings.get(key):
            settings[key] = None
    return base.with_values(free, {**settings, "method": "penalty"})


def refit_stored(
    store: Store, identity: str, observer: Observer, device: str, engine: EngineChoice
) -> RunRecord:
    """Refit a stored run, or give back its refitted run where that is stored.

    Relative data files are looked for in the current folder.

    Raises:
        StoreError: there is no such run.
        DataError: its data cannot be read, or is no longer what it was trained on.
        KeyboardInterrupt: the training was interrupted.
    """
    record = store.get(identity)
    if record is None:
        raise StoreError(f"run {identity}: is not stored")
    document = Document(f"run {identity}", {**record.config, "sweep": {}})
    loaded = LoadedConfig(check(document), document, Path())
    (base,) = plan_runs([Member(record.settings, loaded.config, loaded)])
    if base.id != identity:
        raise DataError(f"run {identity}: cannot be refitted, its data has changed since")
    refit = plan_refit(base)
    name = f"{record.name}, refitted"
    result = train_runs([refit], name, store, observer, device, engine)
    if not result.records:
        raise KeyboardInterrupt
    return result.records[0]
