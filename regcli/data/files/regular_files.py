"""From what a config names to a file that can be read: a regular one, which is there."""

import glob
import os
import stat
from pathlib import Path

from regcli.config.problems import did_you_mean
from regcli.data.wording import quoted
from regcli.errors import DataError

_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


def locate(file: str, base: Path) -> Path:
    """The path of a file that a config names, from the config's folder or the home folder.

    Raises:
        DataError: it starts with the home folder of a user that this machine does not have.
    """
    try:
        return base / Path(file).expanduser()
    except RuntimeError:
        user = Path(file).parts[0]
        raise DataError(
            f"{file}: {quoted(user)} must be the home folder of a user of this machine, "
            "there is no such user; write the whole path"
        ) from None


def locate_all(file: str, base: Path) -> tuple[Path, ...]:
    """The paths of a file, or of all files of a pattern, in the order of their names.

    A file whose own name is like a pattern is that file.

    Raises:
        DataError: no file is of the pattern, or as `locate`.
    """
    path = locate(file, base)
    if not glob.has_magic(file) or os.path.lexists(path):
        return (path,)
    # Path.glob takes no absolute patterns.
    found = glob.glob(str(Path(file).expanduser()), root_dir=base)  # noqa: PTH207
    if not found:
        raise DataError(f"{path}: there is no file with such a name")
    return tuple(base / name for name in sorted(found))


def require_regular_file(path: Path, holding: str = "a table") -> None:
    """Refuse anything but a file that is not empty.

    Nothing is read from pipes and devices, which may have no end. Links may lead to a file.

    Args:
        holding: what it should have.

    Raises:
        DataError: says what is there instead, or suggests a similar name.
    """
    try:
        found = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        raise DataError(_missing(path)) from None
    except ValueError:
        raise DataError(f"{path}: must be a path without NUL characters") from None
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from None
    kind = stat.S_IFMT(found.st_mode)
    if kind != stat.S_IFREG:
        raise DataError(f"{path}: must be a file, it is {_KINDS.get(kind, 'something else')}")
    if found.st_size == 0:
        raise DataError(f"{path}: must hold {holding}, it is empty")
    try:
        path.open("rb").close()
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from None


def is_folder(path: Path) -> bool:
    """Whether there is a folder, or a link to one."""
    try:
        return path.is_dir()
    except OSError:  # the system takes no such path
        return False


def _missing(path: Path) -> str:
    if path.is_symlink():
        target = path.readlink()
        return f"{path}: is a link to {target}, and there is no such file"
    try:
        beside = [entry.name for entry in path.parent.iterdir()]
    except OSError:
        beside = []
    return f"{path}: there is no such file{did_you_mean(path.name, beside)}"
