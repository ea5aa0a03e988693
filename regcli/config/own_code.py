"""A person's own code as plain data: the file that a config names, and the files that it imports.

The texts travel with the config, so that what is run is what the run's id was made from, in any
process, and can be kept with the run.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from regcli.config.code_text import counted_text
from regcli.errors import ModelError

FINGERPRINT_DIGITS = 12
PYTHON = ("model", "python")
"""The key that names a person's code."""
ALLOWING = "REGCLI_ALLOW_CODE"
"""The variable that allows to run a person's code."""
HOW_TO_ALLOW = f"set {ALLOWING}=1"
_YES = frozenset({"1", "true", "yes", "on"})


def allowed_by(environment: Mapping[str, str]) -> bool:
    """Whether variables of the environment allow to run a person's code."""
    return environment.get(ALLOWING, "").lower() in _YES


@dataclass(frozen=True)
class CodeFile:
    """One module.

    Attributes:
        name: by which the others import it: `parts.blocks`.
        path: as messages name it, from the config's folder on: `parts/blocks.py`.
    """

    name: str
    path: str
    text: str


@dataclass(frozen=True)
class OwnCode:
    """The modules of a person's code.

    Attributes:
        files: the one that the config names first, the others by name.
        folder: where they were read; empty for code that was stored with a run.
        is_allowed: whether it may be run; else it is only read.
    """

    files: tuple[CodeFile, ...]
    folder: str = ""
    is_allowed: bool = False

    @property
    def entry(self) -> CodeFile:
        """The file that the config names."""
        return self.files[0]

    @property
    def fingerprint(self) -> str:
        """The first 12 hex digits of the SHA-256 of what counts of the texts; no path does."""
        return _fingerprint(self.files)

    def as_plain(self) -> dict[str, Any]:
        """As the store keeps it."""
        return {"files": [[file.name, file.path, file.text] for file in self.files]}

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any], is_allowed: bool) -> "OwnCode":
        """The code that `as_plain` gave.

        Raises:
            ValueError: it is something else.
        """
        try:
            files = tuple(CodeFile(*map(str, file)) for file in plain["files"])
        except (KeyError, TypeError) as error:
            raise ValueError("not the code of a model") from error
        if not files:
            raise ValueError("not the code of a model")
        return cls(files, "", is_allowed)


def _fingerprint(files: tuple[CodeFile, ...]) -> str:
    entry, *others = files
    counted = [["", counted_text(entry.text)]]
    counted += sorted([file.name, counted_text(file.text)] for file in others)
    text = json.dumps(counted, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:FINGERPRINT_DIGITS]


def require_allowed(code: OwnCode) -> None:
    """Check that a person's code may be run.

    Raises:
        ModelError: it may not; says how to allow it.
    """
    if not code.is_allowed:
        stored = "" if code.folder else ", as it was stored with the run,"
        raise ModelError(
            PYTHON,
            f"{code.entry.path}{stored} is a program, and runs only where that is allowed; to "
            f"allow it, {HOW_TO_ALLOW}",
        )
