"""What a config's model is made from beside the config: a person's code."""

from pathlib import Path

from regcli.config.code_files import read_code
from regcli.config.code_function import check_function
from regcli.config.model_section import Model
from regcli.config.own_code import PYTHON
from regcli.config.schema import Config
from regcli.errors import ModelError

_ARGUMENT = "model.args."
_FINGERPRINT = ("model", "fingerprint")


def with_own_models(config: Config, folder: Path, is_allowed: bool) -> Config:
    """A config with the code that its model names; nothing of it is run.

    Args:
        folder: that relative paths start from.
        is_allowed: whether the code may be run later.

    Raises:
        ModelError: a file cannot be read, has no such function, or is not the one that a stored
            config was trained with.
    """
    model = config.model
    if model.python is None:
        _refuse_fingerprint(model)
        return config
    code = read_code(model.python.rpartition(":")[0], folder, is_allowed, PYTHON)
    check_function(code, model.function, {**_varied(config), **(model.args or {})}, PYTHON)
    if model.fingerprint not in (None, code.fingerprint):
        message = (
            f"must be that of {code.entry.path}, {code.fingerprint}, got {model.fingerprint}: the "
            "file has changed since; remove this key to train with it as it is"
        )
        raise ModelError(_FINGERPRINT, message)
    return config.model_copy(update={"model": model.with_code(code)})


def _varied(config: Config) -> dict[str, None]:
    """Arguments of the function that the sweep gives values to."""
    keys = [*config.sweep.vary, *(key for own in config.sweep.variants or () for key in own)]
    return {key.removeprefix(_ARGUMENT): None for key in keys if key.startswith(_ARGUMENT)}


def _refuse_fingerprint(model: Model) -> None:
    if model.fingerprint is not None:
        raise ModelError(_FINGERPRINT, "requires python or keras")
