"""A person's `.keras` file, checked before Keras sees any of it."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from regcli.errors import KerasFileError
from regcli.keras_files.architecture_check import Architecture, check_architecture
from regcli.keras_files.config_json import parse_config
from regcli.keras_files.keras_archive import LARGEST_FILE, read_members
from regcli.keras_files.other_formats import check_name
from regcli.keras_files.refused import SAVE_AGAIN, Refused


@dataclass(frozen=True)
class KerasFile:
    """A `.keras` file whose architecture is allowed; no code of it has run.

    Attributes:
        path: where it was read.
        architecture: what Keras is given.
        weights: the member model.weights.h5. It is checked when weights are asked for, because
            HDF5 is a format that only a large library reads.
        custom: classes and functions by registered name that were allowed beside Keras's own.
    """

    path: Path
    architecture: Architecture
    weights: bytes = field(repr=False)
    custom: Mapping[str, Any] = field(default_factory=dict)

    @property
    def architecture_fingerprint(self) -> str:
        """Hash of the architecture: equal for files of equal models, however they were compiled."""
        return sha256(self.architecture.text.encode()).hexdigest()

    @property
    def weights_fingerprint(self) -> str:
        """Hash of the file of weights, byte by byte: an optimizer's numbers in it count too."""
        return sha256(self.weights).hexdigest()


def read_keras_file(path: Path, custom: Mapping[str, Any] | None = None) -> KerasFile:
    """Read and check a `.keras` file, without TensorFlow and Keras.

    Args:
        path: the file. It is read once: what was checked is what is used.
        custom: classes and functions that the person allowed, by registered name
            (`package>Name`).

    Raises:
        KerasFileError: the file cannot be read, or is refused; one line with the file, the place,
            the rule and what to do.
    """
    allowed = dict(custom or {})
    try:
        members = read_members(_content(path))
        architecture = check_architecture(parse_config(members.config), allowed.keys())
    except Refused as error:
        raise KerasFileError(f"{path}: {error}") from error
    except OSError as error:
        raise KerasFileError(f"{path}: cannot be read: {error.strerror or error}") from error
    return KerasFile(path, architecture, members.weights, allowed)


def _content(path: Path) -> bytes:
    check_name(path)
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        if size > LARGEST_FILE:
            raise Refused(
                f"must have at most {LARGEST_FILE:,} bytes; it has {size:,}; {SAVE_AGAIN}"
            )
        return file.read(size)
