"""Problems of a config, their places, and suggestions for misspelt names."""

import difflib
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from regcli.one_line import shortened

_PRINTED = 60
_SHORT = 4
_LISTED_NAMES = 24
"""How many known names a message lists where none is similar."""
_PRINTED_BITS = 4_000  # Python refuses to print integers of more than 4,300 digits

Path = tuple[str | int, ...]
"""The position of something in a config: keys and list positions from the top."""


@dataclass(frozen=True, order=True)
class Place:
    """A spot in a file (line and column from 1); or an option, or a mapping (line 0)."""

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
    """Whether the key is wrong rather than its value."""
    about: tuple[Path, ...] = ()
    """The keys that a rule joins; if an option of the command set one, that option is the place."""


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
        return f"the text '{shortened(value, _PRINTED)}'"
    if isinstance(value, dict):
        return "a mapping" if value else "an empty mapping"
    if isinstance(value, list | tuple):
        return "a list" if value else "an empty list"
    if isinstance(value, int) and value.bit_length() > _PRINTED_BITS:
        return "a number of very many digits"
    return shortened(f"{value}", _PRINTED)


def bound_text(number: float) -> str:
    """A bound in full: `2,147,483,647`, `0.5`."""
    return f"{int(number):,}" if float(number).is_integer() else f"{number:g}"


_MEANINGS = {
    "batch": "batch_size",
    "lr": "learning_rate",
    "loss": "data_loss",
    "regularizer": "regularization",
    "val_loss": "validation.data_loss",
    "val_accuracy": "validation.accuracy",
    "weight": "class_weight",
}
"""Names that other tools use, where the spelling differs; metrics have their own such names."""


def did_you_mean(name: object, known: Iterable[str]) -> str:
    """`; did you mean 'x'?` where a known name is near, else an empty text."""
    text, candidates = str(name), list(known)
    if len(text) > _PRINTED:
        return ""
    for candidate in candidates:
        if composed(text) == composed(candidate) and text != candidate:
            return f"; '{candidate}' has another Unicode form: copy that name"
    found = _near(text, candidates)
    return f"; did you mean '{found}'?" if found else ""


def composed(name: str) -> str:
    """A name in Unicode's composed form: `ö` may be stored as one character or as `o` and dots."""
    return unicodedata.normalize("NFC", name)


def _near(name: str, known: Sequence[str]) -> str | None:
    """The known name that is probably meant: by its meaning, else by its spelling.

    Dotted names are compared part by part: `validation.auc` is as far from `validation.mae` as
    `auc` is from `mae`.
    """
    from regcli.metrics.registry import MEANINGS  # not needed by `--help`

    meanings = {**MEANINGS, **_MEANINGS}
    head, dot, last = name.rpartition(".")
    for meant in (meanings.get(name.lower()), f"{head}{dot}{meanings.get(last.lower())}"):
        if meant in known:
            return meant
    beside = [other for other in known if dot and other.startswith(f"{head}.")]
    start, word = (len(head) + 1, last) if beside else (0, name)
    by_folded = {other[start:].lower(): other for other in beside or known}
    # In short names one letter changes the meaning: mse is not mae.
    cutoff = 0.7 if len(word) <= _SHORT else 0.6
    near = difflib.get_close_matches(word.lower(), by_folded, n=1, cutoff=cutoff)
    if near:
        return by_folded[near[0]]
    of_validation = f"validation.{meanings.get(name.lower(), name.lower())}"
    return of_validation if of_validation in known else None


def unknown(what: str, name: str, known: Collection[str]) -> str:
    """The message that a name is unknown: with a similar name, else with the known ones if few."""
    suggestion = did_you_mean(name, known)
    if suggestion or len(known) > _LISTED_NAMES:
        return f"there is no {what} '{name}'{suggestion}"
    return f"there is no {what} '{name}'; known: {', '.join(sorted(known))}"
