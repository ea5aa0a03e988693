"""The configs of stored runs, which another version of regcli may have written."""

from pathlib import Path

from pydantic import ValidationError

from regcli.config.schema import Config
from regcli.errors import StoreError
from regcli.results.records import RunRecord


def config_of(record: RunRecord) -> Config:
    """The config that a run was trained with.

    Raises:
        StoreError: this regcli cannot read it.
    """
    try:
        return Config.model_validate(record.own_config)
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        place = ".".join(map(str, problem["loc"])) or "config"
        raise StoreError(
            f"The config of the stored run {record.id} cannot be read by this regcli: {place}: "
            f"{problem['msg']}. Remove the run with 'regcli runs rm {record.id}', then train it "
            f"again."
        ) from error


def data_folder(record: RunRecord) -> Path:
    """Where a relative data file of a stored run starts from.

    That is the folder of its config, unless the file is in the current folder alone: both may have
    been moved since.
    """
    kept = record.data.folder if record.data is not None else None
    if kept is None:
        return Path()
    file = (record.config.get("dataset") or {}).get("file")
    is_here_alone = (
        isinstance(file, str) and Path(file).exists() and not (Path(kept) / file).exists()
    )
    return Path() if is_here_alone else Path(kept)
