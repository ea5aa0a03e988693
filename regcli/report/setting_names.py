"""Names of settings as they head a column: the shortest end of a dotted key that is its own."""

from collections.abc import Iterable, Mapping

_TAKEN = ("seed", "fold", "repeat")
"""What tells the runs of a setting apart: no other key may be called so."""


def short_names(keys: Iterable[str]) -> Mapping[str, str]:
    """For each key its last part, or as many parts as tell it from the others.

    A strength of a group of layers has the group's number too: `groups.0.l1`.
    """
    every = list(dict.fromkeys(keys))
    others = list(dict.fromkeys([*every, *_TAKEN]))
    return {key: _shortest(key, others) for key in every}


def _shortest(key: str, others: list[str]) -> str:
    parts = key.split(".")
    if parts[:2] == ["regularization", "groups"] and len(parts) > 2:
        return ".".join(parts[1:])
    for count in range(1, len(parts)):
        end = ".".join(parts[-count:])
        if sum(other == end or other.endswith(f".{end}") for other in others) == 1:
            return end
    return key
