"""What a config's model is made from beside the config: a person's code, or a Keras file."""

from pathlib import Path

from regcli.config.code_files import read_code
from regcli.config.code_function import check_function
from regcli.config.model_section import Model
from regcli.config.own_code import PYTHON
from regcli.config.own_file import read_file
from regcli.config.schema import Config
from regcli.errors import ModelError

_ARGUMENT = "model.args."
_FINGERPRINT = ("model", "fingerprint")


def with_own_models(config: Config, folder: Path, is_allowed: bool) -> Config:
    """A config with the code or the file that its model names; no code is run.

    Args:
        folder: that relative paths start from.
        is_allowed: whether the code may be run later.

    Raises:
        ModelError: a file cannot be read, has no such function, or is not the one that a stored
            config was trained with.
    """
    model = config.model
    if model.python is not None:
        code = read_code(model.python.rpartition(":")[0], folder, is_allowed, PYTHON)
        check_function(code, model.function, {**_varied(config), **(model.args or {})}, PYTHON)
        found = model.with_code(code)
    elif model.keras is not None:
        found = model.with_file(read_file(model.keras, folder))
    else:
        found = model
    if model.fingerprint not in (None, found.fingerprint) or found is model:
        _refuse_fingerprint(model, found)
    return config.model_copy(update={"model": found})


def _refuse_fingerprint(model: Model, found: Model) -> None:
    """Refuse the fingerprint of another file, or of none."""
    if model.fingerprint is None:
        return
    if model.is_stack:
        raise ModelError(_FINGERPRINT, "requires python or keras")
    name = model.keras or (model.python or "").rpartition(":")[0]
    raise ModelError(
        _FINGERPRINT,
        f"must be that of {name}, {found.fingerprint}, got {model.fingerprint}: the file has "
        "changed since; remove this key to train with it as it is",
    )


def _varied(config: Config) -> dict[str, None]:
    """Arguments of the function that the sweep gives values to."""
    keys = [*config.sweep.vary, *(key for own in config.sweep.variants or () for key in own)]
    return {key.removeprefix(_ARGUMENT): None for key in keys if key.startswith(_ARGUMENT)}
