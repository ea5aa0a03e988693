"""Where other packages keep data sets, and what to say where there is none yet."""

import os
from pathlib import Path

from regcli.errors import DataError


def require_kept(path: Path, name: str, package: str, fetch: str) -> None:
    """Refuse a data set that is not there.

    Args:
        path: where the package keeps it.
        fetch: Python code that fetches it, for a person to run.

    Raises:
        DataError: says where it would be, and what fetches it.
    """
    if not path.exists():
        raise not_kept(path, name, package, fetch)


def not_kept(path: Path, name: str, package: str, fetch: str) -> DataError:
    """The error that a data set is not there."""
    return DataError(
        f"the data set {name!r} is read from where {package} keeps it, {path}, and there is no "
        f'such file; regcli fetches nothing: run python -c "{fetch}" once'
    )


def scikit_learn_folder() -> Path:
    """Where scikit-learn keeps the data sets that it has fetched."""
    return Path(os.environ.get("SCIKIT_LEARN_DATA") or "~/scikit_learn_data").expanduser()
