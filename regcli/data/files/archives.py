"""A person's own arrays: NPZ files that hold x and y, and may hold the parts of folds."""

import math
import warnings
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.lib.format import (
    MAGIC_PREFIX,
    read_array_header_1_0,
    read_array_header_2_0,
    read_magic,
)
from numpy.lib.npyio import NpzFile
from numpy.typing import NDArray

from regcli.data.columns.gaps import (
    GAP_MARKS,
    column_fault,
    faults_of_numbers,
    faults_together,
    gap_sentence,
)
from regcli.data.dataset import Origin, Table, numbered_columns
from regcli.data.features import Floats
from regcli.data.files.regular_files import require_regular_file
from regcli.data.free_memory import require_memory
from regcli.data.parts.folds import TRAINS, VALIDATES
from regcli.data.parts.row_parts import require_rows
from regcli.data.target.targets import AskedTask, read_target, target_notes
from regcli.data.target.task_guess import guess_task
from regcli.data.wording import listed
from regcli.errors import DataError
from regcli.one_line import printable

_NUMBER_KINDS = "biuf"
_FOLD_PARTS = "fold_parts"

_ADVICE = "write it with numpy.savez(path, x=x, y=y)"


def load_npz(files: Mapping[int, Path], task: AskedTask) -> Table:
    """The table of an NPZ file with x (rows, columns) or (rows, …) and y (rows,).

    The table's own file may hold `fold_parts` (rows, folds), as `Origin.fold_parts` has it.

    Args:
        files: the table's own file under 0; those whose rows follow below by their part, as
            `Origin.files` has it.

    Raises:
        DataError: it is not an NPZ file, an array is missing or pickled, or their shapes, types
            or values cannot be trained on.
    """
    path = files[0]
    arrays = [_load_arrays(own, part) for part, own in files.items()]
    kind = _kind_of_target(arrays[0][1], task)
    for (x, y), own in zip(arrays[1:], [*files.values()][1:], strict=True):
        _require_alike(x, y, arrays[0], kind, own, path)
    inputs = np.concatenate([x for x, _ in arrays]) if len(arrays) > 1 else arrays[0][0]
    y = np.concatenate([y for _, y in arrays]) if len(arrays) > 1 else arrays[0][1]
    columns = numbered_columns("x", inputs.shape[1:])
    rows = [len(own) for _, own in arrays]
    if len(rows) > 1:
        origin = Origin(files=np.repeat(np.array([*files], np.int8), rows))
    else:
        origin = Origin(fold_parts=_fold_parts(path, rows[0]))
    target = read_target(y, task, f"{path}: array y")
    notes = target_notes(target, "y")
    return Table.of(
        printable(path.name), inputs, target, columns, origin=origin or None, notes=notes
    )


def _load_arrays(path: Path, part: int) -> tuple[Floats, NDArray[Any]]:
    """The array x as floats and y as it is, both checked."""
    with _opened(path) as archive:
        _require_arrays(archive, path, ("x", "y"))
        x, y = (_read(archive, name, path) for name in ("x", "y"))
    _require_shapes(x, y, path)
    require_rows(len(x), part, path)
    inputs = _inputs(x, path)
    columns = numbered_columns("x", x.shape[1:])
    faults = [*faults_of_numbers(inputs, columns, path), *_faults_of_target(y, path)]
    if faults:
        raise DataError(*faults_together(faults, path))
    return inputs, y


def _fold_parts(path: Path, rows: int) -> NDArray[np.int8] | None:
    """What each row is in each fold, (rows, folds); None where the file does not say.

    Raises:
        DataError: it is malformed, or a fold has no rows that train or none that validate.
    """
    with _opened(path) as archive:
        if _FOLD_PARTS not in archive.files:
            return None
        given = _read(archive, _FOLD_PARTS, path)
    place = f"{path}: array {_FOLD_PARTS}"
    if given.ndim != 2 or len(given) != rows or given.shape[1] < 2:
        raise DataError(
            f"{place} must have the shape ({rows}, folds) with 2 folds or more, its shape is "
            f"{given.shape}"
        )
    if given.dtype.kind not in "iu" or not np.isin(given, (0, TRAINS, VALIDATES)).all():
        raise DataError(
            f"{place} must hold {TRAINS} where a row trains, {VALIDATES} where it validates, and 0 "
            "where it does neither"
        )
    for part, what in ((TRAINS, "trains"), (VALIDATES, "validates")):
        empty = np.flatnonzero(~(given == part).any(axis=0))
        if len(empty):
            raise DataError(
                f"{place} must have a row that {what} in every fold, fold {empty[0]} has none"
            )
    return given.astype(np.int8)


def read_arrays(
    path: Path, shape: tuple[int, ...], names: Sequence[str], *, with_y: bool
) -> tuple[Floats, NDArray[Any] | None]:
    """The array x of rows to predict as floats, and where it is wanted y as it is, both checked.

    Args:
        shape: of one row.
        names: of each number in a row.

    Raises:
        DataError: as `load_npz`, or rows have another shape.
    """
    wanted = ("x", "y") if with_y else ("x",)
    with _opened(path) as archive:
        _require_arrays(archive, path, wanted)
        x = _read(archive, "x", path)
        y = _read(archive, "y", path) if with_y else None
    if x.ndim < 1 or x.shape[1:] != shape or not len(x):
        raise DataError(
            f"{path}: array x must have rows of the shape {shape} as in the training data, its "
            f"shape is {x.shape}"
        )
    inputs = _inputs(x, path)
    faults = faults_of_numbers(inputs, names, path)
    if y is not None:
        _require_as_many(x, y, path)
        faults += _faults_of_target(y, path)
    if faults:
        raise DataError(*faults_together(faults, path))
    return inputs, y


def read_kept(path: Path, names: Sequence[str]) -> dict[str, NDArray[Any]]:
    """Some arrays of an NPZ file as they are, of whatever type but pickled objects.

    Raises:
        DataError: it is not an NPZ file, or an array is missing, pickled or damaged.
    """
    require_regular_file(path)
    with _opened(path) as archive:
        _require_arrays(archive, path, names)
        return {name: _read(archive, name, path) for name in names}


def _require_alike(
    x: Floats,
    y: NDArray[Any],
    first: tuple[Floats, NDArray[Any]],
    kind: str,
    path: Path,
    own: Path,
) -> None:
    """Refuse rows of another shape than the table's own, or a target that is not of its kind."""
    if x.shape[1:] != first[0].shape[1:]:
        raise DataError(
            f"{path}: array x must have rows of the shape {first[0].shape[1:]} like {own.name}, "
            f"they have {x.shape[1:]}"
        )
    is_text, is_whole = y.dtype.kind == "U", y.dtype.kind != "U" and _are_whole(y)
    if is_text != (kind == "text") or (kind == "classes" and not is_whole):
        raise DataError(
            f"{path}: array y must be of the kind that it is in {own.name}, it is {y.dtype} here "
            f"and {first[1].dtype} there"
        )


@contextmanager
def _opened(path: Path) -> Iterator[NpzFile]:
    # Opened here, because numpy leaves a file open that turns out not to be a zip archive.
    try:
        file = path.open("rb")
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from None
    with file:
        with _damage_is(f"{path}: cannot be read as NPZ; {_ADVICE}"):
            archive = np.load(file, allow_pickle=False)
        if not isinstance(archive, NpzFile):
            raise DataError(f"{path}: cannot be read as NPZ; {_ADVICE}")
        with archive:
            yield archive


@contextmanager
def _damage_is(message: str) -> Iterator[None]:
    """Turn any exception into the error that a file is damaged.

    On damaged or hostile files numpy, zipfile and the decompressors raise nearly everything, from
    OSError and LZMAError to TokenError, OverflowError, MemoryError and RecursionError. Within goes
    nothing but their code.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except Exception:
        raise DataError(message) from None


def _require_arrays(archive: NpzFile, path: Path, wanted: Sequence[str]) -> None:
    missing = [name for name in wanted if name not in archive.files]
    if missing:
        lacks = f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing"
        held = listed(archive.files) or "no arrays"
        arrays = f"array{'s' if len(wanted) > 1 else ''} {' and '.join(wanted)}"
        raise DataError(f"{path}: must hold the {arrays}, {lacks} (it has {held})")


@dataclass(frozen=True)
class _Stated:
    """What an array's own header says, before anything of the array is read."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]

    @property
    def size(self) -> int:
        return math.prod(self.shape)


def _read(archive: NpzFile, name: str, path: Path) -> NDArray[Any]:
    damaged = f"{path}: array {name} cannot be read: the file is damaged"
    with _damage_is(damaged):
        stored = archive.zip
        assert stored is not None  # it is open
        # The exact name comes first, as in numpy itself.
        member = stored.getinfo(name if name in stored.namelist() else f"{name}.npy")
        stated, begin = _header(stored, member)
    if stated is None:
        raise DataError(
            f"{path}: array {name} must be a NumPy array, got {member.file_size} bytes in "
            "another format"
        )
    if stated.dtype.hasobject:
        raise DataError(
            f"{path}: array {name} must be numbers, booleans or text; it holds pickled "
            "Python objects, which could run code and are never loaded"
        )
    if begin + stated.size * stated.dtype.itemsize != member.file_size:
        raise DataError(damaged)
    # As it is stored, and as the floats that it becomes.
    needed = member.file_size + stated.size * (4 if _fits_float32(stated.dtype) else 8)
    require_memory(needed, f"{path}: array {name} ")
    with _damage_is(damaged):
        values: NDArray[Any] = archive[name]
    return values


def _header(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> tuple[_Stated | None, int]:
    """The header of a member, and where its values begin; None where it is not an array."""
    with archive.open(member) as file:
        if file.read(len(MAGIC_PREFIX)) != MAGIC_PREFIX:
            return None, 0
    with archive.open(member) as file:
        version = read_magic(file)
        read = read_array_header_1_0 if version == (1, 0) else read_array_header_2_0
        shape, _, dtype = read(file)
        if any(extent < 0 for extent in shape):
            raise ValueError("a negative extent")
        return _Stated(shape, dtype), file.tell()


def _kind_of_target(y: NDArray[Any], task: AskedTask) -> Literal["text", "classes", "numbers"]:
    """What the table's own target is, which the rows of further files must fit.

    Few rows do not say what they are: whole numbers may be quantities as well.
    """
    if y.dtype.kind == "U":
        return "text"
    if not _are_whole(y) or task == "regression":
        return "numbers"
    asked = task or guess_task(np.unique(y), len(y)).task
    return "classes" if asked == "classification" else "numbers"


def _are_whole(y: NDArray[Any]) -> bool:
    return bool((y == np.round(y.astype(np.float64))).all())


def _require_shapes(x: NDArray[Any], y: NDArray[Any], path: Path) -> None:
    if x.ndim < 2 or 0 in x.shape[1:]:
        raise DataError(f"{path}: array x must have rows and columns, its shape is {x.shape}")
    _require_as_many(x, y, path)


def _require_as_many(x: NDArray[Any], y: NDArray[Any], path: Path) -> None:
    if y.ndim != 1:
        raise DataError(f"{path}: array y must have the shape (rows,), its shape is {y.shape}")
    if len(x) != len(y):
        raise DataError(
            f"{path}: x and y must have the same number of rows, got {len(x)} and {len(y)}"
        )


def _inputs(x: NDArray[Any], path: Path) -> Floats:
    """The inputs as float32 where that holds every value of their type, as float64 otherwise."""
    if x.dtype.kind not in _NUMBER_KINDS:
        raise DataError(f"{path}: array x must hold numbers or booleans, its type is {x.dtype}")
    if _fits_float32(x.dtype):
        return x.astype(np.float32, copy=False)
    return x.astype(np.float64, copy=False)


def _fits_float32(dtype: np.dtype[Any]) -> bool:
    return np.can_cast(dtype, np.float32, casting="safe")


def _faults_of_target(y: NDArray[Any], path: Path) -> list[str]:
    if y.dtype.kind in _NUMBER_KINDS:
        return faults_of_numbers(y, ("y",), path)
    if y.dtype.kind != "U":
        rule = "must hold numbers, booleans or text, its type is"
        return [f"{path}: array y {rule} {y.dtype}"]
    empty = _marks_of_gaps(y)
    if not empty.any():
        return []
    row = int(empty.argmax())
    fault = gap_sentence(row, int(empty.sum()), len(y), mark=str(y[row]).strip())
    return [column_fault(path, "y", fault)]


def _marks_of_gaps(y: NDArray[Any]) -> NDArray[np.bool_]:
    distinct, rows = np.unique(y, return_inverse=True)
    marks = [str(value).strip().lower() in GAP_MARKS for value in distinct]
    return np.array(marks)[rows]
