"""Whether matplotlib is there, which draws single plots."""

from importlib.util import find_spec

from regcli.errors import UsageError


def require_matplotlib() -> None:
    """Refuse plots where nothing can draw them.

    Raises:
        UsageError: matplotlib is not installed.
    """
    if find_spec("matplotlib") is None:
        raise UsageError(
            "plots need the package matplotlib; install it with pip install 'regcli[plot]'"
        )
