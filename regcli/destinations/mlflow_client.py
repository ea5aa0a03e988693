"""A client of an MLflow tracking store that talks to that store alone."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from regcli.destinations.optional_packages import require_packages
from regcli.errors import ExportError
from regcli.one_line import shortened

_SILENT = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "GIT_PYTHON_REFRESH": "quiet",
}
"""Variables of the process: MLflow reads the first when it is loaded, and else asks a server."""

_OF_DATABASES = ("sqlite", "postgresql", "mysql", "mssql")
_LONGEST = 300
"""Characters of what MLflow says of a problem: an error of a database holds its whole statement."""


@contextmanager
def connected(uri: str) -> Iterator[Any]:
    """A client of the store at a URI; what fails meanwhile is said in one line.

    Raises:
        ExportError: a package is missing, or the store cannot be reached or refuses something.
    """
    needed = {"mlflow": "mlflow-skinny"}
    if uri.startswith(_OF_DATABASES):
        needed |= {"sqlalchemy": "sqlalchemy", "alembic": "alembic"}
    require_packages(needed, "mlflow")
    os.environ.update(_SILENT)
    from mlflow import MlflowClient
    from mlflow.exceptions import MlflowException

    _be_quiet()
    refusals: tuple[type[Exception], ...] = (MlflowException, OSError, *_database_errors())
    try:
        whole = _absolute(uri)
        yield MlflowClient(tracking_uri=whole, registry_uri=whole)
    except refusals as error:
        said = shortened(str(error).strip().partition("\n")[0], _LONGEST)
        raise ExportError(f"MLflow cannot use this tracking store: {said}") from error


def _absolute(uri: str) -> str:
    """The URI of a file by its whole path: MLflow knows a store by its URI, wherever it is."""
    parts = urlsplit(uri)
    if parts.scheme != "sqlite" or parts.query or not parts.path.strip("/"):
        return uri
    return f"sqlite:///{Path(parts.path.removeprefix('/')).resolve()}"


def _be_quiet() -> None:
    """Only problems are worth a line: a new database is made with a line for each step."""
    for name in ("mlflow", "alembic"):
        logging.getLogger(name).setLevel(logging.ERROR)


def _database_errors() -> tuple[type[Exception], ...]:
    try:
        from sqlalchemy.exc import SQLAlchemyError
    except ImportError:
        return ()
    return (SQLAlchemyError,)
