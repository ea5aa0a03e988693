"""Names and values from a person's file as messages show them: short, on one line, harmless."""

import unicodedata
from collections.abc import Iterable, Sequence

from regcli.config.problems import did_you_mean
from regcli.one_line import shortened

_LONGEST = 60
_NAMED = 8
_GROUPED, _POWERS = 10_000, 1e15
"""From where thousands are set apart, and from where a number is written with a power of ten."""


def quoted(value: object) -> str:
    """A name or value in quotes, with escapes for what a terminal would obey or not show."""
    return repr(shortened(str(value), _LONGEST))


def number_text(value: float) -> str:
    """A number as people write it: 2003, 12,345 or 0.6548."""
    if not _GROUPED <= abs(value) < _POWERS:
        return f"{value:.0f}" if value.is_integer() and abs(value) < _POWERS else f"{value:.4g}"
    return f"{value:,.0f}"


def listed(names: Sequence[str], most: int = _NAMED) -> str:
    """The first names in quotes, and `…` where there are more."""
    more = ", …" if len(names) > most else ""
    return f"{', '.join(map(quoted, names[:most]))}{more}"


def nearest(name: str, known: Iterable[str]) -> str:
    """`; did you mean 'x'?`, where x is near; says so where the two only look the same."""
    names = list(known)
    twin = next((other for other in names if _looks(other) == _looks(name)), None)
    if twin is not None and twin.casefold() != name.casefold():
        return f"; it has {twin!a}, which only looks the same: it is made of other characters"
    return did_you_mean(name, names)


def _looks(name: str) -> str:
    """A key that is the same for names that look alike on a screen."""
    folded = unicodedata.normalize("NFKC", name)
    seen = (c for c in folded if unicodedata.category(c) not in ("Cf", "Cc"))
    return " ".join("".join(seen).split()).casefold()
