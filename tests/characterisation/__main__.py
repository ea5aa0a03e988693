"""Write golden files anew: `python -m tests.characterisation ids screens`."""

import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from . import documents, golden, plans, screens

GROUPS: Mapping[str, Callable[[Path], Mapping[str, str]]] = {
    "ids": plans.ids,
    "plans": plans.plans,
    "screens": screens.screens,
    "stored-screens": screens.stored_screens,
    "documents": documents.documents,
}


def main(groups: list[str]) -> None:
    """Write the groups that are named."""
    unknown = [group for group in groups if group not in GROUPS]
    if unknown or not groups:
        sys.exit(f"name some of {', '.join(GROUPS)}, got {' '.join(unknown) or 'none'}")
    for group in groups:
        with tempfile.TemporaryDirectory() as folder:
            texts = GROUPS[group](Path(folder))
        golden.write(group, texts)
        sys.stderr.write(f"wrote {len(texts)} files of {group}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
