"""Reading a person's code: the named file, and what it imports from the same folders.

Nothing of it is run, and Keras is not loaded.
"""

import ast
import io
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from regcli.config.code_text import counted_text
from regcli.config.home import from_home
from regcli.config.own_code import CodeFile, OwnCode
from regcli.errors import ModelError

MAX_FILES, MAX_BYTES = 200, 2_000_000
"""Bounds of all files together: more is a library, which belongs into the environment."""
NEVER_OWN = frozenset({"keras", "regcli", "tensorflow", "numpy"})
"""Packages that are never looked for beside the file."""

Key = tuple[str | int, ...]


def read_code(file: str, folder: Path, is_allowed: bool, key: Key) -> OwnCode:
    """The code of a file, with the files that it imports from its folder or the config's.

    Imports are found in the text, also those inside functions. Installed packages take no part.

    Args:
        file: as the config names it.
        folder: of the config.
        key: of the config, which names the file.

    Raises:
        ModelError: a file cannot be read or parsed, or there are too many.
    """
    path = folder / from_home(Path(file))
    roots = tuple(dict.fromkeys([path.parent, folder]))
    reader = _Reader(roots, folder, key)
    reader.add(path.stem, path)
    entry, *others = reader.found.values()
    others.sort(key=lambda file: file.name)
    return OwnCode((entry, *others), str(folder), is_allowed)


@dataclass
class _Reader:
    """Follows imports.

    Attributes:
        roots: the folders in which modules are looked for, in order.
        folder: from which paths are named.
        found: by name, in the order of their finding.
    """

    roots: tuple[Path, ...]
    folder: Path
    key: Key
    found: dict[str, CodeFile] = field(default_factory=dict)
    size: int = 0

    def add(self, name: str, path: Path | None, is_package: bool = False) -> None:
        """Read a module and all that it imports; a folder without `__init__.py` is empty."""
        text = "" if path is None else self._text(path)
        shown = f"{name.replace('.', '/')}/__init__.py" if path is None else self._shown(path)
        self.found[name] = CodeFile(name, shown, text)
        self.size += len(text)
        if len(self.found) > MAX_FILES or self.size > MAX_BYTES:
            self._refuse(
                f"a model's own code must have at most {MAX_FILES} files of {MAX_BYTES:,} "
                f"characters together, {next(iter(self.found.values())).path} imports more; "
                "install them as a package"
            )
        for wanted in _imported(self._parsed(shown, text), name if is_package else _parent(name)):
            self._follow(wanted)

    def _follow(self, name: str) -> None:
        """Add a module and the packages around it, as far as there are files of them."""
        steps = name.split(".")
        if steps[0] in NEVER_OWN:
            return
        for count in range(1, len(steps) + 1):
            own = ".".join(steps[:count])
            if own in self.found:
                continue
            place = self._locate(steps[:count])
            if place is None:
                return
            self.add(own, *place)

    def _locate(self, steps: list[str]) -> tuple[Path | None, bool] | None:
        """The file of a module, and whether it is a package; None where there is none."""
        for root in self.roots:
            base = root.joinpath(*steps)
            if (package := base / "__init__.py").is_file():
                return package, True
            if (module := base.with_name(f"{base.name}.py")).is_file():
                return module, False
        for root in self.roots:
            base = root.joinpath(*steps)
            if base.is_dir() and any(base.glob("*.py")):
                return None, True
        return None

    def _text(self, path: Path) -> str:
        shown = self._shown(path)
        try:
            if not path.is_file():
                what = "is a folder" if path.is_dir() else "there is no such file"
                self._refuse(f"{shown}: {what}")
            if path.stat().st_size > MAX_BYTES:
                self._refuse(f"{shown}: must have at most {MAX_BYTES:,} bytes")
            content = path.read_bytes()
        except OSError as error:
            self._refuse(f"{shown}: cannot be read: {error.strerror}")
        try:
            encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
            text = content.decode(encoding)
        except (SyntaxError, UnicodeDecodeError, LookupError) as error:
            self._refuse(f"{shown}: must be Python's text: {error}")
        return text.replace("\r\n", "\n").replace("\r", "\n")

    def _parsed(self, shown: str, text: str) -> ast.Module:
        try:
            tree = ast.parse(text, shown)
            counted_text(text)
        except SyntaxError as error:
            self._refuse(f"{shown}, line {error.lineno}: {error.msg}")
        except (ValueError, RecursionError, MemoryError, tokenize.TokenError) as error:
            self._refuse(f"{shown}: is not Python: {str(error) or type(error).__name__}")
        return tree

    def _shown(self, path: Path) -> str:
        try:
            return path.relative_to(self.folder).as_posix()
        except ValueError:
            return path.as_posix()

    def _refuse(self, message: str) -> NoReturn:
        raise ModelError(self.key, message) from None


def _parent(name: str) -> str:
    return name.rpartition(".")[0]


def _imported(tree: ast.Module, package: str) -> Iterator[str]:
    """Names of the modules that a text imports, or that it may: `from a import b` names `a.b`.

    Args:
        package: that relative imports start from; empty outside of packages.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                around = package.split(".") if package else []
                kept = around[: max(len(around) - node.level + 1, 0)]
                base = ".".join([*kept, *([base] if base else [])])
            if base:
                yield base
            yield from (f"{base}.{a.name}".strip(".") for a in node.names if a.name != "*")
