"""A person's `.keras` file as plain data: checked, and what of it counts in the id of a run."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from regcli.config.home import from_home
from regcli.errors import KerasFileError, ModelError
from regcli.keras_files.architecture_check import check_architecture
from regcli.keras_files.config_json import parse_config
from regcli.keras_files.keras_file import KerasFile, read_keras_file
from regcli.keras_files.refused import Refused

KERAS = ("model", "keras")
"""The key that names a file."""
FINGERPRINT_DIGITS = 12


@dataclass(frozen=True)
class OwnFile:
    """A file that a config names.

    Attributes:
        is_stored: whether it is what a store kept of it, which has no weights.
    """

    file: KerasFile
    is_stored: bool = False

    def fingerprint(self, with_weights: bool) -> str:
        """The first 12 hex digits of the SHA-256 of the architecture, and of the weights if asked.

        Of what is stored, that of the architecture alone.
        """
        text = self.file.architecture_fingerprint
        if with_weights:
            text += self.file.weights_fingerprint
        return hashlib.sha256(text.encode()).hexdigest()[:FINGERPRINT_DIGITS]

    def as_plain(self) -> dict[str, Any]:
        """As the store keeps it: without weights, which every run has of its own."""
        return {"architecture": self.file.architecture.text, "bytes": len(self.file.weights)}

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any], name: str) -> "OwnFile":
        """What `as_plain` gave, checked as a file is.

        Raises:
            ValueError: it is something else.
        """
        try:
            architecture = check_architecture(parse_config(plain["architecture"].encode()))
            # As large as the weights were: no architecture may ask for more.
            return cls(KerasFile(Path(name), architecture, bytes(int(plain["bytes"]))), True)
        except (KeyError, TypeError, AttributeError, Refused) as error:
            raise ValueError("not the file of a model") from error


def read_file(name: str, folder: Path) -> OwnFile:
    """A `.keras` file, checked before Keras sees any of it.

    Raises:
        ModelError: it cannot be read, or is refused.
    """
    path = folder / from_home(Path(name))
    try:
        state = path.stat()
        stamp = state.st_mtime_ns, state.st_size
    except OSError:
        stamp = 0, 0  # which is told below
    try:
        return OwnFile(_read(path, stamp))
    except KerasFileError as error:
        message = str(error).replace(f"{path}: ", f"{name}: ", 1)
        raise ModelError(KERAS, message) from None


@lru_cache(maxsize=4)
def _read(path: Path, stamp: tuple[int, int]) -> KerasFile:
    """A file that is read once, however many members of a grid are checked."""
    del stamp
    return read_keras_file(path)
