"""Problems of a config, their places, and suggestions for misspelt names."""

import difflib
from collections.abc import Collection, Iterable
from dataclasses import dataclass

_PRINTED = 60
_LISTED_NAMES = 24
"""How many known names a message lists where none is near."""
_PRINTED_BITS = 4_000  # Python refuses to print integers of more than 4,300 digits

Path = tuple[str | int, ...]
"""Where something stands in a config: keys and list positions from the top."""


@dataclass(frozen=True, order=True)
class Place:
    """A spot in a file (line and column from 1), or an option of the command line (line 0)."""

    line: int
    column: int
    source: str

    def __str__(self) -> str:
        return f"{self.source}:{self.line}:{self.column}" if self.line else self.source


@dataclass(frozen=True)
class Problem:
    """One broken rule: where, which key, and the rule followed by the value."""

    path: Path
    message: str
    at_key: bool = False
    """Whether the key itself is at fault rather than its value."""


def dotted(path: Path) -> str:
    """A path as it is typed on the command line: `model.layers.0.Dense.units`."""
    return ".".join(map(str, path))


def shown(value: object) -> str:
    """A value as messages name it, cut to a length that a terminal can hold."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f"the text '{_cut(value)}'"
    if isinstance(value, dict):
        return "a mapping" if value else "an empty mapping"
    if isinstance(value, list | tuple):
        return "a list" if value else "an empty list"
    if isinstance(value, int) and value.bit_length() > _PRINTED_BITS:
        return "a number of very many digits"
    return _cut(f"{value}")


def _cut(text: str) -> str:
    return text if len(text) <= _PRINTED else f"{text[: _PRINTED - 1]}…"


def did_you_mean(name: object, known: Iterable[str]) -> str:
    """`; did you mean 'x'?` where a known name is near, else an empty text."""
    by_folded = {candidate.lower(): candidate for candidate in known}
    if len(str(name)) > _PRINTED:
        return ""
    near = difflib.get_close_matches(str(name).lower(), by_folded, n=1, cutoff=0.6)
    return f"; did you mean '{by_folded[near[0]]}'?" if near else ""


def unknown(what: str, name: str, known: Collection[str]) -> str:
    """That there is no such thing: with a near name, else with what there is unless it is much."""
    suggestion = did_you_mean(name, known)
    if suggestion or len(known) > _LISTED_NAMES:
        return f"there is no {what} '{name}'{suggestion}"
    return f"there is no {what} '{name}'; known are {', '.join(sorted(known))}"
