"""What a person's own models are made from, once for all runs that share it: code, or a file."""

from collections.abc import Mapping
from typing import Any

from regcli.config.model_section import Model
from regcli.config.own_code import OwnCode
from regcli.config.own_file import OwnFile
from regcli.config.schema import Config
from regcli.errors import StoreError
from regcli.results.records import RunRecord
from regcli.store.store import Store
from regcli.store.store_removals import OWN_MODEL
from regcli.store.stored_configs import config_of


def model_findings(model: Model) -> dict[str, Mapping[str, Any]]:
    """What runs of a model are stored with, under a key that their records name."""
    own = model.code or model.file
    return {} if own is None else {f"{OWN_MODEL} {model.fingerprint}": own.as_plain()}


def config_with_model(store: Store, record: RunRecord) -> Config:
    """The config that a run was trained with, and the code or file of its model as it then was.

    Code may be run where the store was opened so.

    Raises:
        StoreError: this regcli cannot read the config, or the code or file is not as it was stored.
    """
    config = config_of(record)
    if config.model.is_stack:
        return config
    try:
        model = _with_own(config.model, store)
    except (ValueError, SyntaxError):
        raise StoreError(
            f"The model of the stored run {record.id} is missing or was changed after it was "
            f"stored; remove the run with 'regcli runs rm {record.id}', then train it again."
        ) from None
    return config.model_copy(update={"model": model})


def _with_own(model: Model, store: Store) -> Model:
    """A model with what it is made from.

    Raises:
        ValueError, SyntaxError: it is missing, or another one.
    """
    plain = store.recall(f"{OWN_MODEL} {model.fingerprint}")
    if plain is None:
        raise ValueError("nothing is stored")
    if model.keras is not None:
        return model.with_file(OwnFile.from_plain(plain, model.keras))
    found = model.with_code(OwnCode.from_plain(plain, store.allows_code))
    if found.fingerprint != model.fingerprint:
        raise ValueError("it was changed")
    return found
