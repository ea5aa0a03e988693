"""Packages that only some destinations need."""

from collections.abc import Mapping
from importlib.util import find_spec

from regcli.errors import ExportError


def require_packages(modules: Mapping[str, str], extra: str) -> None:
    """Refuse a destination whose packages are not installed.

    Args:
        modules: what has to be there: names of packages by those of their modules.
        extra: of regcli, that installs them.

    Raises:
        ExportError: one is missing.
    """
    missing = [package for module, package in modules.items() if find_spec(module) is None]
    if missing:
        raise ExportError(
            f"{extra}: needs the package {' and '.join(missing)}; install it with pip install "
            f"'regcli[{extra}]'"
        )
