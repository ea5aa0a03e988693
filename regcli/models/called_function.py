"""Calling a person's function: what it gives, or why not, by file and line of their code."""

import contextlib
import inspect
import traceback
from collections.abc import Iterator, Mapping
from typing import Any

from regcli.config.own_code import PYTHON, OwnCode, require_allowed
from regcli.config.problems import shown
from regcli.errors import ModelError
from regcli.models.own_modules import file_name, import_code, loaded
from regcli.models.reasons import said
from regcli.models.undisturbed import undisturbed


def call_function(
    code: OwnCode, function: str, given: Mapping[str, Any], of_data: Mapping[str, Any]
) -> Any:
    """What a function of a person's code gives.

    What it prints goes to stderr, because stdout holds results; see `undisturbed`.

    Args:
        given: its arguments.
        of_data: further ones, for a function that has them.

    Raises:
        ModelError: the code must not be run, or raises; names the last line of it that was reached.
    """
    if loaded(code) is None:
        require_allowed(code)
    with blaming_code(code), undisturbed():
        called = getattr(import_code(code), function)
        if not callable(called):
            raise ModelError(PYTHON, f"{code.entry.path}: {function} must be a function")
        arguments = {**_taken(called, of_data), **given}
        return called(**arguments)


@contextlib.contextmanager
def blaming_code(code: OwnCode) -> Iterator[None]:
    """Turn what a person's code raises into an error that names its last line.

    Raises:
        ModelError: in place of anything but an interrupt.
    """
    try:
        yield
    except (ModelError, KeyboardInterrupt, GeneratorExit):
        raise
    except BaseException as error:  # also what ends a program, such as `sys.exit`
        reason = said(error)
        if isinstance(error, SystemExit):
            ended = "" if error.code is None else f" with {shown(error.code)}"
            reason = f"ended the program{ended}"
        raise ModelError(PYTHON, f"{_place(code, error)}: {reason}") from error


def _place(code: OwnCode, error: BaseException) -> str:
    """`my_model.py, line 12, in build`: the last line of the code on the way to an error."""
    run = loaded(code) or code
    names = {file_name(run, file): file.path for file in run.files}
    frames = traceback.extract_tb(error.__traceback__)
    own = next((frame for frame in reversed(frames) if frame.filename in names), None)
    if own is None:
        return code.entry.path
    place = f"{names[own.filename]}, line {own.lineno}"
    return place if own.name.startswith("<") else f"{place}, in {own.name}"


def _taken(called: Any, of_data: Mapping[str, Any]) -> dict[str, Any]:
    """What of the data a function asks for by name."""
    try:
        names = inspect.signature(called).parameters.keys()
    except (TypeError, ValueError):
        return {}
    return {name: value for name, value in of_data.items() if name in names}
