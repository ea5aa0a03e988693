"""Pages as files: each is there as a whole or not at all."""

from collections.abc import Mapping
from pathlib import Path

from regcli.whole_files import replacing


def write_files(files: Mapping[Path, str]) -> None:
    """Write texts; what a file had before is replaced.

    Raises:
        OSError: one cannot be written.
    """
    for path, text in files.items():
        with replacing(path) as unfinished:
            unfinished.write_text(text, encoding="utf-8", errors="backslashreplace")
