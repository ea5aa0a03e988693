"""A program's own arrays: as they are, or refused where a file would hold something else."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regcli.errors import DataError


def numbers(given: object, name: str) -> NDArray[Any]:
    """An array of numbers as it is; masked numbers are gaps.

    Raises:
        DataError: it holds something else, its rows differ in length, or numbers are masked that
            cannot be gaps.
    """
    dense = given.toarray() if hasattr(given, "toarray") else given
    try:
        array = np.asarray(_with_gaps(dense, name))
        if array.dtype == object:
            array = array.astype(np.float64)
    except (TypeError, ValueError):
        raise DataError(f"data: array {name} must hold numbers in rows of one length") from None
    if array.dtype.kind not in "biuf":
        raise DataError(f"data: array {name} must hold numbers, got {array.dtype}")
    return array


def labels(given: object) -> NDArray[Any]:
    """An array of targets: numbers, truths or text; masked numbers are gaps.

    Raises:
        DataError: it holds something else, or values of several kinds.
    """
    plain = _with_gaps(given, "y")
    array = np.asarray(plain)
    if isinstance(plain, list | tuple) or array.dtype.kind == "O":
        _require_one_kind(plain if isinstance(plain, list | tuple) else array.tolist())
        array = np.array(array.tolist())  # a file holds objects only as Python's own
    if array.dtype.kind not in "biufU":
        raise DataError(
            "data: array y must hold numbers, truths or text of one kind, got "
            f"{np.asarray(given).dtype}"
        )
    return array


def _require_one_kind(values: Iterable[object]) -> None:
    """Refuse a mixture, of which NumPy would make text or numbers in silence."""
    kinds = {_kind_of_type(each) for each in set(map(type, values))}
    if len(kinds) > 1:
        raise DataError(
            "data: array y must hold numbers, truths or text of one kind, got "
            f"{' and '.join(sorted(kinds))}"
        )


def _kind_of_type(kind: type) -> str:
    """What values of a type are, in the words of messages."""
    if issubclass(kind, str):
        return "text"
    if issubclass(kind, bool | np.bool_):
        return "truths"
    if issubclass(kind, int | float | np.number):
        return "numbers"
    return "None" if kind is type(None) else kind.__name__


def _with_gaps(given: object, name: str) -> object:
    """A masked array with NaN where it is masked; anything else as it is.

    Raises:
        DataError: values are masked, and the array's type has no NaN.
    """
    if not isinstance(given, np.ma.MaskedArray):
        return given
    if not np.ma.getmaskarray(given).any():
        return given.data
    if given.dtype.kind != "f":
        raise DataError(
            f"data: array {name} has masked values, which {given.dtype} cannot hold as gaps; "
            "convert it to float, or fill them"
        )
    return given.filled(np.nan)
