"""The files of runs on their way into and out of a store, so that a kill leaves no half of them.

Files are written below `.pending/<pid>-<random>/` and renamed into place while the database is
locked for writing. A folder that they replace is first set aside there under its run's number. So
whoever finds a pending folder of a dead process can tell from the database which of the two
belongs: the old one where the old number is still stored, else the new one.

On a full disk nothing can be written first. A run that is removed there gives its folder up before
the database lets it go; the folder's new name says so to whoever finds it.
"""

import os
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Self

from regcli.errors import StoreFolderError
from regcli.store import store_errors
from regcli.store.store_rows import is_run_id

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

PENDING = ".pending"
_LOCK = "lock"
_OLD = "old"
_OURS = re.compile(r"\d+-\w+")
"""How the folders of processes below `PENDING` are named."""
_LEAVING = ".removed-"
"""How the names of folders begin whose runs are being removed from a full disk."""
_NO_RUN = 0
"""A number that no run has: for a folder that belongs to no stored run."""


IsStored = Callable[[int | str], bool]
"""Whether a run with that number, or with that id, is in the database."""


class Staging:
    """One batch of folders that change together; a context manager that cleans up after itself.

    Its own folder is made once something has to be put there: what a large grid stores is in the
    database alone.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._made: tuple[Path, IO[bytes]] | None = None
        self._written: set[str] = set()
        self._placed: list[str] = []
        self._unsettled = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *raised: object) -> None:
        if self._made is None:
            return
        pending, lock = self._made
        lock.close()
        if kind is not None and self._unsettled:
            return  # what was set aside is still needed; the next opening puts it back
        shutil.rmtree(pending, ignore_errors=True)
        with suppress(OSError):  # another process is using it
            pending.parent.rmdir()

    @property
    def _pending(self) -> Path:
        """The folder of this batch, which is there from now on."""
        if self._made is None:
            self._made = _make_pending(self._root / PENDING)
            (self._made[0] / _OLD).mkdir()
        return self._made[0]

    def write(self, label: str, files: Mapping[str, bytes]) -> None:
        """Write the files of one run, still out of sight; nothing where there are none.

        Without waiting for the disk, which would take longer than training: after a power cut a
        file can be short, and its stored size tells.

        Raises:
            OSError: no room, or no permission.
        """
        if not files:
            return
        folder = self._pending / label
        folder.mkdir()
        self._written.add(label)
        for name, content in files.items():
            (folder / name).write_bytes(content)

    def place(self, label: str, run_id: str, replaced: int | None) -> None:
        """Put what `write` wrote under `label` in place, and set aside what was there.

        Args:
            label: as given to `write`.
            run_id: the run that the files belong to.
            replaced: number of the stored run that this one replaces.

        Raises:
            OSError: the folders cannot be renamed.
        """
        self.set_aside(run_id, replaced)
        self._placed.append(run_id)
        if label in self._written:
            (self._pending / label).rename(self._root / run_id)

    def set_aside(self, run_id: str, number: int | None = None) -> None:
        """Take a run's folder, if it has one, out of sight; it goes when the batch is over.

        Raises:
            OSError: the folder cannot be renamed.
        """
        if not is_run_id(run_id):
            return  # a row that regcli did not write; its name could lead out of the store
        if not os.path.lexists(f"{self._root}/{run_id}"):  # which a Path takes its time to ask
            return
        self._unsettled = True
        with suppress(FileNotFoundError):
            aside = f"{number or _NO_RUN}-{run_id}"
            (self._root / run_id).rename(self._pending / _OLD / aside)

    def settle(self, is_stored: IsStored) -> None:
        """After a failure, bring the folders back to what the database says.

        Raises:
            OSError: a folder cannot be renamed.
        """
        for run_id in self._placed:
            if not is_stored(run_id):
                _discard(self._root / run_id)
        if self._made is not None:
            _restore(self._root, self._pending, is_stored)
        self._unsettled = False


def clear_abandoned(root: Path, is_stored: IsStored) -> None:
    """Remove the pending folders of dead processes, putting back what they had set aside.

    Args:
        root: the folder of the store, whose database the caller has locked for writing.
        is_stored: asks the database, which keeps it as it was when the process died.

    Raises:
        OSError: a folder cannot be read or renamed.
    """
    if (root / PENDING).is_symlink():
        return
    for pending in sorted((root / PENDING).iterdir()):
        # Whatever else is there was put there by others.
        if not _OURS.fullmatch(pending.name) or pending.is_symlink():
            continue
        lock = _take_over(pending)
        if lock is not None:
            with lock:
                _restore(root, pending, is_stored)
                # Still locked, or a process that has just made it could take it for its own.
                shutil.rmtree(pending, ignore_errors=True)
    with suppress(OSError):
        (root / PENDING).rmdir()


def abandoned_folders(root: Path) -> list[Path]:
    """Pending folders of dead processes, which `clear_abandoned` would remove.

    Raises:
        OSError: a folder cannot be read.
    """
    if (root / PENDING).is_symlink() or not (root / PENDING).is_dir():
        return []
    found = []
    for pending in sorted((root / PENDING).iterdir()):
        if _OURS.fullmatch(pending.name) and not pending.is_symlink() and _is_free(pending):
            found.append(pending)
    return found


def _is_free(pending: Path) -> bool:
    """Whether no living process has the lock of a pending folder, which is left as it is."""
    try:
        lock = os.fdopen(os.open(pending / _LOCK, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0)), "rb")
    except FileNotFoundError:  # killed before it made one, or ended meanwhile
        return pending.is_dir()
    except OSError:
        return False
    with lock:
        return _lock(lock)


def begin_removal(root: Path, run_id: str, number: int) -> None:
    """Empty a run's folder, once its new name says what is going on; needs no room on the disk.

    Raises:
        OSError: the folder cannot be renamed.
    """
    leaving = root / f"{_LEAVING}{number}-{run_id}"
    if is_run_id(run_id) and (root / run_id).exists():
        (root / run_id).rename(leaving)
        if not leaving.is_symlink():
            for path in leaving.iterdir():
                _discard(path)


def begun_removals(root: Path) -> dict[tuple[int, str], Path]:
    """Folders that `begin_removal` emptied, by the number and the id of their runs."""
    with os.scandir(root) as entries:
        names = [entry.name for entry in entries if entry.name.startswith(_LEAVING)]
    found = {}
    for name in names:
        number, _, run_id = name.removeprefix(_LEAVING).partition("-")
        if number.isdecimal() and is_run_id(run_id):
            found[int(number), run_id] = root / name
    return found


def end_removal(folder: Path) -> None:
    """Remove a folder that `begin_removal` emptied, once its run is not stored any more."""
    _discard(folder)


def _discard(path: Path) -> None:
    """Remove a folder, or the file or link in its place."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink()


def _restore(root: Path, pending: Path, is_stored: IsStored) -> None:
    if (pending / _OLD).is_symlink():
        return
    for aside in sorted((pending / _OLD).glob("*")):
        number, _, run_id = aside.name.partition("-")
        if is_run_id(run_id) and number.isdecimal() and is_stored(int(number)):
            _discard(root / run_id)
            aside.rename(root / run_id)


def _make_pending(parent: Path) -> tuple[Path, IO[bytes]]:
    while True:
        # Between these lines another process can remove the parent, which it finds empty, or take
        # the folder for an abandoned one.
        with suppress(FileExistsError):
            parent.mkdir()
        if parent.is_symlink():
            raise StoreFolderError(store_errors.linked_folder(parent))
        with suppress(FileNotFoundError):
            pending = Path(tempfile.mkdtemp(prefix=f"{os.getpid()}-", dir=parent))
            lock = _open_lock(pending)
            if _lock(lock) and os.path.samestat(os.fstat(lock.fileno()), (pending / _LOCK).stat()):
                return pending, lock
            lock.close()


def _take_over(pending: Path) -> IO[bytes] | None:
    try:
        lock = _open_lock(pending)
    except OSError:  # its process has finished meanwhile
        return None
    if _lock(lock):
        return lock
    lock.close()
    return None


def _open_lock(pending: Path) -> IO[bytes]:
    # No link is followed, and no pipe waited for.
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
    return os.fdopen(os.open(pending / _LOCK, flags, 0o666), "r+b", buffering=0)


def _lock(file: IO[bytes]) -> bool:
    # A lock ends with its process; process numbers do not tell: containers share them, systems
    # use them again.
    try:
        if sys.platform == "win32":
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):  # how the two systems say that another has it
        return False
    return True
