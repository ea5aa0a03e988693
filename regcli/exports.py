"""Stored runs' models as files that other programs load."""

from pathlib import Path

import numpy as np

from regcli.config.schema import Config
from regcli.errors import StoreError
from regcli.results.store import Store


def export_model(store: Store, identity: str, path: Path) -> None:
    """Write a stored run's trained model as a Keras file that loads without regcli.

    The model takes rows as they are in the data: it scales them itself.

    Raises:
        StoreError: if the run's weights are not stored.
        ModelError: if its config no longer builds with this Keras.
    """
    record = store.get(identity)
    weights_file = store.file(identity, "weights.npz")
    if record is None or record.data is None:
        raise StoreError(f"run {identity}: has no model to write")
    from regcli.nets.export import rebuild_model

    with np.load(weights_file, allow_pickle=False) as weights:
        model = rebuild_model(Config.model_validate(record.config), record.data, dict(weights))
    model.save(path)
