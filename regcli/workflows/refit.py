"""Runs trained again without a penalty, on the support (the non-zero weights) of another run.

This undoes the shrinkage of the weights that the penalty kept; weights that are zero stay zero.
"""

from collections.abc import Sequence
from dataclasses import replace

from regcli.config.document import Document
from regcli.config.keras_parts import Layer
from regcli.config.layer_names import layer_names
from regcli.config.layer_selection import names_weights
from regcli.config.load import LoadedConfig, check
from regcli.config.schema import Regularization, Sweep
from regcli.config.unregularized_layers import without_shrinkage
from regcli.errors import DataError, StoreError
from regcli.penalties.registry import SHAPE_KEYS
from regcli.planning.members import Member
from regcli.planning.run import Run, make_runs
from regcli.results.records import STRENGTHS, RunRecord
from regcli.store.stored_configs import data_folder
from regcli.store.stored_own_models import config_with_model
from regcli.workflows.graph_training import train_as_sweep
from regcli.workflows.workspace import Workspace

_SHAPES = frozenset(f"regularization.{key}" for key in SHAPE_KEYS)


def plan_refit(base: Run) -> Run:
    """The run that starts from another's weights and zeros, with every strength set to 0.

    That is l1, l2 and group of all kernels and biases, a layer's own too. Everything else in the
    config stays: weight decay belongs to the optimizer, and regularizers of activities or of
    orthogonality do not shrink weights.
    """
    layers = tuple(map(without_shrinkage, base.config.model.layers))
    config = base.config.model_copy(
        update={
            "regularization": _free(base.config.regularization, layers),
            "model": base.config.model.model_copy(update={"layers": layers}),
        }
    )
    settings = {
        key: 0.0 if key.rpartition(".")[-1] in STRENGTHS else value
        for key, value in base.settings.items()
        if key not in _SHAPES
    }
    for key in ("regularization.group", "regularization.penalty"):
        if settings.get(key):
            settings[key] = None
    return base.following(base.id, config, {**settings, "method": "penalty"}, keep_zeros=True)


def _free(given: Regularization, layers: Sequence[Layer]) -> Regularization:
    """No strengths; weights stay named whose zeros are held beside those of kernels."""
    selections = [given.layers, *(group.layers for group in given.groups or ())]
    texts = [text for own in selections if not isinstance(own, str) for text in own]
    taken = {*layer_names(layers), *(layer.kind for layer in layers)}
    named = [text for text in texts if text not in taken and names_weights(text)]
    free = Regularization(method="penalty", existing=given.existing)
    return free.model_copy(update={"layers": tuple(named)}) if named else free


def refit_stored(identity: str, workspace: Workspace) -> RunRecord:
    """Refit a stored run, or give back its refitted run where that is stored.

    Its data is looked up where it was; see `data_folder`.

    Raises:
        StoreError: there is no such run.
        DataError: its data cannot be read, or is no longer what it was trained on.
        KeyboardInterrupt: the training was interrupted.
    """
    record = workspace.store.get(identity)
    if record is None:
        raise StoreError(f"run {identity}: there is no such run in the store")
    base = _stored_run(record, workspace)
    result = train_as_sweep([plan_refit(base)], f"{record.name}, refitted", workspace)
    if not result.records:
        raise KeyboardInterrupt
    return result.records[0]


def _stored_run(record: RunRecord, workspace: Workspace) -> Run:
    """The run that a record is of, on its data, under the id that it was stored by.

    Raises:
        DataError: its data cannot be read, or is no longer what it was trained on.
    """
    document = Document(f"run {record.id}", {**record.own_config, "sweep": {}})
    check(document)
    config = config_with_model(workspace.store, record)
    config = config.model_copy(update={"sweep": Sweep()})
    loaded = LoadedConfig(config, document, data_folder(record), workspace.store.allows_code)
    (run,) = make_runs([Member(record.settings, loaded.config, loaded)], workspace.data)
    if record.data is None or run.data.fingerprint != record.data.fingerprint:
        raise DataError(f"run {record.id}: cannot be refitted, its data has changed since training")
    return replace(run, id=record.id)
