"""From the first digits of an id, as a person types them, to the whole id."""

import re
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path

from regcli.errors import UsageError

SHORTEST = 4
"""Digits that a prefix has at least."""

_PREFIX = re.compile(rf"[0-9a-f]{{{SHORTEST},}}")
_SHOWN = 10


class UnknownRunError(UsageError):
    """A text names no run.

    Attributes:
        near: the id that comes nearest; None where none comes near.
    """

    def __init__(self, message: str, near: str | None = None) -> None:
        super().__init__(message)
        self.near = near


def check_prefix(prefix: str) -> None:
    """Refuse what cannot begin an id.

    Raises:
        UnknownRunError: fewer than four hex digits.
    """
    if not _PREFIX.fullmatch(prefix):
        raise UnknownRunError(
            f"A run is named by its id or by at least {SHORTEST} of its first hex digits, got "
            f"{prefix!r}; 'regcli runs list' shows the ids."
        )


def only_match(prefix: str, matches: Sequence[str]) -> str:
    """The single id among `matches`.

    Raises:
        UsageError: there are several; it lists them.
    """
    if len(matches) == 1:
        return matches[0]
    more = f" and {len(matches) - _SHOWN} more" if len(matches) > _SHOWN else ""
    raise UsageError(
        f"{prefix!r} begins {len(matches)} ids: {', '.join(matches[:_SHOWN])}{more}; "
        f"give more digits."
    )


def no_match(prefix: str, ids: Sequence[str], folder: Path) -> UnknownRunError:
    """The error for a prefix that begins no id, with the id that comes nearest."""
    by_beginning = {run_id[: len(prefix)]: run_id for run_id in ids}
    found = get_close_matches(prefix, by_beginning, n=1, cutoff=0.7)
    near = by_beginning[found[0]] if found else None
    hint = f"did you mean {near}?" if near else "'regcli runs list' shows the ids."
    return UnknownRunError(
        f"No run in {folder} has an id that begins with {prefix!r}; {hint}", near
    )
