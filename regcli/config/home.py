"""Paths that begin with `~`, which a shell does not expand in quotes and after `=`."""

from pathlib import Path

from regcli.errors import UsageError


def from_home(path: Path) -> Path:
    """A path with the home folder in place of `~` or `~name`.

    Raises:
        UsageError: there is no user of that name.
    """
    try:
        return path.expanduser()
    except RuntimeError:
        raise UsageError(f"{path}: there is no user with the home folder {path.parts[0]}") from None
