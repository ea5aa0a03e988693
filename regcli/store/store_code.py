"""The code of a person's models, once for all runs that share it."""

from collections.abc import Mapping
from typing import Any

from regcli.config.model_section import Model
from regcli.config.own_code import OwnCode
from regcli.config.schema import Config
from regcli.errors import StoreError
from regcli.results.records import RunRecord
from regcli.store.store import Store
from regcli.store.store_removals import CODE
from regcli.store.stored_configs import config_of


def code_findings(model: Model) -> dict[str, Mapping[str, Any]]:
    """What runs of a model are stored with, under a key that their records name."""
    code = model.code
    return {} if code is None else {f"{CODE} {code.fingerprint}": code.as_plain()}


def config_with_code(store: Store, record: RunRecord) -> Config:
    """The config that a run was trained with, and the code of its model as it then was.

    The code may be run where the store was opened so.

    Raises:
        StoreError: this regcli cannot read the config, or the code is not as it was stored.
    """
    config = config_of(record)
    if config.model.python is None:
        return config
    plain = store.recall(f"{CODE} {config.model.fingerprint}")
    try:
        code = None if plain is None else OwnCode.from_plain(plain, store.allows_code)
        is_own = code is not None and code.fingerprint == config.model.fingerprint
    except (ValueError, SyntaxError):
        is_own = False
    if code is None or not is_own:
        raise StoreError(
            f"The code of the stored run {record.id} is missing or was changed after it was "
            f"stored; remove the run with 'regcli runs rm {record.id}', then train it again."
        )
    return config.model_copy(update={"model": config.model.with_code(code)})
