"""A person's code as modules of this process, apart from all others.

Modules have names of their own, made from what they hold, below a package that belongs to their
code. `import parts` in one of them finds the `parts` that came with the code, now and whenever it
is called later; nothing else in the process finds it, and `sys.path` stays as it is.
"""

import builtins
import importlib
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.abc import Loader
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

from regcli.config.own_code import CodeFile, OwnCode

PREFIX = "regcli_own_"
"""How the names of the packages begin."""


def import_code(code: OwnCode) -> ModuleType:
    """The module that a config names, which is run once in a process.

    Raises:
        Exception: whatever its text raises.
    """
    package = f"{PREFIX}{code.fingerprint}"
    if (own := loaded(code)) is None:
        own, holder = code, ModuleType(package)
        vars(holder).update(__path__=[], code=code)
        sys.modules[package] = holder
        sys.meta_path.insert(0, _Finder(package, code))
    return importlib.import_module(f"{package}.{own.entry.name}")


def loaded(code: OwnCode) -> OwnCode | None:
    """The same code as it is loaded already, maybe with other comments; None where it is not."""
    holder = sys.modules.get(f"{PREFIX}{code.fingerprint}")
    found: OwnCode | None = getattr(holder, "code", None)
    return found


def file_name(code: OwnCode, file: CodeFile) -> str:
    """What tracebacks call a file."""
    return str(Path(code.folder) / file.path) if code.folder else f"<stored {file.path}>"


@dataclass(frozen=True)
class _Finder:
    """Finds the modules of one code, as `sys.meta_path` has it."""

    package: str
    code: OwnCode

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """How a module is loaded; None for one of others."""
        del path, target
        if not name.startswith(f"{self.package}."):
            return None
        own = name.removeprefix(f"{self.package}.")
        file = next((file for file in self.code.files if file.name == own), None)
        if file is None:
            return None
        is_package = any(other.name.startswith(f"{own}.") for other in self.code.files)
        is_package |= file.path.endswith("__init__.py")
        origin = file_name(self.code, file)
        loader = _Loader(self.package, self.code, file)
        return ModuleSpec(name, loader, origin=origin, is_package=is_package)


@dataclass(frozen=True)
class _Loader(Loader):
    """Runs one file, as a `ModuleSpec` has it."""

    package: str
    code: OwnCode
    file: CodeFile

    def create_module(self, spec: ModuleSpec) -> None:
        """Leave it to Python."""
        del spec

    def exec_module(self, module: ModuleType) -> None:
        """Run the text; its `import` statements look among its own files first."""
        origin = file_name(self.code, self.file)
        module.__file__ = origin
        tops = {file.name.partition(".")[0] for file in self.code.files}
        importing = _Importing(self.package, frozenset(tops))
        module.__dict__["__builtins__"] = {**vars(builtins), "__import__": importing}
        exec(compile(self.file.text, origin, "exec"), module.__dict__)

    def get_source(self, name: str) -> str:
        """The text, for tracebacks."""
        del name
        return self.file.text


@dataclass(frozen=True)
class _Importing:
    """Python's `__import__`, for which the code's own modules come first."""

    package: str
    tops: frozenset[str]

    def __call__(
        self,
        name: str,
        globals: Mapping[str, Any] | None = None,
        locals: Mapping[str, Any] | None = None,
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> Any:
        top = name.partition(".")[0]
        if level or top not in self.tops:
            return builtins.__import__(name, globals, locals, fromlist or (), level)
        found = builtins.__import__(f"{self.package}.{name}", globals, locals, fromlist or (), 0)
        return found if fromlist else getattr(found, top)
