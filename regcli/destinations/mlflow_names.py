"""Names and texts as MLflow takes them."""

import posixpath
import re
from collections.abc import Iterable

from regcli.one_line import printable, shortened

LONGEST_TEXT = 5000
"""Characters of a tag: what older servers take too."""

LONGEST_PARAMETER = 500
"""Characters of the value of a parameter: what older servers take too."""

_LONGEST_NAME = 250
_REFUSED = re.compile(r"[^/\w.\- ]")


def distinct_names(names: Iterable[str]) -> dict[str, str]:
    """For each name one that MLflow takes for a parameter or a metric; no two are the same."""
    found: dict[str, str] = {}
    for name in names:
        wanted = _taken(name)
        number = 2
        while wanted in found.values():
            wanted = f"{_taken(name)[: _LONGEST_NAME - 10]} {number}"
            number += 1
        found[name] = wanted
    return found


def _taken(name: str) -> str:
    """A name of letters, digits and `/_.- `, which is no path to somewhere else."""
    wanted = posixpath.normpath(_REFUSED.sub("_", name).lstrip("/") or "_")
    wanted = "_" if wanted == "." else wanted.replace("..", "_")
    return wanted[:_LONGEST_NAME].rstrip("/ ")


def one_line(text: object, longest: int) -> str:
    """A text that a database takes, cut where it is too long."""
    return shortened(printable(text), longest)
