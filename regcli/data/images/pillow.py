"""Whether Pillow is there, which reads images."""

from importlib.util import find_spec
from pathlib import Path

from regcli.errors import DataError


def require_pillow(place: Path) -> None:
    """Refuse images where nothing can read them.

    Raises:
        DataError: Pillow is not installed.
    """
    if find_spec("PIL") is None:
        raise DataError(
            f"{place}: images need the package Pillow; install it with pip install "
            "'regcli[images]', or write the pixels to an NPZ file"
        )
