"""Whether a person's code has the function that a config names, and takes its arguments.

This is read from the text; what the text does not say is found out when the function is called.
"""

import ast
from collections.abc import Iterator, Mapping
from typing import Any

from regcli.config.own_code import OwnCode
from regcli.config.problems import did_you_mean
from regcli.errors import ModelError

GIVEN = ("input_shape", "outputs")
"""Arguments that regcli gives to a function that has them: of the data, and not of the config."""


def check_function(
    code: OwnCode, function: str, given: Mapping[str, Any], key: tuple[str | int, ...]
) -> None:
    """Check that the file has a function, and that it takes the arguments.

    Args:
        key: of the config, which names the function; its arguments stand beside it, in `args`.

    Raises:
        ModelError: names the function or argument, and what there is.
    """
    tree = ast.parse(code.entry.text)
    defined = dict(_defined(tree.body))
    if function not in defined:
        if None in defined.values():
            return  # `from … import *` may bring it
        known = [name for name in defined if not name.startswith("_")]
        hint = did_you_mean(function, known) or (f"; it has {', '.join(known)}" if known else "")
        raise ModelError(key, f"{code.entry.path} has no function '{function}'{hint}")
    found = defined[function]
    if isinstance(found, ast.FunctionDef) and not found.decorator_list:
        _check_arguments(code, found, given, key)


def _defined(body: list[ast.stmt]) -> Iterator[tuple[str, ast.stmt | None]]:
    """Names that statements bind at the top of a file; with None what may bind any name."""
    for statement in body:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield statement.name, statement
            continue
        for node in ast.walk(statement):
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                yield node.name, ast.Pass()  # under a condition: which one holds is not known
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                yield node.id, ast.Pass()
            elif isinstance(node, ast.Import | ast.ImportFrom):
                for alias in node.names:
                    if alias.name == "*":
                        yield "*", None
                    yield (alias.asname or alias.name).partition(".")[0], ast.Pass()


def _check_arguments(
    code: OwnCode,
    function: ast.FunctionDef,
    given: Mapping[str, Any],
    key: tuple[str | int, ...],
) -> None:
    own = function.args
    named = [*own.args, *own.kwonlyargs]
    known = [argument.arg for argument in named]
    where = f"{function.name} of {code.entry.path}"
    for name in given:
        if name not in known and own.kwarg is None:
            usual = [other for other in known if other not in GIVEN]
            hint = did_you_mean(name, usual) or (f"; it has {', '.join(usual)}" if usual else "")
            raise ModelError((*key[:-1], "args", name), f"{where} has no argument '{name}'{hint}")
    positional = [argument.arg for argument in own.args]
    optional = set(positional[len(positional) - len(own.defaults) :])
    optional |= {
        argument.arg
        for argument, default in zip(own.kwonlyargs, own.kw_defaults, strict=True)
        if default is not None
    }
    lacking = [name for name in known if name not in {*optional, *given, *GIVEN}]
    if lacking or own.posonlyargs:
        names = ", ".join(lacking or [argument.arg for argument in own.posonlyargs])
        rule = "needs a value in model.args" if lacking else "must be an argument with a name"
        raise ModelError(key, f"{where}: {names} {rule}")
