"""Records of runs whose own were lost, made anew from their folders."""

from datetime import UTC, datetime
from pathlib import Path

from pydantic import ValidationError

from regcli.config.document import MAX_BYTES, read_yaml
from regcli.config.schema import Config
from regcli.errors import ConfigError
from regcli.results.records import RunRecord, RunState
from regcli.store.run_files import sizes_in

CONFIG = "config.yaml"
"""The file beside a run's weights that has its resolved config."""

MESSAGE = "its record was lost: made anew from its folder, without scores; a sweep trains it again"


def record_from_folder(folder: Path) -> RunRecord | None:
    """What a folder says of its run; None where its config is missing or cannot be read.

    The record is that of an interrupted run, which the next sweep over it trains again: what it
    scored stood in the lost record alone.

    Raises:
        OSError: the folder cannot be read.
    """
    path = folder / CONFIG
    if not path.is_file() or path.stat().st_size > MAX_BYTES:
        return None
    try:
        plain = read_yaml(path.read_text("utf-8", "replace"), path.name).data
        config = Config.model_validate(plain)
    except (ConfigError, ValidationError):
        return None
    regularization = config.regularization
    ended = max((folder / name).stat().st_mtime for name in sizes_in(folder))
    return RunRecord(
        id=folder.name,
        name=config.name,
        state=RunState.INTERRUPTED,
        settings={
            "l1": regularization.l1,
            "l2": regularization.l2,
            "seed": config.training.seed,
            "fold": None if config.dataset.fold is None else config.dataset.fold.number,
            "method": regularization.method,
        },
        config=plain,
        engine="unknown",
        epochs=0,
        seconds=0.0,
        created=datetime.fromtimestamp(ended, UTC).isoformat(timespec="seconds"),
        message=MESSAGE,
    )
